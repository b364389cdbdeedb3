"""Figures: what was measured, its medians, and the table that shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

import msgspec


@dataclass(frozen=True, slots=True)
class Row:
    """One case of one part, measured several times.

    Attributes:
        part: the part's letter and title, such as "a HTTP".
        case: what was done.
        who: what was measured: firstsight, Domain Stats, bare hello, machine.
        figures: unit → one value a run, in order of the runs: rows of the same part and case were measured in turns,
            so that values at the same place belong to the same minute.
        note: what a reader must know.
    """

    part: str
    case: str
    who: str
    figures: dict[str, list[float]] = field(default_factory=dict)
    note: str = ""

    def add(self, values: dict[str, float]) -> None:
        """Add one run's values, by unit."""
        for unit, value in values.items():
            self.figures.setdefault(unit, []).append(value)


@dataclass(frozen=True, slots=True)
class Figure:
    """A median with its range."""

    median: float
    least: float
    most: float
    runs: int


def figure(values: Sequence[float]) -> Figure:
    """The median of some runs."""
    return Figure(median(values), min(values), max(values), len(values))


def number(value: float) -> str:
    """A figure with three digits that count, thousands apart."""
    if abs(value) >= 100:  # three digits
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.3g}"


class Rows(list[Row]):
    """All rows of a run of the bench."""

    def find(self, case: str, who: str = "firstsight") -> Row | None:
        """The row of a case."""
        return next((row for row in self if row.case == case and row.who == who), None)

    def values(self, case: str, unit: str, who: str = "firstsight") -> list[float]:
        """One value a run; empty where it was not measured."""
        row = self.find(case, who)
        return [] if row is None else row.figures.get(unit, [])


def lines(rows: Iterable[Row]) -> list[str]:
    """The table as lines of Markdown."""
    head = ["| part | case | who | median | least – most | unit | runs |", "|---|---|---|---:|---:|---|---:|"]
    return head + [_line(row, unit, figure(values)) for row in rows for unit, values in row.figures.items() if values]


def _line(row: Row, unit: str, found: Figure) -> str:
    span = f"{number(found.least)} – {number(found.most)}" if found.runs > 1 else ""
    return f"| {row.part} | {row.case} | {row.who} | {number(found.median)} | {span} | {unit} | {found.runs} |"


def encode(rows: Rows, about: dict[str, object]) -> bytes:
    """The rows and what they were measured on as JSON."""
    return msgspec.json.format(msgspec.json.encode({**about, "rows": list(rows)}), indent=1) + b"\n"


def decode(data: bytes) -> tuple[Rows, dict[str, object]]:
    """What `encode` wrote."""
    about = msgspec.json.decode(data, type=dict[str, object])
    return Rows(msgspec.convert(about.pop("rows"), list[Row])), about
