"""Parse a DNS name: what kind it is, and which domain it belongs to."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a queried name is. Only `PUBLIC` and `UNKNOWN_SUFFIX` are judged; the rest is counted."""

    PUBLIC = "public"
    UNKNOWN_SUFFIX = "unknown_suffix"
    INTERNAL = "internal"
    REVERSE = "reverse"
    SINGLE_LABEL = "single_label"
    ADDRESS = "address"
    SUFFIX = "suffix"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Name:
    """A parsed name. All fields are lower-case A-labels without a trailing dot; empty where there is none.

    Attributes:
        kind: what it is.
        fqdn: the name asked for.
        registrable: eTLD+1 by the whole public suffix list (private section too): the unit of first sight.
        registered: the domain under the ICANN suffix: what a registry is asked for. Empty unless `PUBLIC`.
        suffix: the public suffix, private section included. Empty where none is known.
    """

    kind: Kind
    fqdn: str
    registrable: str = ""
    registered: str = ""
    suffix: str = ""

    @property
    def judged(self) -> bool:
        """Whether the name is kept and judged."""
        return self.kind is Kind.PUBLIC or self.kind is Kind.UNKNOWN_SUFFIX
