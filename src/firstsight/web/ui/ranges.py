"""The spans of time that pages show, and the bars that they are cut into."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Range:
    """A span that ends now. `step`: hours a bar; `keep`: seconds that its figures may be old, too little to be seen."""

    key: str
    label: str
    hours: int
    step: int
    form: str
    keep: int

    def since(self, now: float) -> int:
        """The hour that it begins with, since the epoch; the one that runs is its last."""
        return int(now) // _HOUR - self.hours + 1

    def before(self, now: float) -> int:
        """The hour that the span before begins with."""
        return self.since(now) - self.hours

    def bars(self, counts: Mapping[int, int], now: float) -> list[int]:
        """Figures by hour as figures by bar."""
        since = self.since(now)
        sums = [0] * (self.hours // self.step)
        for hour, n in counts.items():
            if 0 <= hour - since < self.hours:
                sums[(hour - since) // self.step] += n
        return sums

    def labels(self, now: float) -> list[str]:
        """When each bar begins, UTC."""
        since = self.since(now)
        return [
            datetime.fromtimestamp((since + n) * _HOUR, UTC).strftime(self.form)
            for n in range(0, self.hours, self.step)
        ]


RANGES = {
    span.key: span
    for span in (
        Range("24h", "24 hours", 24, 1, "%H:00", 2),
        Range("7d", "7 days", 7 * 24, 6, "%d %b %H:00", 15),
        Range("30d", "30 days", 30 * 24, 24, "%d %b", 60),
    )
}
"""By what stands in the address."""


def chosen(key: str | None) -> Range:
    """The span that is asked for, or the usual one."""
    return RANGES.get(key or "", RANGES["24h"])
