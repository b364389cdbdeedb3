"""What must be shown ("must / aim"), and how it follows from the rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bench import events, growth, hanging, latency, machine, pages, peer, script, start, store, web, wrk
from bench.lines import CORE
from bench.table import Rows, figure

_M = 1_000_000
_SLOW_DISK = 500  # fsyncs a second: one takes more than 2 ms


@dataclass(frozen=True, slots=True)
class Target:
    """One demand.

    Attributes:
        what: what is measured.
        unit: of all three figures.
        must: what has to be reached.
        aim: what is wished for.
        better: whether more or less of it is.
        values: one value a run; empty where it was not measured.
        needs: the run of the bench that measures it.
    """

    what: str
    unit: str
    must: float
    aim: float
    better: Literal["more", "less"]
    values: Callable[[Rows], list[float]]
    needs: str = "make bench"

    def verdict(self, rows: Rows) -> str:
        """Whether the median reaches it."""
        values = self.values(rows)
        if not values:
            return f"not measured; `{self.needs}`"
        found = figure(values).median
        met = [found >= bound if self.better == "more" else found <= bound for bound in (self.must, self.aim)]
        return "aim" if met[1] else "must" if met[0] else "**missed**"


def targets() -> list[Target]:
    """All of them, in the issue's order."""
    return [*_events(), *_latency(), *_growth(), *_room(), *_pages(), *_http(), _help(), *_script()]


def _events() -> Iterator[Target]:
    wanted = (
        (100_000, 500, "1 % new", 60_000, 90_000),
        (100_000, 500, "5 % new", 45_000, 75_000),
        (100_000, 500, "1 % new, 10 % new pairs", 45_000, 75_000),
        (10 * _M, 50_000, "1 % new", 20_000, 40_000),
    )
    for domains, agents, rest, must, aim in wanted:
        case = events.name(domains, agents, rest)
        yield Target(
            f"events: {case}", events.PER_CPU_SECOND, must, aim, "more",
            _of(case, events.PER_CPU_SECOND), _needs(domains),
        )  # fmt: skip


def _latency() -> Iterator[Target]:
    for size in (_M, 10 * _M):
        for load in (latency.BUSY, latency.SATURATED):
            case = latency.case(load, size)
            yield Target(
                f"latency: {case}", latency.P99, 150, 60, "less",
                _of(case, latency.P99), _needs(size),
            )  # fmt: skip


def _growth() -> Iterator[Target]:
    for size in (_M, 10 * _M):
        for name, must, aim in ((growth.same, 1.25, 1.1), (growth.zipf, 2.0, 1.5)):
            yield Target(
                f"growth: {name(size)}", f"times the CPU of {events.short(CORE)}", must, aim, "less",
                _ratio((name(size), events.CPU), (name(CORE), events.CPU)),
                _needs(size),
            )  # fmt: skip


def _room() -> Iterator[Target]:
    for size, agents in ((_M, 500), (10 * _M, 50_000)):
        case = store.disk(size, agents)
        for unit, must, aim in ((store.DOMAIN, 60, 48), (store.PAIR, 32, 27)):
            yield Target(case, unit, must, aim, "less", _of(case, unit), _needs(size))
    for size in (_M, 10 * _M):
        case = latency.case(latency.BUSY, size)
        yield Target(
            f"memory: after {case}", "MB resident", 300, 220, "less",
            _of(case, latency.RESIDENT), _needs(size),
        )  # fmt: skip
    for size in (_M, 10 * _M):
        yield Target(
            start.ready(size), start.READY, 1.0, 0.5, "less",
            _of(start.ready(size), start.READY), _needs(size),
        )  # fmt: skip


def _pages() -> Iterator[Target]:
    wanted = ((pages.OVERVIEW, 300), (pages.DOMAIN, 300), *((case, 500) for case in pages.FILTERS), (pages.EXPORT, 500))
    for alerts, needs in ((100_000, "make bench"), (_M, "make bench FULL=1")):
        for what, must in wanted:
            case = pages.case(what, alerts)
            yield Target(f"pages: {case}", pages.P95, must, must / 2, "less", _of(case, pages.P95), needs)


def _http() -> Iterator[Target]:
    yield Target("HTTP: known names", "times Domain Stats", 8, 10, "more", _beside(web.CACHED, wrk.REQUESTS))
    yield Target(
        "HTTP: known names, CPU a request", "of Domain Stats'", 1 / 11, 1 / 14, "less", _beside(web.CACHED, wrk.CPU)
    )
    yield Target(
        "HTTP: known names", "of the bare hello", 0.65, 0.8, "more",
        _beside(web.CACHED, wrk.REQUESTS, "bare hello"),
    )  # fmt: skip
    yield Target("HTTP: known names", wrk.P99, 4, 2, "less", _of(web.CACHED, wrk.P99))
    yield Target(
        "HTTP: new host names", "of known names", 0.85, 0.95, "more",
        _ratio((web.BELOW, wrk.REQUESTS), (web.CACHED, wrk.REQUESTS)),
    )  # fmt: skip
    yield Target(
        "HTTP: first contact, durable", wrk.REQUESTS, 4_000, 8_000, "more",
        lambda rows: [] if _slow_disk(rows) else rows.values(web.FIRST, wrk.REQUESTS),
        "a disk with more than 500 fsyncs a second",
    )  # fmt: skip
    yield Target("HTTP: first contact", "times Domain Stats", 150, 300, "more", _beside(web.FIRST, wrk.REQUESTS))
    yield Target(
        f"HTTP: {hanging.CASE}", wrk.P999, 50, 50, "less", _of(hanging.CASE, wrk.P999)
    )  # fmt: skip


def _help() -> Target:
    return Target(start.HELP, "seconds", 0.3, 0.3, "less", _of(start.HELP, "seconds"))


def _script() -> Iterator[Target]:
    for case in (script.UP, script.HANGING, script.ERROR, script.DOWN):
        yield Target(f"the node's script: {case}", script.SLOWEST, 1.2, 1.2, "less", _of(case, script.SLOWEST))


def _slow_disk(rows: Rows) -> bool:
    syncs = rows.values(machine.DISK, machine.SYNCS, "machine")
    return bool(syncs) and figure(syncs).median < _SLOW_DISK


_Which = tuple[str, str]  # case, unit


def _of(case: str, unit: str) -> Callable[[Rows], list[float]]:
    return lambda rows: rows.values(case, unit)


def _beside(case: str, unit: str, whom: str = peer.NAME) -> Callable[[Rows], list[float]]:
    return lambda rows: _over(rows.values(case, unit), rows.values(case, unit, whom))


def _ratio(ours: _Which, theirs: _Which) -> Callable[[Rows], list[float]]:
    return lambda rows: _over(rows.values(*ours), rows.values(*theirs))


def _over(ours: list[float], theirs: list[float]) -> list[float]:
    """Run by run, ours over theirs: both were measured in the same turn."""
    return [mine / other for mine, other in zip(ours, theirs, strict=False) if other]


def _needs(size: int) -> str:
    return "make bench FULL=1" if size > _M else "make bench"
