"""(c) The store: what observing costs without anything around it, and what a domain and a pair take on disk."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from bench import stores
from bench.events import kind, short
from bench.feed import BenchClock
from bench.lines import FIRST_NEW, MANAGER, NOON, OWN, agent_name, domain, own
from bench.plan import Plan
from bench.table import Row, Rows
from firstsight import tables
from firstsight.core.events import Agent, Batch, DnsEvent, Record, Status
from firstsight.core.names import Name, NameParser
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore

PART = "c store"
DOMAIN, PAIR = "bytes a domain", "bytes a pair"
_BATCH = 500
_Asked = tuple[int, int]  # domain, agent


def measure(plan: Plan) -> Rows:
    """Observing in stores of each size, then disk."""
    rows = Rows()
    parser = tables.name_parser([])
    for size in plan.large:
        rows += _observing(plan, parser, size)
    rows += [_loaded(kind(size, 500)) for size in plan.large]
    if plan.full:
        rows.append(_loaded(kind(10_000_000, 50_000)))
    rows.append(_arrived(plan, parser))
    return rows


def _observing(plan: Plan, parser: NameParser, size: int) -> Rows:
    count = plan.size(50_000, 5_000)
    rng = Random(size)
    agents = kind(size, 500).agents
    some = [(own(size, agent, k), agent) for agent, k in _drawn(rng, agents, count // 5)]
    others = [(own(size, agent, k), agent) for agent, k in _drawn(rng, agents, count)]
    new = [(FIRST_NEW + n, n % agents + 1) for n in range(count)]
    series: list[tuple[str, list[_Asked], list[_Asked]]] = [
        ("known, at hand", some, some * 5),
        ("known, in the file", [], others),
        ("new", [], new),
    ]
    rows = Rows(Row(PART, f"observe, {short(size)} domains, {case}", "firstsight") for case, _, _ in series)
    for _ in range(plan.runs):
        for row, (_, before, asked) in zip(rows, series, strict=True):
            path = stores.copy(kind(size, 500), plan.scratch / "store.db")
            warm, measured = list(_batches(before)), list(_batches(asked, number=1_000_000))
            took = _observe(path, parser, warm, measured)
            row.add({"events/s of one core": len(asked) / took, "CPU µs/event": took / len(asked) * 1e6})
    return rows


def _drawn(rng: Random, agents: int, count: int) -> Iterator[tuple[int, int]]:
    return ((rng.randint(1, agents), rng.randrange(OWN)) for _ in range(count))


def _batches(asked: list[_Asked], number: int = 1) -> Iterator[Batch]:
    """Batches as a source makes them."""
    for at in range(0, len(asked), _BATCH):
        part = asked[at : at + _BATCH]
        events = [
            DnsEvent(
                name=domain(i),
                time=NOON,
                status=Status.ANSWERED,
                agent=Agent(MANAGER, agent_name(agent)),
                record=Record(agent_name(agent), number + at + n, NOON),
            )
            for n, (i, agent) in enumerate(part)
        ]
        yield Batch("bench", len(events), {}, events, str(at))


def _observe(path: Path, parser: NameParser, warm: Sequence[Batch], batches: Sequence[Batch]) -> float:
    """CPU seconds that batches take, with what they need of their names parsed and what they leave written."""
    known = {event.name: parser.parse(event.name) for batch in (*warm, *batches) for event in batch.events}

    def parse_all(raw: Sequence[str | None]) -> list[Name]:
        return [known[name] for name in raw]

    store = SqliteStore(path, BenchClock())
    try:
        for batch in warm:
            store.take(batch, parse_all, lambda _, __: Changes())
        store.flush()
        start = time.process_time()
        for batch in batches:
            store.take(batch, parse_all, lambda _, __: Changes())
            store.step(NOON)
        store.flush()
        return time.process_time() - start
    finally:
        store.close()


def disk(domains: int, agents: int) -> str:
    """A case's name."""
    return f"disk: {short(domains)} domains, {agents:,} agents, loaded in key order"


def _loaded(wanted: stores.Kind) -> Row:
    return _measured(disk(wanted.domains, wanted.agents), stores.store(wanted), wanted.domains)


def _arrived(plan: Plan, parser: NameParser) -> Row:
    path = plan.scratch / "arrived.db"
    count = plan.size(100_000, 5_000)
    rng = Random(count)
    asked = [(i, rng.randint(1, 500)) for i in range(1, count + 1) for _ in range(2)]
    _observe(path, parser, [], list(_batches(asked)))
    return _measured(f"disk: {short(count)} domains, in order of arrival", path, count)


def _measured(case: str, path: Path, domains: int) -> Row:
    """What the two tables that grow take; host names and alerts are apart."""
    row = Row(PART, case, "firstsight")
    size = stores.sizes(path)
    pairs = stores.count(path, "sighting")
    row.add({DOMAIN: size["domain"] / domains, PAIR: size["sighting"] / pairs, "pairs": pairs})
    return row
