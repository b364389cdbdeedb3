"""Writes alert lines at a steady rate, as a Wazuh manager does; a process of its own.

`python -m bench.feeder PLAN`, PLAN a file of JSON. Each chunk is due at its time whatever became of the one before.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench import processes
from bench.lines import Mix
from bench.plan import CHECKOUT, Plan

News = list[tuple[int, str]]
"""Which chunk asks for which new domain."""


class Schedule(msgspec.Struct):
    """What to write.

    Attributes:
        lines: the file that holds the lines.
        alerts: the file they are appended to.
        times: file for the times at which chunks were written (CLOCK_MONOTONIC, seconds).
        chunks: bytes of each chunk.
        every: seconds between chunks.
    """

    lines: str
    alerts: str
    times: str
    chunks: list[int]
    every: float


def write(schedule: Schedule) -> None:
    """Write it all; a chunk's time is the one just before it is written."""
    times = []
    with Path(schedule.lines).open("rb") as lines, Path(schedule.alerts).open("ab", buffering=0) as alerts:
        start = time.monotonic() + 0.1
        for n, size in enumerate(schedule.chunks):
            data = lines.read(size)
            time.sleep(max(0.0, start + n * schedule.every - time.monotonic()))
            times.append(time.monotonic())
            alerts.write(data)
    Path(schedule.times).write_bytes(msgspec.json.encode(times))


def prepare(plan: Plan, mix: Mix, *, rate: int, every: float, seconds: int) -> tuple[Schedule, News]:
    """The lines of a run, cut into chunks.

    Args:
        plan: of this run.
        mix: what is asked for.
        rate: lines a second.
        every: seconds between chunks.
        seconds: how long they last.
    """
    lines, alerts = plan.scratch / "lines.json", plan.scratch / "alerts.json"
    alerts.write_bytes(b"")
    each = round(rate * every)
    chunks: list[int] = []
    news = []
    with lines.open("wb") as file:
        for n, (line, new) in enumerate(mix.events(rate * seconds)):
            if n % each == 0:
                chunks.append(0)
            chunks[-1] += file.write(line)
            if new:
                news.append((n // each, new))
    os.sync()
    return Schedule(str(lines), str(alerts), str(plan.scratch / "times.json"), chunks, every), news


@contextlib.contextmanager
def feeding(plan: Plan, schedule: Schedule) -> Iterator["subprocess.Popen[bytes]"]:
    """Lines are written while the block lasts; the process ends when all are.

    Raises:
        Trouble: it failed.
    """
    path, log = plan.scratch / "schedule.json", plan.scratch / "feeder.log"
    path.write_bytes(msgspec.json.encode(schedule))
    with processes.process([sys.executable, "-m", "bench.feeder", path], log, folder=CHECKOUT) as popen:
        yield popen
        if popen.poll():
            raise processes.Trouble(f"The bench's lines could not be written:\n{log.read_text()}")


def waits(schedule: Schedule, news: News, came: Sequence[tuple[float, str]]) -> list[float]:
    """How long each alert took from just before its line was written, ms; the files of lines go.

    Args:
        schedule: what was written.
        news: what of it had to alert.
        came: what came out, and when.

    Raises:
        Trouble: an alert is missing.
    """
    first = {name: at for at, name in reversed(came)}
    missing = sum(name not in first for _, name in news)
    if missing:
        raise processes.Trouble(f"{missing} of {len(news)} alerts never came.")
    times = msgspec.json.decode(Path(schedule.times).read_bytes(), type=list[float])
    for file in (schedule.lines, schedule.alerts):
        Path(file).unlink()
    return [(first[name] - times[chunk]) * 1e3 for chunk, name in news]


if __name__ == "__main__":
    write(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Schedule))
