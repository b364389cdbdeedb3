"""What leaves the house: one event, one alert, all its reasons, and who asked."""

from dataclasses import dataclass

from firstsight.core.events import Agent, Process, Status
from firstsight.core.ids import stable_id
from firstsight.core.process import program
from firstsight.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Asked:
    """The event behind an alert: who asked, when, and what came back.

    Attributes:
        time: seconds since the epoch, UTC.
        source: the source's name.
        event_id: the endpoint's record number, or the source's own id; may be empty.
        status: how the question ended.
        agent: the endpoint.
        process: the process on it.
        computer: the endpoint's own name for itself; may be empty.
        answers: what the name resolved to.
        node: the cluster's node that handed it over, and the only one from which an active response reaches the agent;
            empty: it was read here.
    """

    time: float
    source: str
    event_id: str
    status: Status
    agent: Agent
    process: Process
    computer: str
    answers: tuple[str, ...]
    node: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as stored and sent. Sending it again changes nothing in it.

    Attributes:
        id: stable: the same event gives the same id, also when it is read again after a crash.
        at: when it was decided, seconds since the epoch.
        asked: the event.
        verdict: the verdict, with all reasons.
        summary: one line for a rule's description.
        category: NEW, ESTABLISHED or UNKNOWN, as the original's clients know it.
        follows: id of the first alert where this is a follow-up, else None.
    """

    id: str
    at: float
    asked: Asked
    verdict: Verdict
    summary: str
    category: str
    follows: str | None = None

    @property
    def is_note(self) -> bool:
        """Whether it only tells that a domain spreads, and judges nothing anew."""
        return self.follows is not None and self.id == note_id(self.follows, self.verdict.seen.agents)


ASKED_BY = "; asked by "
"""Stands in a summary before the agent that asked."""


def asked_with(process: Process) -> str:
    r"""What a summary ends with: ` (curl.exe, CORP\alice)`; empty where neither program nor user is known."""
    who = ", ".join(filter(None, (program(process.image), process.user)))
    return f" ({who})" if who else ""


def note_id(first: str, agents: int) -> str:
    """Id of a note that so many agents ask by now.

    Of the first alert and the number alone: after a crash another event may be the one that reaches it.

    Args:
        first: id of the domain's first alert.
        agents: one of policy.SPREAD_STEPS.
    """
    return stable_id(first, "agents", str(agents))
