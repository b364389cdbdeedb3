"""A known indicator is told for each agent, once a window: the one reason that is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_event
from firstsight.core.events import Detail, Status
from firstsight.core.facts import Absent, Threat
from firstsight.watch.outside import IntelRule
from known_indicator import known_to_intelligence, told
from pipeline import Pipeline, bad, codes, registered

HOUR = 3600


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = known_to_intelligence(tmp_path)
    yield pipe
    pipe.close()


def test_each_agent_is_told_once_a_window(pipe: Pipeline) -> None:
    assert told(pipe, WIN10, WIN11, WIN11) == [WIN11.name]
    assert told(pipe, WIN10, WIN11, seconds=23 * HOUR) == []
    assert told(pipe, WIN10, WIN11, seconds=25 * HOUR) == [WIN10.name, WIN11.name]


def test_a_later_alert_tells_all_that_stands_and_follows_nothing(pipe: Pipeline) -> None:
    (alert,) = pipe.see(make_event("harbour.com", agent=WIN11, at=AT + 60))
    assert codes(alert) == {"known_indicator", "first_seen_agent"}
    assert alert.follows is None
    assert alert.verdict.seen.agents == 2


def test_what_is_held_back_is_counted(pipe: Pipeline) -> None:
    before = pipe.store.totals().get("held:repeat", 0)
    told(pipe, WIN10, WIN10, WIN10)
    assert pipe.store.totals()["held:repeat"] == before + 3
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 4


def test_what_is_only_counted_has_no_evidence_decoded(pipe: Pipeline) -> None:
    decoded: list[Detail] = []

    def detail() -> Detail:
        decoded.append(Detail())
        return decoded[-1]

    events = [make_event("harbour.com", agent=agent, at=AT + 60) for agent in (WIN10, WIN11)]
    repeat, news = (replace(event, detail=detail) for event in events)
    assert pipe.see(repeat) == []
    assert decoded == []
    assert len(pipe.see(news)) == 1
    assert decoded


def test_a_name_that_does_not_resolve_any_more_is_told_of(pipe: Pipeline) -> None:
    assert told(pipe, WIN11, status=Status.NXDOMAIN) == [WIN11.name]
    assert told(pipe, WIN11, status=Status.FAILED) == []


def test_a_host_name_below_it_is_told_of(pipe: Pipeline) -> None:
    assert told(pipe, WIN11, name="files.harbour.com") == [WIN11.name]


def test_it_is_told_once_through_crashes(pipe: Pipeline) -> None:
    pipe.store.flush()
    assert told(pipe, WIN11) == [WIN11.name]
    pipe.crash()
    pipe.run()
    assert told(pipe, WIN11, seconds=120) == []


def test_a_tenth_agent_makes_one_alert(pipe: Pipeline) -> None:
    agents = [make_agent(number) for number in range(12)]
    assert told(pipe, *agents) == [agent.name for agent in agents]


def test_a_host_name_that_is_known_marks_its_domain_but_not_its_neighbours(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", intel=IntelRule())
    pipe.see(make_event("www.harbour.com"), make_event("bad.harbour.com"))
    pipe.answer("harbour.com", registered(4000))
    assert pipe.intel("bad.harbour.com", bad()) == [], "somebody asked the API; no case waited"
    assert told(pipe, WIN11, name="www.harbour.com") == []
    assert told(pipe, WIN11, name="bad.harbour.com", seconds=90) == [WIN11.name]
    assert told(pipe, WIN10, name="bad.harbour.com", seconds=95) == [WIN10.name]
    assert pipe.asked_intel() == []
    pipe.close()


@pytest.mark.parametrize("fact", [Absent(AT), bad(Threat.NONE)])
def test_one_that_is_no_longer_known_is_quiet(pipe: Pipeline, fact: Absent) -> None:
    pipe.intel("harbour.com", fact, stands=30 * DAY)
    assert told(pipe, WIN11) == []
