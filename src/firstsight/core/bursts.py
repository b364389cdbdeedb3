"""Bursts: an agent asks, in a short time, for many domains that don't exist.

Programs do that which search for their master by generated names (MITRE ATT&CK T1568.002). There is one window an
agent, in event time. What is counted is chosen so that a site's own noise can't add up: see `Vain.of`.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from msgspec import Struct

from firstsight.core.names import ALTERNATIVE_ROOTS, Kind, Name

_BY_TIME = attrgetter("at")
_OLDEST = 31 * 86400.0  # an event is 30 days old at most


@dataclass(frozen=True, slots=True)
class BurstRule:
    """What is a burst, in event time.

    Slips calls 10 domains an alert, Maltrail 20 an hour, Splunk's content 50.

    Attributes:
        names: so many domains make one.
        window: within so many seconds; 0 = nothing is one.
        quiet: for so many seconds after it was told, what the agent asks in vain belongs to it.
    """

    names: int = 10
    window: float = 3600.0
    quiet: float = 86400.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What an agent asked for.

    Attributes:
        domains: registrable domains, in order of time.
        since: when the first of them was asked for, seconds since the epoch.
        until: and the last.
    """

    domains: tuple[str, ...]
    since: float
    until: float


class Vain(Struct, frozen=True, array_like=True):
    """A domain that an agent asked for in vain: when, its registrable domain, and the label that was meant."""

    at: float
    domain: str
    label: str

    @classmethod
    def of(cls, name: Name, at: float) -> "Vain | None":
        """A name as windows count it; None where it says nothing of the program that asked.

        Windows and mail programs put one label before every suffix or domain they know (`files01.corp.com`,
        `files01.corp.de`; `autodiscover.…`): the first label, `www` aside, counts once. Under a suffix that the public
        DNS doesn't know every host of a site would be a domain of its own: none of these counts, unless the suffix is
        one that software brings along (`.bazar`).
        """
        if name.kind is not Kind.PUBLIC and name.fqdn.rpartition(".")[2] not in ALTERNATIVE_ROOTS:
            return None
        meant = name.fqdn if name.fqdn == name.registrable else name.fqdn.removeprefix("www.")
        return cls(at, name.registrable, meant.partition(".")[0])


class VainWindow(Struct, frozen=True):
    """What an agent asked in vain lately. Small: no stretch as long as the rule's window holds a burst's names.

    Attributes:
        names: in order of time; those of twice the rule's window, so that one which comes late finds its neighbours.
        told: time of the latest event at which a burst was told.
        held: that burst was not told, because an exception held it back.
    """

    names: tuple[Vain, ...] = ()
    told: float | None = None
    held: bool = False

    def as_of(self, at: float) -> "VainWindow":
        """This window; a new one where this is from a clock that was ahead: events would be too old for it for ever."""
        return VainWindow() if at < self.latest - _OLDEST else self

    @property
    def latest(self) -> float:
        """The latest time in it, seconds since the epoch; 0 in a new one."""
        return max(self.told or 0.0, *(name.at for name in self.names), 0.0)

    def quiet(self, at: float, rule: BurstRule) -> bool:
        """Whether what is asked then belongs to a burst that was told; what comes late does too."""
        return self.told is not None and at < self.told + rule.quiet

    def add(self, vain: Vain, rule: BurstRule) -> "tuple[VainWindow, Burst | None]":
        """Count a domain.

        Args:
            vain: the domain. One that is counted already, or more than a window late, changes nothing.
            rule: what is a burst.

        Returns:
            The window from then on, and the burst that this domain completes; it counts as told.
        """
        newest = max((name.at for name in self.names), default=vain.at)
        known = any(vain.domain == name.domain or vain.label == name.label for name in self.names)
        if known or vain.at <= newest - rule.window:
            return self, None
        names = list(self.names)
        insort(names, vain, key=_BY_TIME)
        for stretch in _stretches(names, names.index(vain), rule.names):
            if stretch[-1].at - stretch[0].at < rule.window:
                burst = Burst(tuple(name.domain for name in stretch), stretch[0].at, stretch[-1].at)
                return VainWindow(told=max(vain.at, self.told or 0.0)), burst
        oldest = names[-1].at - 2 * rule.window
        return VainWindow(tuple(name for name in names if name.at > oldest), self.told), None


def _stretches(names: list[Vain], place: int, length: int) -> Iterator[list[Vain]]:
    """All runs of so many neighbours that hold the one at `place`."""
    for start in range(max(0, place - length + 1), min(place, len(names) - length) + 1):
        yield names[start : start + length]
