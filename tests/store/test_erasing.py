"""What is erased is gone from rows, memory and bytes; that a domain was seen stays."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_samples import FakeClock
from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_batch, make_event, parse, parse_all
from firstsight.core.disguise import LEFT_OUT
from firstsight.core.events import Agent, Detail, DnsEvent, Process, Status
from firstsight.core.front import Fronts
from firstsight.core.privacy import Forgotten
from firstsight.core.verdict import Seen
from firstsight.ports import Changes, Doomed, News
from firstsight.store.checking import check
from firstsight.store.sqlite import SqliteStore
from pipeline import Pipeline, bytes_of, rows, told

OLD = AT - 500 * DAY
BEFORE = AT - 400 * DAY
ALL_OLD = Doomed(BEFORE, BEFORE, BEFORE)


def erase(store: SqliteStore, doomed: Doomed) -> dict[str, int]:
    """To the end; how much of what."""
    return list(store.erase(doomed))[-1]


# -- by age ------------------------------------------------------------------------------------------------------------


def test_that_a_domain_was_seen_is_kept_for_ever(pipe: Pipeline) -> None:
    pipe.clock.at = OLD
    pipe.see(make_event("www.old.com", at=OLD, record=1), make_event("www.both.com", at=OLD, agent=WIN11, record=1))
    pipe.see(make_event("in-vain.com", at=OLD, status=Status.NXDOMAIN))
    pipe.after(10)
    pipe.clock.at = AT
    pipe.see(make_event("mail.both.com", record=2), make_event("new.com", record=3))
    pipe.after(10)
    pipe.store.flush()

    erased = erase(pipe.store, ALL_OLD)

    assert erased == {
        "pairs": 3, "first_askers": 2, "hosts": 1, "records": 1, "marks": 1, "alerts": 2, "first_sights": 2, "hours": 2,
    }  # fmt: skip
    seen = pipe.store.seen(["old.com", "both.com", "new.com", "in-vain.com"])
    assert seen["old.com"] == Seen(OLD, OLD, 1, 0)
    assert seen["both.com"] == Seen(OLD, AT, 2, 1)
    assert seen["new.com"] == Seen(AT, AT, 1, 1)
    assert seen["in-vain.com"] == Seen()
    assert pipe.store.hosts("old.com") == ([], False)
    assert pipe.store.hosts("both.com") == (["mail.both.com", "www.both.com"], False)
    assert rows(pipe, "SELECT name, agent FROM domain ORDER BY name") == [
        ("both.com", None), ("in-vain.com", None), ("new.com", 1), ("old.com", None),
    ]  # fmt: skip
    assert pipe.store.totals()["erased:pairs"] == 3
    assert erase(pipe.store, ALL_OLD) == {}

    pipe.see(make_event("www.old.com", at=AT + 5, agent=WIN11))
    assert told(pipe.after(10)) == [("old.com", {"newly_active", "first_seen_agent"})]
    assert pipe.store.seen(["old.com"])["old.com"].agents == 1
    assert pipe.store.hosts("old.com") == (["www.old.com"], False)
    pipe.store.flush()
    assert check(pipe.path).faults == []


def test_an_alert_that_is_not_delivered_stays_and_the_newest_too(pipe: Pipeline) -> None:
    pipe.clock.at = OLD
    pipe.sink.room = 1
    pipe.see(make_event("first.com", at=OLD), make_event("second.com", at=OLD + 1), make_event("third.com", at=OLD + 2))
    pipe.after(10)
    pipe.clock.at = AT
    pipe.store.tidy()
    assert erase(pipe.store, Doomed(alerts_before=BEFORE)) == {"alerts": 1}
    pipe.sink.room = 9
    assert [alert.verdict.domain for alert in pipe.run()] == ["second.com", "third.com"]
    pipe.store.tidy()
    assert erase(pipe.store, Doomed(alerts_before=BEFORE)) == {"alerts": 1}
    (newest,) = pipe.store.alerts(after=0, limit=9)
    assert newest[0] == 3, "whoever reads on from a number misses none"


def test_programs_and_users_that_nothing_names_are_gone(pipe: Pipeline) -> None:
    pipe.see(make_event("old.com", at=OLD, image=r"C:\old.exe"), make_event("new.com", image=r"C:\new.exe"))
    pipe.store.flush()
    assert erase(pipe.store, ALL_OLD) == {"pairs": 1, "first_askers": 1, "texts": 1, "first_sights": 1}
    assert rows(pipe, "SELECT image FROM process") == [(r"C:\new.exe",)]
    pipe.see(make_event("later.com", image=r"C:\old.exe"))
    pipe.store.flush()
    assert check(pipe.path).faults == []


AGENTS = [make_agent(number) for number in range(3)]
questions = st.builds(
    make_event,
    st.sampled_from(["a.com", "www.a.com", "b.com", "mail.b.com", "c.com"]),
    at=st.sampled_from([OLD, OLD + DAY, AT - DAY, AT]),
    agent=st.sampled_from(AGENTS),
    status=st.sampled_from([Status.ANSWERED, Status.NXDOMAIN]),
)


@settings(max_examples=60, deadline=None)
@given(script=st.lists(st.lists(questions, min_size=1, max_size=6), max_size=8), data=st.data())
def test_counts_stay_exact_whatever_comes_between(
    tmp_path_factory: pytest.TempPathFactory, script: list[list[DnsEvent]], data: st.DataObject
) -> None:
    """Passes step by step, between batches, flushes and restarts: the agents of a domain are its sightings' rows."""
    path = tmp_path_factory.mktemp("erase") / "store.db"
    store = SqliteStore(path, FakeClock(AT), fronts=Fronts(2, 2, 2), flush_part=2)
    steps: Iterator[dict[str, int]] = iter(())
    news: list[str] = []

    def listen(_: float, found: list[News]) -> Changes:
        news.extend(item.name.registrable for item in found if item.first_here)
        return Changes()

    for number, events in enumerate(script):
        batch = make_batch(events, str(number))
        store.take(batch, parse_all, listen)
        match data.draw(st.sampled_from(["age", "agent", "step", "step", "flush", "reopen", "secure"])):
            case "age":
                steps = store.erase(ALL_OLD)
            case "agent":
                steps = store.erase(Doomed(forgotten=Forgotten(agent="WS001")))
            case "flush":
                store.flush()
            case "secure":
                store.secure()
            case "reopen":
                steps = iter(())
                store.close()
                store = SqliteStore(path, FakeClock(AT), fronts=Fronts(2, 2, 2), flush_part=2)
        next(steps, None)
    for _ in steps:
        pass
    store.flush()
    known = store.seen(["a.com", "b.com", "c.com"])
    assert sorted(news) == sorted(set(news)), "no domain is new twice"
    events = [event for batch in script for event in batch]
    for domain, seen in known.items():
        sightings = [e for e in events if parse(e.name).registrable == domain and e.status is Status.ANSWERED]
        assert seen.count == len(sightings)
        assert seen.first == min((event.time for event in sightings), default=None)
    store.close()
    assert check(path).faults == []


# -- on request --------------------------------------------------------------------------------------------------------


def by(name: str, image: str, user: str, at: float = AT, agent: Agent = WIN10) -> DnsEvent:
    """An event of a user's program."""
    event = make_event(name, at=at, agent=agent)
    return msgspec.structs.replace(event, detail=lambda: Detail(Process(image, "{1}", "7", user), ()))


ALICE = r"C:\Users\Alice\AppData\Local\Temp\setup.exe"


def test_a_user_is_forgotten_to_the_last_byte(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipe = Pipeline(tmp_path / "kept" / "store.db")
    for number in range(40):  # enough that pages are split and freed
        pipe.see(by(f"host-{number}.harbour-{number}.com", ALICE, r"CORP\alice", AT + number))
        pipe.see(by(f"host-{number}.kestrel-{number}.com", r"C:\Windows\app.exe", r"CORP\bob", AT + number))
        if number == 20:
            pipe.after(10)
    pipe.store.flush()
    before = pipe.store.seen(["harbour-3.com"])
    assert b"alice" in bytes_of(pipe.path)

    erased = erase(pipe.store, Doomed(forgotten=Forgotten(user=r"corp\ALICE")))

    assert (erased["users"], erased["images"], erased["first_askers"]) == (1, 1, 40)
    assert erased["alerts_without"] + erased["cases_without"] >= 40
    assert b"alice" not in bytes_of(pipe.path)
    assert b"bob" in bytes_of(pipe.path)
    assert pipe.store.seen(["harbour-3.com"]) == before
    later = pipe.after(10)
    assert {alert.asked.process.image for alert in later} == {
        r"C:\Users\-\AppData\Local\Temp\setup.exe",
        r"C:\Windows\app.exe",
    }
    assert not [alert for alert in later if "alice" in repr(alert).lower()]
    pipe.close()
    assert b"alice" not in bytes_of(pipe.path)
    assert check(pipe.path).faults == []


def test_a_log_that_is_in_use_is_emptied_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint in another thread is in the way for a moment: then nothing of the log was cut off."""
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    store.take(make_batch([by("harbour.com", ALICE, r"CORP\alice")]), parse_all, lambda _, __: Changes())
    store.flush()
    empty, busy = store.database.empty_log, iter([True, True, False])
    monkeypatch.setattr(store.database, "empty_log", lambda: not next(busy) and empty())
    for _ in store.erase(Doomed(forgotten=Forgotten(user=r"CORP\alice"))):
        pass
    assert b"alice" not in bytes_of(tmp_path / "store.db")
    store.close()


def test_an_agent_is_forgotten_to_the_last_byte_and_may_come_back(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipe = Pipeline(tmp_path / "kept" / "store.db")
    events = [make_event(f"harbour-{number}.com", at=AT + number, record=number + 1) for number in range(40)]
    pipe.see(*events)
    pipe.see(make_event("harbour-1.com", at=AT + 50, agent=WIN11), make_event("in-vain.com", status=Status.NXDOMAIN))
    pipe.after(10)

    erased = erase(pipe.store, Doomed(forgotten=Forgotten(agent="WIN10")))

    assert (erased["agents"], erased["pairs"], erased["records"], erased["first_askers"]) == (1, 41, 1, 40)
    assert b"win10" not in bytes_of(pipe.path)
    assert pipe.store.seen(["harbour-1.com"])["harbour-1.com"] == Seen(AT + 1, AT + 50, 2, 1)
    assert pipe.see(make_event("harbour-2.com", at=AT + 60)) == []
    assert pipe.store.seen(["harbour-2.com"])["harbour-2.com"] == Seen(AT + 2, AT + 60, 2, 1)
    pipe.close()
    assert check(pipe.path).faults == []


def test_what_is_on_its_way_out_leaves_without_the_name(pipe: Pipeline) -> None:
    pipe.sink.room = 0
    pipe.see(by("harbour.com", ALICE, r"CORP\alice"))
    pipe.after(10)
    erase(pipe.store, Doomed(forgotten=Forgotten(user=r"CORP\alice")))
    pipe.sink.room = 9
    (alert,) = pipe.run()
    assert alert.asked.process.user == ""
    assert alert.summary.endswith("; asked by WIN10 (setup.exe, -)")


def test_a_pass_that_was_cut_short_is_ended_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    store = SqliteStore(path, FakeClock(AT))
    batch = make_batch([make_event(f"harbour-{number}.com") for number in range(1200)])
    store.take(batch, parse_all, lambda _, __: Changes())
    steps = store.erase(Doomed(forgotten=Forgotten(agent="WIN10")))
    next(steps)
    next(steps)
    store.close()
    store = SqliteStore(path, FakeClock(AT))
    erase(store, Doomed())
    assert {seen.agents for _, seen in store.page("", 2000)} == {0}
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM agent").fetchone() == (0,)
    assert check(path).faults == []


def test_nobody_of_that_name(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    assert erase(pipe.store, Doomed(forgotten=Forgotten(user="alice"))) == {}, "a user is named whole"


def test_users_that_are_not_kept(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT), evidence=LEFT_OUT.evidence)
    batch = make_batch([by("harbour.com", ALICE, r"CORP\alice")])
    store.take(batch, parse_all, lambda _, __: Changes())
    store.close()
    assert b"alice" not in bytes_of(tmp_path / "store.db")
