"""How old a domain is, when several say something of it: one rule for which of them is believed.

A registry or registrar tells the day of registration. SANS ISC tells the day it first met a domain, which is seldom
before that day and may be long after. A list of newly registered domains (NRD) tells the day on which its maker found
it new, and makers err: `hsbc.co.uk` has been on one. A dated list on which a domain stood proves only that it existed
then: it is at least as old as that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from firstsight.core.facts import Absent, Fact, Known, Registration

RDAP, WHOIS, ISC, NRD, KNOWN_SINCE = "RDAP", "WHOIS", "ISC", "NRD", "known-since"
"""Who says so, as a verdict names it."""

CONFIDENCE = {RDAP: "high", WHOIS: "medium", ISC: "low", NRD: "low", KNOWN_SINCE: "low"}
"""How far a source's day is to be believed. What a Domain Stats server was told by (an imported history) is medium."""

_DAY = 86400.0
_TOLERANCE = 2 * _DAY  # lists are made a day after, in some time zone
_REGISTRIES = frozenset({RDAP, WHOIS})


def confidence(source: str) -> str:
    """How far a source's day is to be believed: high, medium or low."""
    return CONFIDENCE.get(source, "medium")


@dataclass(frozen=True, slots=True)
class Proof:
    """What an imported list says of a domain.

    Attributes:
        source: `ISC`, `NRD` or `known-since`.
        day: when it was new (ISC, NRD), or there already (known-since), seconds since the epoch.
    """

    source: str
    day: float


def weigh(fact: Fact[Registration], proofs: Sequence[Proof], *, popular: bool = False) -> Fact[Registration]:
    """The age that is believed.

    1. The day that a registry or registrar tells (RDAP, else WHOIS) stands.
    2. Else the earliest of the days on which somebody found the domain new (ISC, NRD), unless it is older than that:
       it stood on a dated list more than two days before, or everybody asks for it.
    3. Else it is at least as old as the list it stood on; that makes no domain new, and old enough an established one.
       Not where its registry knows of no such domain today: it was given up since.
    4. Else what was asked for stands as it is: unknown is not new.

    Args:
        fact: what was asked for: of a registry, or of ISC.
        proofs: what imported lists say.
        popular: whether the name stands on a list of popular domains.
    """
    if isinstance(fact, Known) and fact.value.source not in {ISC, NRD}:
        return fact
    found = [proof for proof in proofs if proof.source != KNOWN_SINCE]
    if isinstance(fact, Known):
        found.append(Proof(fact.value.source, fact.value.registered))
    there = min((proof.day for proof in proofs if proof.source == KNOWN_SINCE), default=None)
    new = min(found, key=lambda proof: proof.day, default=None)
    if new is not None and not popular and (there is None or there >= new.day - _TOLERANCE):
        return Known(Registration(new.day, None, new.source, new.day))
    if there is not None and not isinstance(fact, Absent):
        return Known(Registration(there, None, KNOWN_SINCE, there, at_least=True))
    return fact


def said(fact: Fact[Registration], proofs: Sequence[Proof]) -> list[Registration]:
    """All that is said of a domain's age, the most believable first."""
    asked = [fact.value] if isinstance(fact, Known) else []
    listed = [
        Registration(proof.day, None, proof.source, proof.day, at_least=proof.source == KNOWN_SINCE)
        for proof in sorted(proofs, key=lambda proof: (proof.source == KNOWN_SINCE, proof.day))
    ]
    return asked + listed


def registered_anew(registration: Registration, first: float | None) -> bool:
    """Whether a domain that this site had sighted was registered after that: given up, and taken by somebody.

    Only a registry's own day counts; two days' grace, as clocks and time zones differ, and a registry may be late.

    Args:
        registration: as it is now.
        first: the first sighting here, seconds since the epoch; None where it was not sighted.
    """
    known = first is not None and registration.source in _REGISTRIES and not registration.at_least
    return known and first is not None and registration.registered > first + _TOLERANCE
