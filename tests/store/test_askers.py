"""When agents were heard, and whose silence is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_batch, make_event, parse_all
from firstsight.core.events import Agent
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore

WEEK = 7 * DAY
Crash = Callable[[], SqliteStore]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AT)


@pytest.fixture
def crash(tmp_path: Path, clock: FakeClock) -> Iterator[Crash]:
    stores: list[SqliteStore] = []

    def reopen() -> SqliteStore:
        for store in stores:
            store.database.close()
        stores[:] = [SqliteStore(tmp_path / "store.db", clock)]
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


def hear(store: SqliteStore, clock: FakeClock, day: float, *agents: Agent) -> None:
    """Each of them asks for something on that day."""
    clock.at = at = AT + day * DAY
    events = [make_event("nas.lan", at=at, agent=agent, record=int(1000 + day * 10)) for agent in agents]
    batch = make_batch(events, str(day))
    store.take(batch, parse_all, lambda _, __: Changes())
    store.flush()


def names(agents: list[tuple[int, str]]) -> list[str]:
    return [name for _, name in agents]


def test_who_was_heard_for_long_and_then_no_more_has_fallen_silent(crash: Crash, clock: FakeClock) -> None:
    store = crash()
    hear(store, clock, 0, WIN10, WIN11)
    hear(store, clock, 5, make_agent(1))  # for a day only: nobody misses it
    hear(store, clock, 8, WIN10, WIN11)
    hear(store, clock, 20, WIN11)
    silence = store.silence(AT + 20 * DAY - WEEK, WEEK)
    assert (names(silence.fallen), silence.back, silence.silent) == (["WIN10"], [], 1)
    assert store.silence(AT + 8 * DAY - WEEK, WEEK).silent == 0


def test_silence_is_told_once_until_the_agent_speaks_again(crash: Crash, clock: FakeClock) -> None:
    store = crash()
    for day in (0, 8):
        hear(store, clock, day, WIN10, make_agent(1), WIN11)
    hear(store, clock, 20, WIN11)
    before = AT + 20 * DAY - WEEK
    fallen = store.silence(before, WEEK).fallen
    assert names(fallen) == ["WIN10", "WS001"]
    store.apply(Changes(missed=[number for number, _ in fallen]))
    for again in (store, crash()):
        silence = again.silence(before, WEEK)
        assert (silence.fallen, silence.back, silence.silent) == ([], [], 2)
    store = crash()
    hear(store, clock, 21, WIN10)
    silence = store.silence(before + DAY, WEEK)
    assert (silence.fallen, names(silence.back), silence.silent) == ([], ["WIN10"], 1)
    store.apply(Changes(heard_again=[number for number, _ in silence.back]))
    for again in (store, crash()):
        silence = again.silence(before + DAY, WEEK)
        assert (silence.fallen, silence.back, silence.silent) == ([], [], 1)
    store = crash()
    hear(store, clock, 40, WIN11)
    assert names(store.silence(AT + 33 * DAY, WEEK).fallen) == ["WIN10"], "a silence of its own"


def test_a_row_is_written_only_where_the_hour_changed(crash: Crash, clock: FakeClock) -> None:
    store = crash()
    hear(store, clock, 0, WIN10)
    run = store.database.connection.execute
    before = run("SELECT first, last FROM agent").fetchall()
    run("UPDATE agent SET last = 17")
    hear(store, clock, 0.01, WIN10)
    assert run("SELECT last FROM agent").fetchall() == [(17,)], "the same hour"
    hear(store, clock, 0.05, WIN10)
    hour = AT // 3600 * 3600
    assert before == [(hour, hour)]
    assert run("SELECT first, last FROM agent").fetchall() == [(hour, hour + 3600)]


def test_what_was_not_flushed_was_not_heard(crash: Crash, clock: FakeClock) -> None:
    store = crash()
    begun = make_batch([])  # a new source's first position is committed at once
    store.take(begun, parse_all, lambda _, __: Changes())
    batch = make_batch([make_event("nas.lan", agent=WIN10, record=5)])
    store.take(batch, parse_all, lambda _, __: Changes())
    assert crash().silence(AT + 99 * DAY, 0).silent == 0


def test_logs_are_known_again_after_a_restart_whatever_computer_they_are_of(crash: Crash) -> None:
    computers = ["WIN10.corp.example", 'a "b"\0c', "zweiter-Füller"]
    events = [make_event("nas.lan", record=7, agent=agent, computer=pc) for agent in (WIN10, WIN11) for pc in computers]
    store = crash()
    store.take(make_batch(events), parse_all, lambda _, __: Changes())
    store.flush()
    store = crash()
    store.take(make_batch([*events, make_event("nas.lan", record=8)], "more"), parse_all, lambda _, __: Changes())
    assert store.account("wazuh")["duplicate"] == len(events)
