"""(f) Latency: from a line written into alerts.json to its alert on the datagram socket, by the real service."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from statistics import quantiles

import msgspec

from bench import processes, running, wrk
from bench.drain import drain
from bench.events import kind, short
from bench.feeder import Schedule
from bench.lines import Mix, domain
from bench.plan import CHECKOUT, Plan
from bench.running import Server
from bench.table import Row, Rows

PART = "f latency"
_SOURCE = "bench"
IDLE, BUSY = "20 events a second", "10,000 events a second"
SATURATED = f"{BUSY}, HTTP saturated"
P50, P99, MOST, RESIDENT = "ms p50", "ms p99", "ms at most", "MB resident afterwards"


@dataclass(frozen=True, slots=True)
class _Load:
    case: str
    rate: int  # lines a second
    every: float  # seconds between chunks
    new: float
    saturated: bool = False


_LOADS = (
    _Load(IDLE, 20, 0.05, 1.0),
    _Load(BUSY, 10_000, 0.01, 0.01),
    _Load(SATURATED, 10_000, 0.01, 0.01, saturated=True),
)


def case(load: str, domains: int) -> str:
    """A case's name."""
    return f"{load}, {short(domains)} domains"


def measure(plan: Plan) -> Rows:
    """Each load on a service of its own: one window to warm it up, then one for each run."""
    wrk.there()
    return Rows(_measure(plan, load, size) for size in plan.large for load in _LOADS)


def _measure(plan: Plan, load: _Load, size: int) -> Row:
    row = Row(PART, case(load.case, size), "firstsight")
    window = plan.size(5, 1)
    schedule, news = _write(plan, load, size, window * (plan.runs + 1))
    sections = {"[[sources]]": f'type = "wazuh"\npath = "{schedule.alerts}"\nfrom = "start"\nname = "{_SOURCE}"'}
    with drain(plan.sockets, plan.scratch / "came") as queue:
        sections["wazuh"] = f'queue = "{queue.path}"'
        with running.firstsight(plan, kind(size, 500), sections=sections) as server:
            _learnt_long_ago(plan)
            at_start, cpu, began = server.rss_mb(), server.cpu(), time.monotonic()
            with (
                _saturating(plan, server, size, window * (plan.runs + 1))
                if load.saturated
                else contextlib.nullcontext()
            ):
                _feed(plan, schedule)
            share = 100 * (server.cpu() - cpu) / (time.monotonic() - began)
            server.settle()
            at_end = server.rss_mb()
        if "learning_ended" in running.log(plan):
            raise processes.Trouble("A learning report was written while latency was measured: see _learnt_long_ago.")
        came = {name: at for at, name in reversed(queue.came())}  # the first time counts
    times = msgspec.json.decode(Path(schedule.times).read_bytes(), type=list[float])
    missing = sum(name not in came for _, name in news)
    if missing:
        raise processes.Trouble(f"{missing} of {len(news)} alerts never came ({row.case}).")
    windows: list[list[float]] = [[] for _ in range(plan.runs + 1)]
    for chunk, name in news:
        windows[int(chunk * load.every / window)].append((came[name] - times[chunk]) * 1e3)
    for waits in windows[1:]:
        cuts = quantiles(waits, n=100, method="inclusive")
        row.add({P50: cuts[49], P99: cuts[98], MOST: max(waits)})
    row.add({"% of a core, all in": share, "MB resident at start": at_start, RESIDENT: at_end})
    for file in (schedule.lines, schedule.alerts):
        Path(file).unlink()
    return row


def _learnt_long_ago(plan: Plan) -> None:
    """The report of a learning period is written once, and would be written while we measure: it is there already."""
    name = f"learning-report-{blake2b(_SOURCE.encode(), digest_size=4).hexdigest()}.json"
    (running.folder(plan) / name).write_text("{}")


def _write(plan: Plan, load: _Load, size: int, seconds: int) -> tuple[Schedule, list[tuple[int, str]]]:
    """The lines of a run, cut into chunks; and which chunk asks for which new domain."""
    lines, alerts = plan.scratch / "lines.json", plan.scratch / "alerts.json"
    alerts.touch()
    each = round(load.rate * load.every)
    chunks: list[int] = []
    news = []
    with lines.open("wb") as file:
        for n, (line, new) in enumerate(Mix(size, 500, new=load.new).events(load.rate * seconds)):
            if n % each == 0:
                chunks.append(0)
            chunks[-1] += file.write(line)
            if new:
                news.append((n // each, new))
    os.sync()
    return Schedule(str(lines), str(alerts), str(plan.scratch / "times.json"), chunks, load.every), news


def _feed(plan: Plan, schedule: Schedule) -> None:
    path = plan.scratch / "schedule.json"
    path.write_bytes(msgspec.json.encode(schedule))
    processes.run([sys.executable, "-m", "bench.feeder", path], folder=CHECKOUT)


@contextlib.contextmanager
def _saturating(plan: Plan, server: Server, size: int, seconds: int) -> Iterator[None]:
    """32 connections that ask for known names without pause while the block lasts."""
    names = plan.scratch / "known.txt"
    names.write_text("".join(f"{domain(i)}\n" for i in range(1, min(size, 100_000) + 1)))
    command = wrk.command(server.port, "random", names, seconds + 60)
    with processes.process(command, plan.scratch / "wrk.log") as load:
        yield
        if load.poll() is not None:
            raise processes.Trouble("wrk ended before the lines did: HTTP was not saturated.")
