"""What pulses weigh: how much threat intelligence has against a name. docs/threat-intelligence.md has the table.

Anybody may publish a pulse at OTX, and some hold all that a sandbox has ever asked for. So three things count of
each: who wrote it, how old it is, and how many indicators it holds.
"""

from collections.abc import Collection, Iterable, Sequence

from firstsight.core.facts import Absent, Fact, Intel, Known, Pulse, Threat, Unavailable
from firstsight.core.names import Kind, Name
from firstsight.core.otx_answer import General

LARGE = 5_000
"""Indicators; a pulse that holds more is a collection, and says little of each."""

OLD = 1095 * 86400.0
"""Seconds since a pulse was last changed; by then a domain has often changed hands."""

HARMLESS = frozenset({"akamai", "alexa", "false_positive", "majestic", "umbrella", "whitelist"})
"""Sources of OTX' `validation` that speak for a name. Wazuh's own OTX integration goes by the same."""

_SHOWN = 20  # pulses kept
_SOME, _MANY = 2, 5  # pulses of anybody
_ORDER = list(Threat)


def indicators_of(name: Name) -> tuple[str, ...]:
    """What is asked about a name: the host name and its registrable domain, once where they are the same.

    Empty where nobody outside may be asked.
    """
    if name.kind is not Kind.PUBLIC:
        return ()
    if name.fqdn == name.registrable or "*" in name.fqdn:
        return (name.registrable,)
    return name.fqdn, name.registrable


def weigh(general: General, authors: Collection[str], *, everybody: bool, now: float) -> Intel:
    """What an answer means.

    Args:
        general: the answer.
        authors: whose pulses count, in any case of letters.
        everybody: all others' count too, though less.
        now: seconds since the epoch.
    """
    trusted_names = {author.casefold() for author in authors}
    trusted = [pulse for pulse in general.pulses if pulse.author.casefold() in trusted_names]
    others = [pulse for pulse in general.pulses if pulse.author.casefold() not in trusted_names]
    overruled = tuple(sorted(HARMLESS.intersection(general.validation)))
    verdict = (
        Threat.NONE
        if overruled
        else max(_of_trusted(trusted, now), _of_others(others, now, everybody=everybody), key=_ORDER.index)
    )
    counted = [*trusted, *others] if everybody else trusted
    return Intel(verdict, _newest(counted), now, len(general.pulses) - len(counted), overruled)


def _of_trusted(pulses: Sequence[Pulse], now: float) -> Threat:
    small = [pulse for pulse in pulses if not _is_large(pulse)]
    recent = sum(not _is_old(pulse, now) for pulse in small)
    if recent >= _SOME:
        return Threat.HIGH
    if recent or len(small) >= _SOME:
        return Threat.MEDIUM
    return Threat.LOW if pulses else Threat.NONE


def _of_others(pulses: Sequence[Pulse], now: float, *, everybody: bool) -> Threat:
    """The steps of Wazuh's own OTX integration: one, two and five pulses."""
    strong = sum(not (_is_large(pulse) or _is_old(pulse, now)) for pulse in pulses) if everybody else 0
    if strong >= _MANY:
        return Threat.HIGH
    if strong >= _SOME:
        return Threat.MEDIUM
    return Threat.LOW if strong else Threat.NONE


def _is_large(pulse: Pulse) -> bool:
    return (pulse.indicators or 0) > LARGE


def _is_old(pulse: Pulse, now: float) -> bool:
    """One that tells no date is old."""
    changed = max((at for at in (pulse.created, pulse.modified) if at is not None), default=None)
    return changed is None or now - changed > OLD


def told_by(facts: Sequence[Fact[Intel] | None]) -> Fact[Intel] | None:
    """What is known of a name by the answers about its indicators; None where those that are there don't tell it.

    Args:
        facts: of each indicator; None: it is not answered.
    """
    answered = [fact for fact in facts if fact is not None]
    if answered and (len(answered) == len(facts) or any(map(is_bad, answered))):
        return together(answered)
    return None


def together(facts: Sequence[Fact[Intel]]) -> Fact[Intel]:
    """What is known of a name by what is known of its indicators: the worst counts.

    As long as none of them is known to be bad, one that could not be asked leaves the name unknown.

    Args:
        facts: at least one.
    """
    known = [fact.value for fact in facts if isinstance(fact, Known)]
    if not any(map(is_bad, facts)):
        for fact in facts:
            if isinstance(fact, Unavailable):
                return fact
    if not known:
        return Absent(min(fact.checked for fact in facts if isinstance(fact, Absent)))
    worst = max(known, key=lambda intel: _ORDER.index(intel.verdict))
    pulses = {pulse.id: pulse for intel in known for pulse in intel.pulses}
    return Known(
        Intel(
            worst.verdict,
            _newest(pulses.values()),
            min(intel.checked for intel in known),
            sum(intel.others for intel in known),
            tuple(sorted({source for intel in known for source in intel.overruled})),
        )
    )


def is_bad(fact: Fact[Intel]) -> bool:
    """Whether a name is a known indicator. What weighs little (low) is evidence beside other reasons, and no more."""
    return isinstance(fact, Known) and fact.value.verdict in {Threat.MEDIUM, Threat.HIGH}


def _newest(pulses: Iterable[Pulse]) -> tuple[Pulse, ...]:
    return tuple(sorted(pulses, key=lambda pulse: -(pulse.modified or pulse.created or 0.0))[:_SHOWN])
