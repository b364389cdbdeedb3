"""A domain that threat intelligence knows, and whom alerts of it are told of."""

from pathlib import Path

from dns_events import AT, DAY, make_event
from firstsight.watch.outside import IntelRule
from pipeline import Pipeline, bad, codes, registered


def known_to_intelligence(folder: Path) -> Pipeline:
    """Threat intelligence knows harbour.com, and WIN10's first question has been told."""
    pipe = Pipeline(folder / "store.db", intel=IntelRule(everything=True))
    pipe.see(make_event("harbour.com"))
    pipe.answer("harbour.com", registered(4000))
    (first,) = pipe.intel("harbour.com", bad(), stands=30 * DAY)
    assert codes(first) == {"first_seen", "known_indicator"}
    return pipe


def told(
    pipe: Pipeline, *agents: object, name: str = "harbour.com", seconds: float = 60, **changes: object
) -> list[str]:
    """The agents that alerts are told of."""
    events = [make_event(name, agent=agent, at=AT + seconds, **changes) for agent in agents]  # type: ignore[arg-type]
    pipe.clock.at = AT + seconds
    return [alert.asked.agent.name for alert in pipe.see(*events) + pipe.after(5)]
