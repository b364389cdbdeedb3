"""(g) Growth: what an event costs in larger stores, on the same names and by Zipf's law over all of them."""

from bench.events import Case, in_turns, kind, short
from bench.lines import CORE, Mix
from bench.plan import Plan
from bench.table import Rows

PART = "g growth"
_AGENTS = 500


def sizes(plan: Plan) -> list[int]:
    """Stored domains; the first is what the others are compared with."""
    return [CORE, *plan.large]


def same(size: int) -> str:
    """The case's name where only names of the smallest store are asked for."""
    return f"{short(size)} domains, names of the smallest store"


def zipf(size: int) -> str:
    """The case's name where all may be asked for."""
    return f"{short(size)} domains, Zipf over all, warm"


def measure(plan: Plan) -> Rows:
    """Both series; sizes are measured in turns."""
    warm, count = plan.size(60_000, 4_000), plan.size(50_000, 4_000)
    found = sizes(plan)
    cases = [Case(same(size), Mix(CORE, _AGENTS, new=0.01), kind(size, _AGENTS)) for size in found]
    rows = in_turns(plan, PART, cases, warm, count)
    cases = [Case(zipf(size), Mix(size, _AGENTS, new=0.01), kind(size, _AGENTS)) for size in found]
    # Until each agent's own names are at hand: there are 75,000.
    rows += in_turns(plan, PART, cases, 400_000 if plan.full else plan.size(100_000, 8_000), count)
    return rows
