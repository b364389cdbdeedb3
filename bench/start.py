"""(e) Start and memory: how long `--help` takes, how long until events would be recorded, and what stays resident."""

import time

from bench import processes, running
from bench.events import kind, short
from bench.plan import Plan
from bench.table import Row, Rows

PART = "e start and memory"
HELP, READY, RSS = "firstsight --help", "seconds until ready", "MB resident"


def ready(domains: int) -> str:
    """The case's name."""
    return f"start with {short(domains)} domains"


def measure(plan: Plan) -> Rows:
    """Start often. Files are in the page cache, as after a restart of the service."""
    helped = Row(PART, HELP, "firstsight")
    ups = {size: Row(PART, ready(size), "firstsight") for size in plan.large}
    for _ in range(plan.runs):
        start = time.perf_counter()
        processes.run([running.FIRSTSIGHT, "--help"])
        helped.add({"seconds": time.perf_counter() - start})
        for size, row in ups.items():
            with running.firstsight(plan, kind(size, 500)) as server:
                row.add({READY: server.ready, RSS: server.rss_mb()})
    return Rows([helped, *ups.values()])
