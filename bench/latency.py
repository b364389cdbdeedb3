"""(f) Latency: from a line written into alerts.json to its alert on the datagram socket, by the real service."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import quantiles

from bench import feeder, processes, running, wrk
from bench.drain import drain
from bench.events import kind, short
from bench.lines import Mix, domain
from bench.plan import Plan
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
    window: int = 4  # seconds: counts are laid down about as often under load, and a window is to show that
    saturated: bool = False


_LOADS = (
    _Load(IDLE, 20, 0.05, 1.0, window=3),
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
    window = plan.size(load.window, 1)
    mix = Mix(size, 500, new=load.new)
    schedule, news = feeder.prepare(plan, mix, rate=load.rate, every=load.every, seconds=window * (plan.runs + 1))
    with drain(plan.sockets, plan.scratch / "came") as queue:
        sections = running.between(schedule.alerts, queue.path, name=_SOURCE)
        with running.firstsight(plan, kind(size, 500), sections=sections) as server:
            running.learnt(plan, _SOURCE)
            at_start, cpu, began = server.rss_mb(), server.cpu(), time.monotonic()
            with (
                _saturating(plan, server, size, window * (plan.runs + 1))
                if load.saturated
                else contextlib.nullcontext(),
                feeder.feeding(plan, schedule) as feeding,
            ):
                feeding.wait()
            share = 100 * (server.cpu() - cpu) / (time.monotonic() - began)
            server.settle()
            at_end = server.rss_mb()
        if "learning_ended" in running.log(plan):
            raise processes.Trouble("A learning report was written while latency was measured: see running.learnt.")
        waits = feeder.waits(schedule, news, queue.came())
    windows: list[list[float]] = [[] for _ in range(plan.runs + 1)]
    for (chunk, _), wait in zip(news, waits, strict=True):
        windows[int(chunk * load.every / window)].append(wait)
    for waited in windows[1:]:
        cuts = quantiles(waited, n=100, method="inclusive")
        row.add({P50: cuts[49], P99: cuts[98], MOST: max(waited)})
    row.add({"% of a core, all in": share, "MB resident at start": at_start, RESIDENT: at_end})
    return row


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
