"""(d) Names: what a name costs to parse and to score."""

import time
from collections.abc import Callable, Iterable

from bench.lines import HOSTS, domain
from bench.plan import Plan
from bench.table import Row, Rows
from firstsight import tables

PART = "d names"


def measure(plan: Plan) -> Rows:
    """Parse names of hosts, then score them; no memory of earlier ones is in front of either."""
    raw = [HOSTS[i & 3] + domain(i) for i in range(1, plan.size(30_000, 10_000) + 1)]
    parse = tables.name_parser([]).parse
    looks = tables.looks()
    names = [parse(text) for text in raw]
    return Rows(
        [
            _row(plan, "parse", parse, raw),
            _row(plan, "randomness", looks.model.scores, [name.label for name in names]),
            _row(plan, "randomness, letter pairs", looks.letter_pairs, names),
        ]
    )


def _row(plan: Plan, case: str, work: Callable[..., object], over: Iterable[object]) -> Row:
    row = Row(PART, case, "firstsight")
    given = list(over)
    for _ in range(plan.runs):
        start = time.process_time()
        for item in given:
            work(item)
        took = time.process_time() - start
        row.add({"names/s of one core": len(given) / took, "CPU µs/name": took / len(given) * 1e6})
    return row
