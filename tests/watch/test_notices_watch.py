"""Troubles are told once as they begin and once when they are over."""

import asyncio
import json
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dns_events import AT, DAY, make_event
from firstsight.core.errors import StoreError
from firstsight.core.notices import NOTICES, Notice
from firstsight.ports import Sink
from firstsight.sinks.jsonl import AlertFile
from firstsight.sinks.wazuh import WazuhQueue
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.watch.daily import Daily
from firstsight.watch.deeds import DeedNotices
from firstsight.watch.loop import Watch
from firstsight.watch.notices import Notices
from firstsight.watch.troubles import Troubles
from pipeline import Pipeline, ScriptedSource

MINUTE = 60.0
HOUR = 3600.0
NO_FILE = "There is no file alerts.json."


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db")
    pipe.told()
    yield pipe
    pipe.close()


def sides(notices: list[Notice]) -> list[tuple[str, str, str]]:
    return [(notice.code, notice.subject, str(notice.state)) for notice in notices]


BEGAN, OVER = ("source_trouble", "wazuh", "began"), ("source_trouble", "wazuh", "over")


def test_a_trouble_that_lasts_is_told_once_each_way(pipe: Pipeline) -> None:
    pipe.source.says = NO_FILE
    assert pipe.told(5 * MINUTE) == []
    (began,) = pipe.told(HOUR)
    assert sides([began]) == [BEGAN]
    assert (began.summary, began.at - began.since) == (NO_FILE, 5 * MINUTE)
    pipe.source.says = None
    assert pipe.told(5 * MINUTE) == []
    (over,) = pipe.told(HOUR)
    assert sides([over]) == [OVER]
    assert over.summary == f"It is over, after 70 minutes: “{NO_FILE}”"
    assert (over.since, over.times) == (began.since, 1)


def test_a_moments_trouble_is_not_told(pipe: Pipeline) -> None:
    for _ in range(20):
        pipe.source.says = NO_FILE
        assert pipe.told(4 * MINUTE) == []
        pipe.source.says = None
        assert pipe.told(5) == []


def test_a_moment_without_it_is_no_end(pipe: Pipeline) -> None:
    pipe.source.says = NO_FILE
    assert sides(pipe.told(6 * MINUTE)) == [BEGAN]
    for _ in range(20):
        pipe.source.says = None
        assert pipe.told(4 * MINUTE) == []
        pipe.source.says = NO_FILE
        assert pipe.told(10) == []


def test_what_comes_and_goes_is_told_less_and_less(pipe: Pipeline) -> None:
    notices: list[Notice] = []
    for _ in range(60):
        for says in (NO_FILE, None):
            pipe.source.says = says
            notices += pipe.told(11 * MINUTE, every=30)
    assert sides(notices) == [BEGAN, OVER, BEGAN, OVER, BEGAN], "a day of it"
    assert [notice.times for notice in notices] == [1, 1, 2, 2, 3]


def test_after_a_quiet_day_it_counts_anew(pipe: Pipeline) -> None:
    for times in (1, 2, 1):
        pipe.source.says = NO_FILE
        (began,) = pipe.told(6 * MINUTE)
        assert began.times == times
        pipe.source.says = None
        assert len(pipe.told(20 * MINUTE)) == 1
        if times == 2:
            pipe.clock.at += 2 * DAY


def test_a_restart_tells_nothing_twice_and_forgets_no_end(pipe: Pipeline) -> None:
    pipe.source.says = NO_FILE
    assert sides(pipe.told(6 * MINUTE)) == [BEGAN]
    pipe.crash()
    assert pipe.told(HOUR) == []
    pipe.source.says = None
    pipe.crash()
    assert sides(pipe.told(6 * MINUTE)) == [OVER]
    pipe.crash()
    assert pipe.told(HOUR) == []


def test_a_source_that_is_not_followed_any_more_is_over(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", sources=2)
    pipe.sources[1].says = NO_FILE
    assert sides(pipe.told(6 * MINUTE)) == [("source_trouble", "wazuh-1", "began")]
    del pipe.sources[1]
    pipe.crash()
    assert sides(pipe.told(6 * MINUTE)) == [("source_trouble", "wazuh-1", "over")]
    pipe.close()


def test_a_clock_set_back_delays_nothing_for_long(pipe: Pipeline) -> None:
    pipe.source.says = NO_FILE
    pipe.told(4 * MINUTE)
    pipe.clock.at -= DAY
    assert sides(pipe.told(6 * MINUTE)) == [("clock_trouble", "this machine", "began"), BEGAN]
    pipe.source.says = None
    pipe.clock.at -= 30
    assert sides(pipe.told(2 * HOUR)) == [OVER, ("clock_trouble", "this machine", "over")]


def test_a_machine_that_was_asleep_tells_nothing(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db")
    for day in range(9):
        pipe.clock.at = AT + day * DAY
        pipe.see(make_event("nas.lan", at=pipe.clock.at))
    assert pipe.told(10 * MINUTE) == []
    pipe.clock.at += DAY
    assert pipe.told() == []
    pipe.see(make_event("nas.lan", at=pipe.clock.at))
    assert pipe.told(50 * MINUTE) == []
    assert sides(pipe.told(DAY, every=60)) == [], "a day is what it has rested by now"
    assert sides(pipe.told(DAY, every=60)) == [("source_silent", "wazuh", "began")]
    pipe.close()


def test_a_stuck_sink_hears_of_it_afterwards(pipe: Pipeline) -> None:
    pipe.sink.room = 0
    assert pipe.told(HOUR) == []
    pipe.sink.room = 99
    (began,) = pipe.told()
    assert sides([began]) == [("outbox_stuck", "sink", "began")]
    assert sides(pipe.told(6 * MINUTE)) == [("outbox_stuck", "sink", "over")]


# -- a store that can't be written -------------------------------------------------------------------------------------

STORE_BEGAN, STORE_OVER = ("store_trouble", "", "began"), ("store_trouble", "", "over")


def fill_up(pipe: Pipeline) -> None:
    run = pipe.store.database.connection.execute
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count').fetchone()[0]}")
    pipe.source.add(*(make_event(f"name-number-{number}-of-a-long-list.com") for number in range(300)))


def give_room(pipe: Pipeline) -> None:
    pipe.store.database.connection.execute("PRAGMA max_page_count = 1073741823")


def test_a_full_disk_is_told_all_the_same_and_its_end(pipe: Pipeline) -> None:
    fill_up(pipe)
    assert pipe.told(25) == []
    (began,) = pipe.told(HOUR, every=60)
    assert sides([began]) == [STORE_BEGAN]
    assert "is full" in began.summary
    assert pipe.store.latest_notices() == [], "it could not be stored"
    give_room(pipe)
    (over,) = pipe.told(6 * MINUTE)
    assert sides([over]) == [STORE_OVER]
    assert began.summary in over.summary
    assert pipe.told(HOUR) == []
    assert pipe.store.latest_notices() == [over]


def test_a_store_that_can_not_even_be_read_is_told(pipe: Pipeline) -> None:
    pipe.crash()  # nothing is read of the notices yet
    pipe.store.database.connection.close()
    pipe.watch.store_trouble = "The store is damaged."
    pipe.notices.look()
    pipe.clock.at += 30
    pipe.notices.look()
    pipe.notices.look()
    assert [notice.summary for notice in pipe.sink.notices] == ["The store is damaged."]
    pipe.crash()


def test_a_sink_that_is_away_too_hears_when_it_is_back(pipe: Pipeline) -> None:
    fill_up(pipe)
    pipe.sink.room = 0
    assert pipe.told(10 * MINUTE, every=20) == []
    pipe.sink.room = 9999
    assert sides(pipe.told()) == [STORE_BEGAN]


def test_a_sink_that_comes_back_after_all_is_over_hears_of_the_end_alone(pipe: Pipeline) -> None:
    fill_up(pipe)
    pipe.sink.room = 0
    pipe.told(10 * MINUTE, every=20)
    give_room(pipe)
    pipe.told(10 * MINUTE, every=20)
    pipe.sink.room = 9999
    assert STORE_BEGAN not in (told := sides(pipe.told(10 * MINUTE)))
    assert STORE_OVER in told


def test_other_troubles_wait_until_they_can_be_stored(pipe: Pipeline) -> None:
    fill_up(pipe)
    pipe.source.says = NO_FILE
    assert sides(pipe.told(HOUR, every=60)) == [STORE_BEGAN]
    give_room(pipe)
    assert sides(pipe.told(6 * MINUTE)) == [BEGAN, STORE_OVER]


def test_what_can_not_be_kept_is_told_at_a_later_look(pipe: Pipeline) -> None:
    pipe.source.says = NO_FILE
    pipe.told(5 * MINUTE - 5)
    run = pipe.store.database.connection.execute
    run("ALTER TABLE notice RENAME TO gone")
    pipe.clock.at += 10
    with pytest.raises(StoreError):
        pipe.notices.look()
    run("ALTER TABLE gone RENAME TO notice")
    assert sides(pipe.told(5)) == [BEGAN]


# -- through real ends -------------------------------------------------------------------------------------------------


async def test_it_runs_and_reaches_queue_and_file(tmp_path: Path) -> None:
    """A real store, a real socket and a real file; a restart in the middle."""
    with (
        tempfile.TemporaryDirectory(prefix="fs") as short,
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager,
    ):
        manager.bind(f"{short}/queue")
        manager.setblocking(False)
        heard: list[dict[str, Any]] = []
        source = ScriptedSource("manager")
        for says in (NO_FILE, None):
            source.says = says
            heard += await _run_for_a_while(tmp_path, Path(short) / "queue", source, manager)
    assert [(notice["state"], "error" in notice) for notice in heard] == [("began", True), ("over", False)]
    assert all((notice["subject"], "domain" in notice) == ("manager", False) for notice in heard)
    lines = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert [line["notice_id"] for line in lines] == [notice["notice_id"] for notice in heard]


class Hurried:
    """A clock that is six minutes on at each look at it."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        self.at += 6 * MINUTE
        return self.at


async def _run_for_a_while(
    folder: Path, queue: Path, source: ScriptedSource, manager: socket.socket
) -> list[dict[str, Any]]:
    clock = Hurried(AT if source.says else AT + DAY)
    pipe = Pipeline(folder / "other.db")
    sinks: list[Sink] = [WazuhQueue(queue, clock), AlertFile(folder / "alerts.jsonl", clock)]
    store = SqliteStore(folder / "store.db", clock, sinks=[sink.name for sink in sinks])
    watch = Watch(store, pipe.lens, pipe.decisions, clock, sources=[source], sinks=sinks)
    troubles = Troubles(store, watch, lambda: None, clock, silent=0, lagging=0)
    notices = Notices(
        store,
        troubles,
        watch.sinks,
        clock,
        Daily(store, at=None, agent_silent=0),
        DeedNotices(store, SqliteTrail(store.database)),
    )
    running = asyncio.create_task(notices.run())
    await asyncio.sleep(0)
    for _ in range(3):
        notices.look()
    watch.turn()
    running.cancel()
    for sink in sinks:
        sink.close()
    store.close()
    pipe.close()
    message = manager.recv(65536)
    fields: dict[str, Any] = json.loads(message[message.index(b":{") + 1 :])["firstsight"]
    return [fields]


# -- whatever happens --------------------------------------------------------------------------------------------------

STEPS = st.tuples(
    st.sampled_from(["source", "sink", "registries", "all", "none"]),
    st.sampled_from([10.0, 4 * MINUTE, 20 * MINUTE, 5 * HOUR, 30 * HOUR, -HOUR, -3 * DAY]),
    st.sampled_from(["", "", "crash", "full", "room"]),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(STEPS, max_size=25))
@example(  # a notice is what finds the disk full
    [
        *(("source", seconds, "") for seconds in (10.0, 4 * MINUTE, 4 * MINUTE, 10.0, -HOUR)),
        ("sink", 5 * HOUR, ""),
        ("source", -HOUR, "full"),
        ("source", 10.0, "crash"),
        ("all", 20 * MINUTE, ""),
        ("none", 5 * HOUR, ""),
        ("all", 10.0, "full"),
        ("all", 30 * HOUR, ""),
    ]
)
def test_each_trouble_begins_and_ends_in_turn(script: list[tuple[str, float, str]]) -> None:
    """However troubles come and go, the clock moves and the process dies: began, over, began, over, …"""
    with tempfile.TemporaryDirectory(prefix="fs") as folder:
        pipe = Pipeline(Path(folder) / "store.db")
        pipe.silent = 0
        pipe.wire(pipe.store)
        notices = pipe.told()
        full = False
        for who, seconds, mishap in script:
            pipe.source.says = "It can't be read." if who in {"source", "all"} else None
            pipe.sink.room = 0 if who in {"sink", "all"} else 10**6
            pipe.registries_say = "None answers." if who in {"registries", "all"} else None
            pipe.clock.at += min(seconds, 0)
            notices += pipe.told(max(seconds, 0), every=max(5.0, seconds / 20))
            if mishap == "crash":
                pipe.crash()
                full = False
            elif mishap == "full" and not full:
                fill_up(pipe)
                full = True
            elif mishap == "room":
                give_room(pipe)
                full = False
        give_room(pipe)
        pipe.source.says = pipe.registries_say = None
        pipe.sink.room = 10**6
        notices += pipe.told(3 * DAY, every=900)
        told: dict[tuple[str, str], list[str]] = {}
        for notice in {notice.id: notice for notice in notices}.values():  # at least once: an id is one notice
            told.setdefault((notice.code, notice.subject), []).append(str(notice.state))
        for (code, _), states in told.items():
            if code == "store_trouble":  # a restart forgets that it was told; it is told again, or its end is not
                continue
            if NOTICES[code].two_sided:
                assert states == ["began", "over"] * (len(states) // 2), code
        pipe.close()
