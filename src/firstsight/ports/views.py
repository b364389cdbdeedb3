"""What pages show: read beside whoever writes, from any thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from firstsight.core.alertfilter import Term
from firstsight.core.alerts import Alert
from firstsight.core.deeds import Deed, DeedFilter
from firstsight.core.events import Process
from firstsight.core.review import Review, State
from firstsight.core.verdict import Severity


@dataclass(frozen=True, slots=True)
class FirstSight:
    """A domain's first sighting; `agent`, `program` and `user` are empty where they are not known (any more)."""

    seq: int
    time: float
    domain: str
    agent: str
    program: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert as it is listed."""

    seq: int
    alert: Alert
    review: Review


@dataclass(frozen=True, slots=True)
class Packed:
    """An alert that is read and not unpacked yet, which takes far longer.

    Attributes:
        time: of its event, seconds since the epoch.
        process: who asked; its `image` and `user` alone.
        unpack: gives the alert.
    """

    time: float
    process: Process
    unpack: Callable[[], Listed]


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Alerts, the newest first.

    Attributes:
        rows: the alerts.
        next: what to go on `before`; None where these were the last.
        searched: how many alerts were looked at, where the bound ended it before the page was full; else None.
    """

    rows: list[Listed]
    next: int | None
    searched: int | None = None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """An agent in a span of time; `categories` are its alerts by category (NEW, ESTABLISHED, UNKNOWN)."""

    name: str
    events: int
    new: int
    categories: dict[str, int]


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A queried name: alerts by bit of their reason, all of them, and the highest severity's rank."""

    name: str
    reasons: dict[int, int]
    alerts: int
    severity: int


@dataclass(frozen=True, slots=True)
class AgentSeen:
    """An agent that asked for a domain; days since the epoch."""

    name: str
    first_day: int
    last_day: int


@dataclass(frozen=True, slots=True)
class InVain:
    """What was asked in vain for a domain; seconds since the epoch."""

    first: int
    last: int
    nxdomain: int
    failed: int
    agents: int


@dataclass(frozen=True, slots=True)
class DomainView:
    """What is kept of a domain beside its sightings; as of the last flush.

    Attributes:
        first_agent: who asked first; empty where that is not known (any more), like the two below.
        first_program: its image.
        first_user: its user.
        agents: who asks, those that began last first; the first few.
        in_vain: what was asked in vain, if anything was.
    """

    first_agent: str = ""
    first_program: str = ""
    first_user: str = ""
    agents: Sequence[AgentSeen] = ()
    in_vain: InVain | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A program that an agent made first sights with; `agents`: how many have, counted up to a few."""

    name: str
    first_sights: int
    agents: int


@dataclass(frozen=True, slots=True)
class AgentView:
    """What is kept of the agents of a name; times in seconds since the epoch, None where they are not known.

    `users` are those of all that `programs` counts.
    """

    first: float | None
    last: float | None
    first_sights: list[FirstSight]
    programs: list[Program]
    reasons: dict[int, int]
    users: frozenset[str]


class Views(Protocol):
    """What pages show. Any method may raise StoreError."""

    def hours(self, since: int) -> dict[str, dict[int, int]]:
        """What was counted, by hour since the epoch, from that hour on: `events`, `new`, `reason:…`, `alerts:…`."""
        ...

    def busiest(self, since: int, limit: int) -> list[AgentFigures]:
        """The agents with most events since an hour."""
        ...

    def heat(self, since: float, limit: int) -> list[HeatRow]:
        """The names that weigh most among the newest alerts about events since a time."""
        ...

    def first_sights(self, after: int, limit: int) -> list[FirstSight]:
        """First sightings behind a number, the newest first."""
        ...

    def alerts(self, terms: Sequence[Term], *, now: float, before: int | None, limit: int) -> AlertPage:
        """Alerts that a filter picks, the newest first, those before a number."""
        ...

    def packed(self, terms: Sequence[Term], *, now: float, most: int) -> tuple[list[Packed], bool]:
        """Alerts that a filter picks, the newest first, as of one moment; and whether these are all."""
        ...

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds in order, with their numbers: those behind a number."""
        ...

    def newest_deeds(self, wanted: DeedFilter, *, before: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds, the newest first: those before a number."""
        ...

    def decided(self, after: int, limit: int, severity: Severity | None, state: State | None) -> list[Listed]:
        """Alerts in order of decision, those behind a number, of a severity and a state."""
        ...

    def alert(self, alert_id: str) -> Listed | None:
        """One alert."""
        ...

    def domain(self, registrable: str) -> DomainView | None:
        """What is kept of a domain; None where it was never heard of."""
        ...

    def agent(self, name: str) -> AgentView | None:
        """What is kept of an agent; None where none of that name was heard of."""
        ...
