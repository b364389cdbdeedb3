"""What is counted by the hour, through the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, WIN10, WIN11, make_agent, make_event
from firstsight.core.events import Status
from firstsight.store import hours
from pipeline import Pipeline

HOUR = int(AT) // 3600


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "store.db")
    yield made
    made.close()


def counted(pipeline: Pipeline) -> dict[tuple[int, str], int]:
    """By hour after AT, and what; of all sources."""
    rows = pipeline.store.database.connection.execute("SELECT hour, what, sum(n) FROM hour_count GROUP BY hour, what")
    return {(hour - HOUR, what): n for hour, what, n in rows}


def heard(pipeline: Pipeline) -> dict[tuple[int, str], int]:
    rows = pipeline.store.database.connection.execute(
        "SELECT hour, coalesce(name, 'others'), events FROM hour_agent LEFT JOIN agent ON id = agent"
    )
    return {(hour - HOUR, name): n for hour, name, n in rows}


def test_hours_sum_up_to_the_account(pipeline: Pipeline) -> None:
    for hour in range(4):
        at = AT + hour * 3600
        pipeline.clock.at = at
        pipeline.see(
            make_event("harbour.com", at=at),
            make_event(f"only-{hour}.com", at=at, agent=WIN11),
            make_event("nowhere.com", at=at, status=Status.NXDOMAIN),
        )
        if hour == 2:
            pipeline.store.flush()
    pipeline.store.flush()

    found = counted(pipeline)
    assert [found[hour, "events"] for hour in range(4)] == [3, 3, 3, 3]
    assert [found[hour, "new"] for hour in range(4)] == [2, 1, 1, 1]
    account = pipeline.store.account("wazuh")
    for what in ("lines", "events", "seen", "nxdomain"):
        assert sum(n for (_, its), n in found.items() if its == what) == account[what]
    assert heard(pipeline) == {
        **{(hour, "WIN10"): 2 for hour in range(4)},
        **{(hour, "WIN11"): 1 for hour in range(4)},
    }


def test_what_is_not_written_yet_is_told(pipeline: Pipeline) -> None:
    pipeline.see(make_event("other.com"))  # a source that begins is written at once
    pipeline.see(make_event("harbour.com"), make_event("harbour.com", at=AT + 1))
    assert pipeline.store.hours_unwritten()["events"] == {HOUR: 2}
    assert counted(pipeline)[0, "events"] == 1
    pipeline.clock.at = AT + 7200
    pipeline.store.flush()
    assert pipeline.store.hours_unwritten() == {}
    pipeline.see(make_event("harbour.com", at=AT + 3600))
    pipeline.see(make_event("harbour.com", at=AT + 7200))
    assert pipeline.store.hours_unwritten()["events"] == {HOUR + 1: 1, HOUR + 2: 1}


def test_alerts_count_in_the_hour_of_their_event(pipeline: Pipeline) -> None:
    pipeline.clock.at = AT + 7200
    pipeline.see(make_event("harbour.com", at=AT))
    pipeline.after(10)

    found = counted(pipeline)
    assert found[0, "reason:first_seen"] == found[0, "alerts:low"] == 1
    assert found[0, "new"] == 1


def test_what_is_not_flushed_is_counted_once_after_a_failure(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.see(make_event("harbour.com", record=1))
    pipeline.store.flush()
    pipeline.see(make_event("harbour.com", at=AT + 1, record=2))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a decision failed")

    with monkeypatch.context() as patch:
        patch.setattr(pipeline.decisions, "on_news", broken)
        with pytest.raises(RuntimeError):
            pipeline.see(make_event("garden.com", at=AT + 2, record=3))
    pipeline.run()  # the second and the third event are read again
    pipeline.store.flush()

    assert counted(pipeline)[0, "events"] == pipeline.store.account("wazuh")["events"] == 3
    assert heard(pipeline) == {(0, "WIN10"): 3}


def test_an_hour_keeps_those_heard_most(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "_MOST_AGENTS", 2)
    pipeline.see(*[make_event("harbour.com", at=AT + n) for n in range(3)], make_event("a.com", agent=make_agent(1)))
    pipeline.store.flush()
    pipeline.see(make_event("harbour.com", agent=make_agent(2)), make_event("harbour.com", agent=make_agent(3)))
    pipeline.see(make_event("harbour.com", agent=WIN10))
    pipeline.store.flush()

    assert heard(pipeline) == {(0, "WIN10"): 4, (0, "WS001"): 1, (0, "others"): 2}
