"""Marks of agents go with who asked: by age, and with an agent that is forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN10, WIN11, make_event
from firstsight.core.events import Agent, Status
from firstsight.core.marks import in_vain_mark, indicator_mark
from firstsight.core.privacy import Forgotten
from firstsight.ports import Doomed
from firstsight.store.checking import check
from firstsight.watch.outside import IntelRule
from pipeline import Pipeline, bad, registered

OLD = AT - 500 * DAY


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    """Both agents have asked for a known indicator, and in vain for another name: WIN10 long ago, WIN11 now."""
    made = Pipeline(tmp_path / "store.db", intel=IntelRule(everything=True))
    for agent, at, name in ((WIN10, OLD, "old"), (WIN11, AT, "new")):
        made.clock.at = at
        made.see(make_event("harbour.com", at=at, agent=agent), make_event(
            f"{name}.com", at=at, agent=agent, status=Status.NXDOMAIN
        ))  # fmt: skip
        made.answer("harbour.com", registered(4000))
        made.intel("harbour.com", bad(), stands=900 * DAY)
    made.store.flush()
    assert kept(made, WIN10) == kept(made, WIN11) == (True, True)
    yield made
    made.close()


def kept(pipeline: Pipeline, agent: Agent) -> tuple[bool, bool]:
    """Whether there are an agent's marks: of the indicator, and of what was asked in vain."""
    marks = (indicator_mark(agent.key, "harbour.com"), in_vain_mark(agent.key))
    told, in_vain = (pipeline.store.mark(mark) is not None for mark in marks)
    return told, in_vain


def test_by_age(pipeline: Pipeline) -> None:
    erased = list(pipeline.store.erase(Doomed(who_before=AT - 400 * DAY)))[-1]

    assert erased["marks"] == 2
    assert kept(pipeline, WIN10) == (False, False)
    assert kept(pipeline, WIN11) == (True, True)


def test_of_an_agent_that_is_forgotten(pipeline: Pipeline) -> None:
    erased = list(pipeline.store.erase(Doomed(forgotten=Forgotten(agent=WIN11.name))))[-1]

    assert erased["marks"] == 2
    assert kept(pipeline, WIN10) == (True, True)
    assert kept(pipeline, WIN11) == (False, False)
    assert check(pipeline.path).faults == []


def test_nothing_else_of_the_table_goes(pipeline: Pipeline) -> None:
    connection = pipeline.store.database.connection
    others = "SELECT key FROM meta WHERE key NOT LIKE 'mark:in_vain:%' AND key NOT LIKE 'mark:indicator:%'"
    before = connection.execute(others).fetchall()
    assert before != []

    for doomed in (Doomed(who_before=AT + DAY), Doomed(forgotten=Forgotten(agent=WIN10.name))):
        list(pipeline.store.erase(doomed))

    assert connection.execute(others).fetchall() == before
