"""Once a day: agents that have fallen silent, and the day's figures."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, make_agent, make_event
from firstsight.core.events import Agent
from firstsight.core.notices import Notice
from firstsight.core.review import Review, State
from firstsight.watch.daily import Daily
from pipeline import Pipeline, registered
from registers_of_tests import ME

HOUR = 3600.0  # AT is six o'clock, the digest is due at eight


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db")
    pipe.digest_at = 8 * HOUR
    pipe.silent = 0
    pipe.wire(pipe.store)
    pipe.told()
    yield pipe
    pipe.close()


def later(pipe: Pipeline, seconds: float) -> list[Notice]:
    pipe.clock.at += seconds
    return pipe.told()


# -- figures -----------------------------------------------------------------------------------------------------------


def test_a_day_s_figures(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(3))
    pipe.source.add(
        make_event("harbour.com"), make_event("garden.net"), make_event("www.microsoft.com"), not_dns=7, empty=1
    )
    assert len(pipe.run()) == 1
    assert len(pipe.after(5)) == 1
    assert later(pipe, 2 * HOUR - 6) == []
    (digest,) = later(pipe, 1)
    assert (digest.code, digest.state, digest.since, digest.at) == ("digest", "once", AT, AT + 2 * HOUR)
    assert digest.summary == (
        "In the 120 minutes until 2026-11-24T08:00:00Z: 3 new domains, 2 alerts (1 high, 1 low), 1 held back, "
        "0 agents silent; 3 DNS events in 11 lines."
    )
    assert digest.details == {
        "new_domains": "3",
        "alerts": "2",
        "alerts_critical": "0",
        "alerts_high": "1",
        "alerts_medium": "0",
        "alerts_low": "1",
        "held_back_popular": "1",
        "agents_silent": "0",
        "lines": "11",
        "lines_skipped": "8",
        "events": "3",
        "troubles": [],
    }


def test_each_event_is_in_one_digest(pipe: Pipeline) -> None:
    events = []
    for day in range(4):
        pipe.see(*(make_event(f"d{day}-{number}.com", at=pipe.clock.at) for number in range(day + 1)))
        (digest,) = later(pipe, 2 * HOUR if day == 0 else DAY)
        events.append(digest.details["events"])
        pipe.store.flush()
        pipe.crash()
        assert pipe.told() == []
    assert events == ["1", "2", "3", "4"]


def test_what_is_read_again_after_a_crash_is_not_told_again(pipe: Pipeline) -> None:
    pipe.see(*(make_event(f"d{number}.com", record=number + 1) for number in range(5)))
    (first,) = later(pipe, 2 * HOUR)
    pipe.crash()  # nothing was flushed: all of it is read once more
    pipe.see(make_event("new.com", record=99))
    (second,) = later(pipe, DAY)
    assert [first.details["events"], second.details["events"]] == ["5", "1"]
    assert [first.details["new_domains"], second.details["new_domains"]] == ["5", "1"]


def test_a_day_that_was_missed_is_in_the_next_one(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.store.flush()
    pipe.clock.at += 3 * DAY
    pipe.crash()
    (digest,) = pipe.told()
    assert digest.summary.startswith("In the 3 days until 2026-11-27T06:00:00Z: 1 new domains")
    assert later(pipe, 2 * HOUR - 1) == []
    assert len(later(pipe, 1)) == 1, "and it is due at eight again"


def test_it_names_what_is_amiss(pipe: Pipeline) -> None:
    pipe.source.says = "There is no file."
    pipe.told(600)
    (digest,) = later(pipe, 2 * HOUR)
    assert digest.details["troubles"] == ["source_trouble wazuh"]
    assert digest.summary.endswith(" Amiss now: source_trouble wazuh.")


def test_a_clock_set_back_a_little_waits_and_one_set_back_far_goes_on(pipe: Pipeline) -> None:
    assert len(later(pipe, 2 * HOUR)) == 1
    pipe.clock.at -= 30
    assert [notice.code for notice in pipe.told(60)] == [], "eight o'clock comes again"
    pipe.clock.at -= 400 * DAY
    pipe.told()
    assert "digest" in [notice.code for notice in later(pipe, DAY)]


def test_without_a_time_there_are_no_figures(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db")
    pipe.silent = 0
    pipe.wire(pipe.store)
    pipe.told()
    assert later(pipe, 3 * DAY) == []
    pipe.close()


# -- agents ------------------------------------------------------------------------------------------------------------


def hear(pipe: Pipeline, *agents: Agent) -> None:
    """Each of them asks for something now."""
    record = int(pipe.clock.at - AT) + 1
    pipe.see(*(make_event("nas.lan", at=pipe.clock.at, agent=agent, record=record) for agent in agents))
    pipe.store.flush()


def about_agents(notices: list[Notice]) -> list[tuple[str, str]]:
    return [(str(notice.state), notice.summary) for notice in notices if notice.code == "agent_silent"]


def pass_days(pipe: Pipeline, days: int, *agents: Agent) -> list[Notice]:
    """Days on which these agents ask."""
    notices = []
    for _ in range(days):
        pipe.clock.at += DAY
        hear(pipe, *agents)
        notices += pipe.told()
    return notices


def test_an_agent_that_stops_is_told_once_and_when_it_is_back(pipe: Pipeline) -> None:
    one, other = make_agent(1), make_agent(2)
    hear(pipe, one, other)
    pass_days(pipe, 8, one, other)
    assert about_agents(pass_days(pipe, 7, other)) == []
    told = pass_days(pipe, 1, other)
    assert about_agents(told) == [("began", "1 agent has sent no DNS event for 7 days or longer: WS001.")]
    assert [notice.details["agents_silent"] for notice in told if notice.code == "digest"] == ["1"]
    pipe.store.tidy()
    pipe.crash()
    assert about_agents(pass_days(pipe, 5, other)) == []
    assert about_agents(pass_days(pipe, 3, one, other)) == [("over", "1 agent sends DNS events again: WS001.")]


def test_an_office_that_closes_is_one_notice(pipe: Pipeline) -> None:
    office, other = [make_agent(number) for number in range(500)], make_agent(999)
    hear(pipe, *office, other)
    pipe.clock.at += 8 * DAY
    hear(pipe, *office, other)
    (notice,) = [notice for notice in pass_days(pipe, 20, other) if notice.code == "agent_silent"]
    assert notice.summary == (
        "500 agents have sent no DNS event for 7 days or longer: WS000, WS001, WS002, WS003, WS004, WS005, WS006, "
        "WS007, WS008, WS009 and 490 more."
    )
    assert (notice.details["count"], len(notice.details["names"])) == ("500", 200)
    (notice,) = [notice for notice in pass_days(pipe, 2, *office, other) if notice.code == "agent_silent"]
    assert notice.summary.startswith("500 agents send DNS events again: WS000, ")


def test_while_no_source_is_read_no_agent_is_missed(pipe: Pipeline) -> None:
    """The service was down for a month: its agents were not."""
    agents = [make_agent(number) for number in range(3)]
    hear(pipe, *agents)
    pass_days(pipe, 8, *agents)
    pipe.clock.at += 30 * DAY
    pipe.crash()
    assert about_agents(pipe.told()) == []
    hear(pipe, *agents)
    assert about_agents(pass_days(pipe, 3, *agents)) == []


def test_it_can_be_off(pipe: Pipeline) -> None:
    pipe.agent_silent = 0
    pipe.wire(pipe.store)
    one, other = make_agent(1), make_agent(2)
    hear(pipe, one, other)
    pass_days(pipe, 9, one, other)
    assert about_agents(pass_days(pipe, 30, other)) == []


def test_another_who_looks_finds_that_it_is_told(pipe: Pipeline) -> None:
    assert len(later(pipe, 2 * HOUR)) == 1
    mark = json.loads(pipe.store.mark("daily") or "")
    assert (mark["at"], mark["totals"]["outbox"]) == (AT + 2 * HOUR, 0)
    Daily(pipe.store, at=8 * HOUR, agent_silent=0).look(AT + DAY, [])
    pipe.run()
    assert pipe.sink.notices == []


def test_what_was_looked_at_is_in_the_digest(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"), make_event("garden.net"))
    pipe.notices.look()
    alerts = pipe.run() + pipe.after(5)
    pipe.store.review([alert.id for alert in alerts], Review(State.FALSE_ALARM, "local", AT), ME)

    (digest,) = later(pipe, 2 * HOUR)
    assert digest.details["marked_false_alarm"] == str(len(alerts))
    assert f", {len(alerts)} alerts marked, " in digest.summary
