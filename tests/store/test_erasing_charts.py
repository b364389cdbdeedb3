"""Hourly figures and first sights have an age of their own; an agent that is forgotten is in none."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN11, make_event
from firstsight.core.privacy import Forgotten
from firstsight.ports import Doomed
from firstsight.store.checking import check
from firstsight.store.views import SqliteViews
from pipeline import Pipeline

OLD = AT - 100 * DAY


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "store.db")
    made.clock.at = OLD
    made.see(make_event("old.com", at=OLD, record=1))
    made.after(10)
    made.clock.at = AT
    made.see(make_event("new.com", record=2), make_event("other.com", agent=WIN11, record=1))
    made.after(10)
    made.store.flush()
    yield made
    made.close()


def erase(pipeline: Pipeline, doomed: Doomed) -> dict[str, int]:
    return list(pipeline.store.erase(doomed))[-1]


def test_what_charts_show_goes_by_its_age_and_nothing_else(pipeline: Pipeline) -> None:
    views = SqliteViews(pipeline.path)
    erased = erase(pipeline, Doomed(charts_before=AT - 90 * DAY))

    assert set(erased) == {"first_sights", "hours"}
    assert {sight.domain for sight in views.first_sights(0, 9)} == {"new.com", "other.com"}
    assert set(views.hours(0)["events"]) == {int(AT) // 3600}
    assert pipeline.store.seen(["old.com"])["old.com"].first == OLD
    assert len(pipeline.store.alerts(after=0, limit=9)) == 3
    assert erase(pipeline, Doomed(charts_before=AT - 90 * DAY)) == {}


def test_who_asked_may_have_a_shorter_age(pipeline: Pipeline) -> None:
    views = SqliteViews(pipeline.path)
    erase(pipeline, Doomed(who_before=AT - 10 * DAY, charts_before=AT - 200 * DAY))

    assert {sight.domain for sight in views.first_sights(0, 9)} == {"new.com", "other.com"}
    assert len(views.hours(0)["events"]) == 2, "they name nobody"
    assert sum(agent.events for agent in views.busiest(0, 9)) == 2


def test_a_forgotten_agent_is_in_no_list(pipeline: Pipeline) -> None:
    views = SqliteViews(pipeline.path)
    erase(pipeline, Doomed(forgotten=Forgotten(agent="WIN10")))

    assert {(sight.domain, sight.agent) for sight in views.first_sights(0, 9)} == {
        ("old.com", ""), ("new.com", ""), ("other.com", "WIN11"),
    }  # fmt: skip
    assert [agent.name for agent in views.busiest(0, 9)] == ["WIN11"]
    assert views.agent("WIN10") is None
    assert check(pipeline.path).faults == []
