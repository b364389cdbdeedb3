"""Stacked bars, reckoned here and drawn as SVG by a template: no script is needed, and the style sheet colours them."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 180
"""Of the bars, in the units of the drawing."""

_GAP = 0.15  # of a bar's place that stays free


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of bar: what it is called, the class that colours it, and its figures in order of time."""

    label: str
    kind: str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws.

    Attributes:
        title: what it shows.
        series: what has figures at all.
        labels: of the bars, in order of time.
        bars: rectangles.
        top: the figure at the upper edge.
        marks: labels below the bars, with their place.
    """

    title: str
    series: Sequence[Series]
    labels: Sequence[str]
    bars: Sequence[Bar]
    top: int
    marks: Sequence[tuple[float, str]]

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """The same as a table: a label, and a figure of each series."""
        return [(label, [one.values[n] for one in self.series]) for n, label in enumerate(self.labels)]


def stacked(title: str, labels: Sequence[str], series: Sequence[Series]) -> Chart:
    """Bars with their parts above one another, at least a hair's breadth each so that one alert is seen."""
    shown = [one for one in series if one.total]
    totals = [sum(one.values[n] for one in shown) for n in range(len(labels))]
    top = _round_up(max(totals, default=0))
    place = WIDTH / max(1, len(labels))
    bars = []
    for n, label in enumerate(labels):
        y = float(HEIGHT)
        for one in shown:
            if one.values[n]:
                height = max(1.5, one.values[n] / top * HEIGHT)
                y -= height
                words = f"{label}: {one.values[n]:,} {one.label}"
                x, width = (n + _GAP / 2) * place, place * (1 - _GAP)
                bars.append(Bar(one.kind, round(x, 2), round(y, 2), round(width, 2), round(height, 2), words))
    every = max(1, len(labels) // 6)
    marks = [(round((n + 0.5) * place, 2), label) for n, label in enumerate(labels) if n % every == 0]
    return Chart(title, shown, labels, bars, top, marks)


def _round_up(number: int) -> int:
    """The next figure that is read at a glance: one digit and noughts."""
    size = 1
    while True:
        for step in (1, 2, 3, 4, 5, 6, 8):
            if number <= step * size:
                return step * size
        size *= 10
