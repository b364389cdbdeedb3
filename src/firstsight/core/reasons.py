"""The reason vocabulary: what can be said against a name. One table; everything that lists reasons reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from firstsight.core.verdict import Severity


@dataclass(frozen=True, slots=True)
class ReasonKind:
    """One word of the vocabulary.

    Attributes:
        code: the public name.
        bit: its place in stored masks and in the numbering of Wazuh rules. Never changed, never given to another.
        alone: the severity it has alone; `none` where it never alerts alone.
        attack: MITRE ATT&CK technique ids.
        meaning: one line for reference pages.
    """

    code: str
    bit: int
    alone: Severity
    attack: tuple[str, ...]
    meaning: str

    @property
    def mask(self) -> int:
        """Its bit as a mask."""
        return 1 << self.bit


_DNS = ("T1071.004",)  # Application Layer Protocol: DNS
_GENERATED = ("T1568.002",)  # Dynamic Resolution: Domain Generation Algorithms
_ACQUIRED = ("T1583.001",)  # Acquire Infrastructure: Domains
_TRANSFER = ("T1105",)  # Ingress Tool Transfer

_TABLE = (
    ReasonKind("first_seen", 0, Severity.LOW, _DNS, "nobody here had asked for the domain before"),
    ReasonKind("first_seen_agent", 1, Severity.NONE, _DNS, "this agent had not asked for the domain before"),
    ReasonKind("newly_active", 2, Severity.LOW, _DNS, "the domain is asked for again after a long silence"),
    ReasonKind("random_name", 3, Severity.MEDIUM, _GENERATED, "the name looks machine-made"),
    # high under 7 days: the verdict knows the age, the table doesn't
    ReasonKind("newly_registered", 4, Severity.MEDIUM, _ACQUIRED, "the domain was registered a short time ago"),
    ReasonKind("alternative_root", 5, Severity.MEDIUM, _DNS, "the name lives under a root outside the public DNS"),
    ReasonKind("re_registered", 6, Severity.MEDIUM, _ACQUIRED, "a domain known here was registered anew"),
    ReasonKind("nx_burst", 7, Severity.MEDIUM, _GENERATED, "an agent asked for many names that don't exist"),
    ReasonKind("known_indicator", 8, Severity.HIGH, _DNS, "threat intelligence names the domain"),
    ReasonKind("unusual_process", 9, Severity.NONE, _TRANSFER, "the program that asked seldom has a reason to"),
)

REASONS = {kind.code: kind for kind in _TABLE}
"""The vocabulary, by code."""

HELD_BACK = 1 << 30
"""Beside the reasons in a stored mask: an exception held something of the domain back, so that it is judged again."""

IMPLEMENTED = (
    "first_seen",
    "first_seen_agent",
    "newly_active",
    "random_name",
    "newly_registered",
    "alternative_root",
    "re_registered",
    "nx_burst",
    "known_indicator",
    "unusual_process",
)
"""Codes that a verdict can carry today; the others are reserved."""


def mask_of(codes: Iterable[str]) -> int:
    """Mask of a set of reason codes, as the store keeps it.

    Args:
        codes: codes of the vocabulary; another one is a KeyError.
    """
    mask = 0
    for code in codes:
        mask |= REASONS[code].mask
    return mask
