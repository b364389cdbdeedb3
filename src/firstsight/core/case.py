"""A case: one event of one domain, and what was known when it came. It is what gets judged, at once or later."""

from dataclasses import dataclass

from firstsight.core.alerts import Asked
from firstsight.core.bursts import Burst
from firstsight.core.names import Name
from firstsight.core.verdict import Seen, Severity


@dataclass(frozen=True, slots=True)
class Sent:
    """The alert a case has already led to."""

    alert_id: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Case:
    """What a verdict is about; it is stored as JSON while it waits for a fact.

    Attributes:
        name: the name asked for.
        seen: what this site knows of the domain, this event included.
        asked: the event; None where a name is only looked up.
        first_here: this event is the domain's first sighting.
        first_for_agent: this agent had not asked for the domain before.
        silent_days: whole days since the sighting before, where the domain is newly active; else None.
        learning: the source was learning when the event came.
        told: mask of the reasons that had alerted for this domain before this case (core/reasons.py).
        sent: the alert that this case has led to.
        burst: what the agent asked in vain, where this event makes it a burst.
        in_burst: a burst of this agent was told of late, and this event, in vain too, belongs to it.
        excepted: ids of the exceptions that have held something of it back, and have counted it.
    """

    name: Name
    seen: Seen
    asked: Asked | None = None
    first_here: bool = False
    first_for_agent: bool = False
    silent_days: int | None = None
    learning: bool = False
    told: int = 0
    sent: Sent | None = None
    burst: Burst | None = None
    in_burst: bool = False
    excepted: tuple[str, ...] = ()
