"""What we say of a name, and why. The reason codes are the public vocabulary."""

from dataclasses import dataclass
from enum import StrEnum

from firstsight.core.facts import Fact, Intel, Popularity, Registration
from firstsight.core.names import Kind


class Severity(StrEnum):
    """How much it deserves an analyst's time; ordered by `rank`."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (none) to 4 (critical)."""
        return _RANKS[self]

    @classmethod
    def at(cls, rank: int) -> "Severity":
        """The severity of a rank; ranks beyond the ladder are its ends."""
        return _LADDER[min(max(rank, 0), len(_LADDER) - 1)]


_LADDER = list(Severity)
_RANKS = {severity: rank for rank, severity in enumerate(_LADDER)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a verdict.

    Attributes:
        code: public vocabulary (`first_seen`, `newly_registered`, …).
        severity: what it weighs alone (`none` where it never alerts alone).
        text: a sentence for the analyst.
        attack: MITRE ATT&CK technique ids.
        evidence: the figures the sentence rests on; JSON values.
    """

    code: str
    severity: Severity
    text: str
    attack: tuple[str, ...]
    evidence: dict[str, str | int | float | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What this site knows of a domain; times in seconds since the epoch, None where it never happened.

    Attributes:
        first: first sighting.
        last: last sighting.
        count: sightings.
        agents: how many agents asked.
        looked_up: first time someone looked it up through the compatibility API.
    """

    first: float | None = None
    last: float | None = None
    count: int = 0
    agents: int = 0
    looked_up: float | None = None


@dataclass(frozen=True, slots=True)
class WordMade:
    """Whether a name looks put together of dictionary words.

    Attributes:
        score: the model's, 0 to 1; None where the label is not scored.
        threshold: the score from which it counts; None where the name is not judged.
    """

    score: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Randomness:
    """How the name looks.

    Attributes:
        score: the model's, 0 to 1; None where the label is not scored.
        threshold: its strong threshold; None where the name is not judged.
        weak: at or above the weak threshold.
        words: whether it looks put together of words.
        freq: the original's two letter-pair scores (average, word); None where it has none.
        label: the label that was scored; empty where none is.
        share_below: the share of ordinary names that score lower, 0 to below 1.
        signs: what is unlike ordinary names in the label, in words; only where the weak threshold is reached.
    """

    score: float | None = None
    threshold: float | None = None
    weak: bool = False
    words: WordMade = WordMade()
    freq: tuple[float, float] | None = None
    label: str = ""
    share_below: float = 0.0
    signs: tuple[str, ...] = ()

    @property
    def strong(self) -> bool:
        """Whether the name looks machine-made."""
        return self.score is not None and self.threshold is not None and self.score >= self.threshold

    @property
    def word_made(self) -> bool:
        """Whether the name looks put together of words."""
        score, threshold = self.words.score, self.words.threshold
        return score is not None and threshold is not None and score >= threshold


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything known of a name, weighed. `missing` names the facts that were Unavailable."""

    name: str
    unicode: str
    kind: Kind
    domain: str
    registered_domain: str
    severity: Severity
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...]
    seen: Seen
    registration: Fact[Registration]
    randomness: Randomness
    intel: Fact[Intel]
    popularity: Fact[Popularity]
