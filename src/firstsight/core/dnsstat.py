"""Domain Stats' own words for what is known of a domain: the record that its API, its event and its files share."""

from dataclasses import dataclass
from typing import Any
from wsgiref.handlers import format_date_time

from firstsight.core.facts import Fact, Known, Registration

FIRST_CONTACT = "YOUR-FIRST-CONTACT"

Record = dict[str, Any]
"""`alerts`, `category`, `freq_score`, `seen_by_isc`, `seen_by_web`, `seen_by_you`, in this order; JSON values."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How records are written, as a site has set it.

    Attributes:
        freq: whether they hold `freq_score` and its alerts.
        freq_avg: average score below which a name is suspect, percent.
        freq_word: word score likewise.
        hours_ahead: what is added to `seen_by_you`, which says GMT all the same, as the original's `timezone_offset`.
    """

    freq: bool = True
    freq_avg: float = 5.0
    freq_word: float = 4.0
    hours_ahead: float = 0.0

    def record(
        self,
        freq: tuple[float, float] | None,
        category: str,
        registration: Fact[Registration],
        since: float,
        *,
        first: bool = False,
    ) -> Record:
        """A domain's record.

        Args:
            freq: its letter-pair scores (average, word); None where it has none.
            category: NEW, ESTABLISHED or UNKNOWN.
            registration: its registration; what is not known is UNKNOWN.
            since: when it was first seen or looked up here, seconds since the epoch.
            first: whether that is now.
        """
        scores = freq if self.freq else None
        known = registration.value if isinstance(registration, Known) else None
        record: Record = {"alerts": self._alerts(scores, first=first), "category": category}
        if scores is not None:
            record["freq_score"] = list(scores)
        record["seen_by_isc"] = "UNKNOWN" if known is None else known.source
        record["seen_by_web"] = "UNKNOWN" if known is None else format_date_time(known.registered)
        record["seen_by_you"] = format_date_time(since + self.hours_ahead * 3600)
        return record

    def _alerts(self, scores: tuple[float, float] | None, *, first: bool) -> list[str]:
        low = 0 if scores is None else (scores[0] < self.freq_avg) + (scores[1] < self.freq_word)
        alerts = ["SUSPECT-FREQ-SCORE" if low == 1 else "LOW-FREQ-SCORES"] if low else []
        return [*alerts, FIRST_CONTACT] if first else alerts

    def without_suffix(self) -> Record:
        """What is said of a name without a public suffix: no record, and every value is the text ERROR."""
        record: Record = {"alerts": ["No valid eTLD exists for this domain."], "category": "ERROR"}
        if self.freq:
            record["freq_score"] = "ERROR"
        return record | dict.fromkeys(("seen_by_isc", "seen_by_web", "seen_by_you"), "ERROR")
