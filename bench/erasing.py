"""(i) Erasing by age: what one step of a pass takes from the service's loop, and whether the room is used again."""

import time
from statistics import quantiles

from bench import pages, stores
from bench.events import short
from bench.feed import BenchClock
from bench.lines import NOON
from bench.plan import Plan
from bench.table import Row, Rows
from firstsight.ports import Doomed
from firstsight.store.sqlite import SqliteStore

PART = "i erasing"
P99, MOST, STEPS, FREED = "CPU ms a step, p99", "CPU ms a step at most", "steps", "MB free to be used again"
_KEPT = 60 * 86_400  # of ninety days
_TIDY_SECONDS = 1.0


def case(alerts: int) -> str:
    """A case's name."""
    return f"a pass over a store with {short(alerts)} alerts, a third of them too old"


def measure(plan: Plan) -> Rows:
    """One whole pass: domains, alerts, charts."""
    wanted = pages.sizes(plan)[-1]
    path = stores.copy(wanted, plan.scratch / "store.db")
    store = SqliteStore(path, BenchClock())
    try:
        took = _steps(store)
    finally:
        store.close()
    row = Row(PART, case(wanted.alerts), "firstsight")
    cuts = quantiles(took, n=100, method="inclusive")
    row.add({P99: cuts[98], MOST: max(took), STEPS: len(took), FREED: stores.free_bytes(path) / 1e6})
    return Rows([row])


def _steps(store: SqliteStore) -> list[float]:
    took: list[float] = []
    steps = store.erase(Doomed(NOON - _KEPT, NOON - _KEPT, NOON - _KEPT, NOON - _KEPT))
    tidied = time.perf_counter()
    while True:
        start = time.process_time()
        if next(steps, None) is None:
            return took
        took.append((time.process_time() - start) * 1e3)
        if time.perf_counter() - tidied > _TIDY_SECONDS:  # as `serve` does
            store.checkpoint()
            store.database.shorten_log()
            tidied = time.perf_counter()
