"""Writes alert lines at a steady rate, as a Wazuh manager does; a process of its own.

`python -m bench.feeder PLAN`, PLAN a file of JSON. Each chunk is due at its time whatever became of the one before.
"""

import sys
import time
from pathlib import Path

import msgspec


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


if __name__ == "__main__":
    write(msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Schedule))
