"""What is counted by the hour, through the store."""

import pytest

from dns_events import AT, WIN10, WIN11, make_agent, make_event
from firstsight.core.events import Status
from firstsight.store import hours
from pipeline import Pipeline

HOUR = int(AT) // 3600


def counted(pipe: Pipeline) -> dict[tuple[int, str], int]:
    """By hour after AT, and what; of all sources."""
    rows = pipe.store.database.connection.execute("SELECT hour, what, sum(n) FROM hour_count GROUP BY hour, what")
    return {(hour - HOUR, what): n for hour, what, n in rows}


def heard(pipe: Pipeline) -> dict[tuple[int, str], int]:
    rows = pipe.store.database.connection.execute(
        "SELECT hour, coalesce(name, 'others'), events FROM hour_agent LEFT JOIN agent ON id = agent"
    )
    return {(hour - HOUR, name): n for hour, name, n in rows}


def test_hours_sum_up_to_the_account(pipe: Pipeline) -> None:
    for hour in range(4):
        at = AT + hour * 3600
        pipe.clock.at = at
        pipe.see(
            make_event("harbour.com", at=at),
            make_event(f"only-{hour}.com", at=at, agent=WIN11),
            make_event("nowhere.com", at=at, status=Status.NXDOMAIN),
        )
        if hour == 2:
            pipe.store.flush()
    pipe.store.flush()

    found = counted(pipe)
    assert [found[hour, "events"] for hour in range(4)] == [3, 3, 3, 3]
    assert [found[hour, "new"] for hour in range(4)] == [2, 1, 1, 1]
    account = pipe.store.account("wazuh")
    for what in ("lines", "events", "seen", "nxdomain"):
        assert sum(n for (_, its), n in found.items() if its == what) == account[what]
    assert heard(pipe) == {
        **{(hour, "WIN10"): 2 for hour in range(4)},
        **{(hour, "WIN11"): 1 for hour in range(4)},
    }


def test_what_is_not_written_yet_is_told(pipe: Pipeline) -> None:
    pipe.see(make_event("other.com"))  # a source that begins is written at once
    pipe.see(make_event("harbour.com"), make_event("harbour.com", at=AT + 1))
    assert pipe.store.hours_unwritten()["events"] == {HOUR: 2}
    assert counted(pipe)[0, "events"] == 1
    pipe.clock.at = AT + 7200
    pipe.store.flush()
    assert pipe.store.hours_unwritten() == {}
    pipe.see(make_event("harbour.com", at=AT + 3600))
    pipe.see(make_event("harbour.com", at=AT + 7200))
    assert pipe.store.hours_unwritten()["events"] == {HOUR + 1: 1, HOUR + 2: 1}


def test_alerts_count_in_the_hour_of_their_event(pipe: Pipeline) -> None:
    pipe.clock.at = AT + 7200
    pipe.see(make_event("harbour.com", at=AT))
    pipe.after(10)

    found = counted(pipe)
    assert found[0, "reason:first_seen"] == found[0, "alerts:low"] == 1
    assert found[0, "new"] == 1


def test_what_is_not_flushed_is_counted_once_after_a_failure(pipe: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe.see(make_event("harbour.com", record=1))
    pipe.store.flush()
    pipe.see(make_event("harbour.com", at=AT + 1, record=2))

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a decision failed")

    with monkeypatch.context() as patch:
        patch.setattr(pipe.decisions, "on_news", broken)
        with pytest.raises(RuntimeError):
            pipe.see(make_event("garden.com", at=AT + 2, record=3))
    pipe.run()  # the second and the third event are read again
    pipe.store.flush()

    assert counted(pipe)[0, "events"] == pipe.store.account("wazuh")["events"] == 3
    assert heard(pipe) == {(0, "WIN10"): 3}


def test_an_hour_keeps_those_heard_most(pipe: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "_MOST_AGENTS", 2)
    pipe.see(*[make_event("harbour.com", at=AT + n) for n in range(3)], make_event("a.com", agent=make_agent(1)))
    pipe.store.flush()
    pipe.see(make_event("harbour.com", agent=make_agent(2)), make_event("harbour.com", agent=make_agent(3)))
    pipe.see(make_event("harbour.com", agent=WIN10))
    pipe.store.flush()

    assert heard(pipe) == {(0, "WIN10"): 4, (0, "WS001"): 1, (0, "others"): 2}
