"""What is kept of a run: JSON under results/, and docs/performance.md with its pictures, made from the newest of them.

Units stand in columns of their own, so that no figure with a unit stands in the text (tests/test_house.py).
"""

import time
from collections.abc import Iterable
from pathlib import Path

from bench import events, growth, machine, plot, table, targets, web, wrk
from bench.plan import CHECKOUT, RESULTS
from bench.table import Rows, figure, number

_DOCS = CHECKOUT / "docs"
_PAGE = _DOCS / "performance.md"
_HEAD = """# Performance

Made by `make bench` from `{file}`; don't edit.
Method: [bench/README.md](../bench/README.md). Medians of {runs} runs; server, load generator and all the rest share the
machine's cores. CPU is user and system time of the measured process with all
its threads and children; what it says holds on a busier machine too, which a rate by the clock does not.
"""


def keep(rows: Rows, *, full: bool, seconds: float) -> Path:
    """Write a run's JSON."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{time.strftime('%Y-%m-%d')}-{machine.commit().rstrip('+')}{'-full' if full else ''}.json"
    path.write_bytes(encoded(rows, full=full, seconds=seconds))
    return path


def encoded(rows: Rows, *, full: bool, seconds: float) -> bytes:
    """A run as JSON."""
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return table.encode(rows, {"made": made, "full": full, "seconds": round(seconds), **machine.about()})


def newest() -> Path | None:
    """The newest kept run."""
    return max(RESULTS.glob("*.json"), key=_made, default=None)


def _made(path: Path) -> str:
    return str(table.decode(path.read_bytes())[1]["made"])


def write(path: Path) -> None:
    """Make the page and its pictures from a kept run."""
    rows, facts = table.decode(path.read_bytes())
    runs = max(len(values) for row in rows for values in row.figures.values())
    parts = [
        _HEAD.format(file=path.relative_to(CHECKOUT), runs=runs),
        *_section("What must be shown", shown(rows)),
        *_section("Where the time of an event goes", _steps(rows)),
        *_section("What the limit is", _limits(rows)),
        *_section("Growth", _growth(rows)),
        *_section("All figures", table.lines(rows)),
        *_section("Measured on", _machine(facts)),
    ]
    _PAGE.write_text("\n".join(parts))


def _section(title: str, lines: Iterable[str]) -> list[str]:
    found = list(lines)
    return [f"## {title}", "", *found, ""] if found else []


def shown(rows: Rows) -> list[str]:
    """Issue 3's demands beside what was measured."""
    lines = ["| what | median | must | aim | unit | reached |", "|---|---:|---:|---:|---|---|"]
    for target in targets.targets():
        values = target.values(rows)
        found = number(figure(values).median) if values else ""
        sign = "≥" if target.better == "more" else "≤"
        bounds = f"{sign} {number(target.must)} | {sign} {number(target.aim)}"
        lines.append(f"| {target.what} | {found} | {bounds} | {target.unit} | {target.verdict(rows)} |")
    return lines


def _steps(rows: Rows) -> list[str]:
    row = rows.find(events.STEPS)
    if row is None:
        return []
    steps = [(unit.partition(": ")[2], figure(values).median) for unit, values in row.figures.items()]
    steps.sort(key=lambda step: -step[1])
    whole = sum(took for _, took in steps)
    _picture("performance-event.svg", plot.bars("An event, step by step", events.CPU, steps))
    return [
        f"{row.note}; each step without what it calls. Timing it costs a little itself.",
        "",
        "![Bars: CPU an event by step](performance-event.svg)",
        "",
        "| step | CPU µs/event | share, % |",
        "|---|---:|---:|",
        *(f"| {step} | {number(took)} | {100 * took / whole:.0f} |" for step, took in steps),
    ]


def _limits(rows: Rows) -> list[str]:
    """What would have to become cheaper for more."""
    said = []
    few = rows.values(events.name(100_000, 500, "1 % new"), events.CPU)
    some = rows.values(events.name(100_000, 500, "5 % new"), events.CPU)
    if few and some:
        news = (figure(some).median - figure(few).median) / 0.04
        nothing = figure(few).median - 0.01 * news
        said.append(
            f"- Events: one core. By the two shares of news, CPU µs of an event that tells nothing new: "
            f"{number(nothing)}; of a new domain, with its decision, commit and datagram, on top of that: "
            f"{number(news)}."
        )
    ours, bare = rows.values(web.CACHED, wrk.CPU), rows.values(web.CACHED, wrk.CPU, "bare hello")
    if ours and bare:
        said.append(
            f"- HTTP: one core. Of {number(figure(ours).median)} CPU µs a request, {number(figure(bare).median)} are "
            f"the HTTP server's own (the bare hello); what firstsight adds is the rest."
        )
    first = rows.values(web.FIRST, wrk.REQUESTS)
    syncs = rows.values(machine.DISK, machine.SYNCS, "machine")
    if first and syncs:
        each = figure(first).median / figure(syncs).median
        said.append(
            f"- First contact: each is on disk before it is answered; per fsync that this disk can do, "
            f"{number(each)} contacts were answered: they share one commit a turn of the loop."
        )
    return said


def _growth(rows: Rows) -> list[str]:
    found = [row for row in rows if row.part == growth.PART]
    if not found:
        return []
    values = [(row.case, figure(row.figures[events.CPU]).median) for row in found]
    _picture("performance-growth.svg", plot.bars("An event by stored domains", events.CPU, values))
    return ["![Bars: CPU an event by the number of stored domains](performance-growth.svg)"]


def _picture(name: str, svg: str) -> None:
    (_DOCS / name).write_text(svg)


def _machine(facts: dict[str, object]) -> list[str]:
    lines = ["| what | value |", "|---|---|", f"| made | {facts['made']} |", f"| commit | {facts['commit']} |"]
    for group in (facts["machine"], facts["versions"]):
        assert isinstance(group, dict)
        lines += [f"| {what.replace('_', ' ')} | {value} |" for what, value in group.items()]
    return lines
