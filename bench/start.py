"""(e) Start and memory: how long `--help` takes, how long until events would be recorded, and what stays resident.

As at a usual site, a fetched list of popular domains lies beside the store.
"""

import time
from pathlib import Path

from bench import processes, running
from bench.events import kind, short
from bench.lines import domain
from bench.plan import Plan
from bench.table import Row, Rows
from firstsight.core.popular import PopularText
from firstsight.lookups.lists import write_list

PART = "e start and memory"
HELP, READY, RSS = "firstsight --help", "seconds until ready", "MB resident"


def ready(domains: int) -> str:
    """The case's name."""
    return f"start with {short(domains)} domains"


def measure(plan: Plan) -> Rows:
    """Start often. Files are in the page cache, as after a restart of the service."""
    helped = Row(PART, HELP, "firstsight")
    ups = {size: Row(PART, ready(size), "firstsight") for size in plan.large}
    popular = _popular(plan)
    for _ in range(plan.runs):
        start = time.perf_counter()
        processes.run([running.FIRSTSIGHT, "--help"])
        helped.add({"seconds": time.perf_counter() - start})
        for size, row in ups.items():
            with running.firstsight(plan, kind(size, 500)) as server:
                row.add({READY: server.ready, RSS: server.rss_mb()})
    popular.unlink()  # the other parts' new domains are to alert
    return Rows([helped, *ups.values()])


def _popular(plan: Plan) -> Path:
    """A list as large as the fetched one is by default, where it is kept."""
    path = running.folder(plan) / "popular-fetched.csv"
    write_list(path, PopularText({domain(rank): rank for rank in range(1, 100_001)}, 0))
    return path
