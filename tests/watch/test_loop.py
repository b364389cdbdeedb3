import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dns_events import AT, DAY, make_agent, make_event
from firstsight.core.errors import StoreError
from firstsight.ports import Changes, Question
from pipeline import Pipeline, registered

MANY = [f"name-number-{number}-of-a-long-list.com" for number in range(1500)]


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db", sources=2)
    yield pipe
    pipe.close()


def fill_up(pipe: Pipeline) -> None:
    """No page more: SQLite says SQLITE_FULL as it does on a full disk."""
    run = pipe.store.database.connection.execute
    run(f"PRAGMA max_page_count = {run('PRAGMA page_count').fetchone()[0]}")


def give_room(pipe: Pipeline) -> None:
    pipe.store.database.connection.execute("PRAGMA max_page_count = 1073741823")


def domains(pipe: Pipeline) -> list[str]:
    """Domains of all alerts that came out since the last time, after whoever waited has stopped waiting."""
    alerts = [*pipe.run(), *pipe.after(5), *pipe.run()]  # a turn decides a thousand cases
    return [alert.verdict.domain for alert in alerts]


# -- where reading begins ----------------------------------------------------------------------------------------------


def test_sources_begin_where_they_were_stored(pipe: Pipeline) -> None:
    pipe.source.add(make_event("one.com"))
    pipe.source.add(make_event("two.com"))
    assert domains(pipe) == ["one.com", "two.com"]
    assert [source.resumed for source in pipe.sources] == [[None], [None]]
    pipe.store.flush()
    pipe.crash()
    pipe.source.add(make_event("three.com"))
    assert domains(pipe) == ["three.com"]
    assert [source.resumed for source in pipe.sources] == [[None, "2"], [None, None]]


def test_after_a_crash_nothing_is_lost_or_told_twice(pipe: Pipeline) -> None:
    heard: list[str] = []
    for number in range(6):
        pipe.source.add(*(make_event(f"d{number}-{n}.com", record=10 * number + n + 1) for n in range(5)))
        pipe.source.add(make_event("always.com", record=1000 + number))
        heard += [alert.verdict.domain for alert in pipe.run()]
        if number % 2:
            pipe.crash()
        if number == 3:
            pipe.store.flush()
    heard += domains(pipe)
    assert Counter(heard) == Counter([f"d{number}-{n}.com" for number in range(6) for n in range(5)] + ["always.com"])
    assert pipe.store.seen(["always.com"])["always.com"].count == 6
    assert pipe.store.account("wazuh")["events"] == 36


def test_a_case_that_waits_survives_a_crash(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.crash()
    assert pipe.run() == []
    (alert,) = pipe.answer("harbour.com", registered(3))
    assert alert.verdict.domain == "harbour.com"


def test_all_sources_get_their_turn(pipe: Pipeline) -> None:
    for number in range(3):
        pipe.sources[0].add(make_event(f"a{number}.com"))
    pipe.sources[1].add(make_event("b.com"))
    pipe.watch.turn()
    assert [source.place for source in pipe.sources] == [1, 1]
    assert sorted(domains(pipe)) == ["a0.com", "a1.com", "a2.com", "b.com"]


# -- a store that fails ------------------------------------------------------------------------------------------------


def test_a_full_disk_loses_nothing_and_doubles_nothing(pipe: Pipeline) -> None:
    pipe.see(make_event("before.com"))
    pipe.store.flush()
    pipe.source.add(*(make_event("before.com", agent=make_agent(number)) for number in range(900)))
    pipe.source.add(*(make_event(name) for name in MANY))
    pipe.sources[1].add(make_event("other-source.com"))
    fill_up(pipe)
    assert pipe.run() == []
    says = pipe.watch.store_trouble
    assert says is not None
    assert "is full" in says
    assert not pipe.watch.turn(), "it does not run hot while it can't write"
    give_room(pipe)
    heard = domains(pipe)
    assert pipe.watch.store_trouble is None
    assert Counter(heard) == Counter(["before.com", "other-source.com", *MANY])
    assert pipe.store.seen(["before.com"])["before.com"].count == 901
    assert pipe.store.account("wazuh")["events"] == 901 + len(MANY)
    assert pipe.store.account("wazuh-1")["events"] == 1


def test_a_disk_that_takes_small_writes_only_is_not_said_to_work(pipe: Pipeline) -> None:
    pipe.see(make_event("before.com"))
    pipe.store.flush()
    fill_up(pipe)
    pipe.source.add(make_event("before.com", agent=make_agent(2)))  # only counted, and there is room for that
    pipe.source.add(*(make_event(name) for name in MANY))
    with capture_logs() as told:
        for _ in range(10):
            pipe.after(2)
            assert pipe.watch.store_trouble is not None
        give_room(pipe)
        heard = [*pipe.after(2), *pipe.after(2), *pipe.after(2), *pipe.after(5), *pipe.run()]
    assert pipe.watch.store_trouble is None
    assert [line["event"] for line in told] == ["store_failed", "store_works_again"]
    assert Counter(alert.verdict.domain for alert in heard) == Counter(MANY)
    assert pipe.store.seen(["before.com"])["before.com"].count == 2


def test_alerts_that_are_committed_leave_while_the_disk_is_full(pipe: Pipeline) -> None:
    pipe.sink.room = 0
    pipe.see(*(make_event(f"d{number}.com") for number in range(250)))
    pipe.after(5)
    assert pipe.store.totals()["outbox"] == 250
    fill_up(pipe)
    pipe.source.add(*(make_event(name) for name in MANY))
    assert pipe.run() == []
    pipe.sink.room = 10**6
    assert [alert.verdict.domain for alert in pipe.run()] == [f"d{number}.com" for number in range(250)]
    assert pipe.watch.store_trouble is not None
    assert pipe.after(2) == [], "once, though it can't be written down that they left"
    give_room(pipe)
    assert Counter(domains(pipe)) == Counter(MANY)


def test_a_store_that_is_taken_away_is_noticed_and_none_is_made(pipe: Pipeline, tmp_path: Path) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.store.flush()
    away = tmp_path / "away"
    away.mkdir()
    for file in tmp_path.glob("store.db*"):
        file.rename(away / file.name)
    pipe.after(1)  # nothing to read, nothing to write
    assert "store.db was removed or replaced" in (pipe.watch.store_trouble or "")
    pipe.see(make_event("garden.net"))
    with pytest.raises(StoreError, match="removed or replaced"):
        pipe.store.checkpoint()
    assert list(tmp_path.glob("store.db*")) == []
    for file in away.iterdir():
        file.rename(tmp_path / file.name)
    assert domains(pipe) == ["harbour.com", "garden.net"]
    assert pipe.watch.store_trouble is None


def test_a_backup_put_in_the_place_of_a_running_store_is_left_alone(pipe: Pipeline, tmp_path: Path) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.store.flush()
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(backup)) as copy:
        pipe.store.database.connection.backup(copy)
    before = backup.read_bytes()
    running = pipe.path.rename(tmp_path / "running.db")
    backup.rename(pipe.path)
    pipe.see(make_event("garden.net"))
    assert "stop firstsight" in (pipe.watch.store_trouble or "")
    assert pipe.path.read_bytes() == before
    running.replace(pipe.path)


def test_a_look_up_that_fails_sends_the_sources_back_too(pipe: Pipeline) -> None:
    """Another caller's failure forgets what was counted in memory: the pipeline notices."""
    pipe.see(make_event("harbour.com"))
    pipe.store.flush()
    pipe.see(make_event("harbour.com"), make_event("harbour.com"))  # counted in memory only
    fill_up(pipe)
    with pytest.raises(StoreError):
        pipe.store.contact([pipe.lens.parse(name) for name in MANY], AT)
    give_room(pipe)
    pipe.run()
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 3


def test_an_answer_that_can_t_be_kept_leaves_its_question(pipe: Pipeline) -> None:
    pipe.see(*(make_event(f"t{number}.blogspot.com") for number in range(300)))
    (question,) = pipe.store.questions(AT, 5)
    fill_up(pipe)
    with pytest.raises(StoreError):
        pipe.answer(question.registered, registered(3))
    assert pipe.store.questions(AT, 5) == [question]
    give_room(pipe)
    assert len(pipe.answer(question.registered, registered(3))) == 300


# -- sinks -------------------------------------------------------------------------------------------------------------


def test_a_sink_that_takes_a_few_gets_the_rest_later_in_order(pipe: Pipeline) -> None:
    pipe.sink.room = 30
    pipe.see(*(make_event(f"d{number}.com") for number in range(250)))
    assert len(pipe.after(5)) == 30
    assert pipe.run() == []
    pipe.sink.room = 1
    heard = [alert.verdict.domain for alert in pipe.run()]
    pipe.sink.room = 10**6
    heard += [alert.verdict.domain for alert in pipe.run()]
    assert heard == [f"d{number}.com" for number in range(30, 250)]
    pipe.crash()
    assert pipe.run() != [], "what was sent since the last commit is sent again: at least once"


def test_what_a_sink_took_is_committed_within_a_second(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    assert len(pipe.after(5)) == 1
    pipe.after(1.1)
    pipe.crash()
    assert pipe.run() == []


def test_a_full_outbox_stops_reading_until_the_sink_takes_alerts(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", outbox_bound=50)
    pipe.sink.room = 0
    for number in range(10):
        pipe.source.add(*(make_event(f"d{number}-{n}.com") for n in range(20)))
    for _ in range(40):
        pipe.clock.at += 5
        pipe.watch.turn()
    assert pipe.source.lag() > 0, "it waits"
    assert 50 <= pipe.store.totals()["outbox"] < 200
    pipe.sink.room = 10**6
    heard = []
    for _ in range(10):
        pipe.clock.at += 5
        heard += [alert.verdict.domain for alert in pipe.run()]
    assert pipe.source.lag() == 0
    assert Counter(heard) == Counter(f"d{number}-{n}.com" for number in range(10) for n in range(20))
    pipe.close()


def test_a_sink_that_is_down_delays_nothing_else(pipe: Pipeline) -> None:
    pipe.sink.room = 0
    pipe.see(make_event("harbour.com"))
    pipe.after(5)
    pipe.see(make_event("garden.net"))
    assert pipe.source.lag() == 0
    assert pipe.store.seen(["garden.net"])["garden.net"].count == 1


# -- time --------------------------------------------------------------------------------------------------------------


def test_counts_are_flushed_by_and_by(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.see(make_event("harbour.com"))
    pipe.after(31)
    pipe.crash()
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 2
    assert pipe.store.source("wazuh").position == "2"


def test_a_clock_set_back_stops_nothing(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    assert len(pipe.after(5)) == 1
    pipe.clock.at -= 10 * DAY
    pipe.run()
    pipe.crash()
    assert pipe.run() == [], "what was sent is cleared, though the clock says it is long before"


async def test_stopping_flushes(pipe: Pipeline) -> None:
    pipe.source.add(make_event("harbour.com"))
    pipe.source.add(make_event("harbour.com"))
    running = asyncio.create_task(pipe.watch.run())
    while pipe.source.lag():
        await asyncio.sleep(0)
    pipe.watch.stop()
    await running
    pipe.crash()
    assert pipe.store.source("wazuh").position == "2"
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 2


def test_learned_writes_answer_question_and_decisions_together(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    fact = registered(3)
    changes = Changes(dropped=["harbour.com"], asked=[Question("other.com", 2, AT, AT)])
    pipe.watch.learned("harbour.com", fact, changes)
    pipe.crash()
    assert [question.registered for question in pipe.store.questions(AT, 9)] == ["other.com"]
    assert pipe.waiting("harbour.com") == []
    assert len(pipe.run()) == 1
