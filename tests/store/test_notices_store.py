"""Notices and marks through the store: one commit, the alerts' outboxes, and a store of before."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, make_batch, make_event, names_of, parse_all
from firstsight.core.alerts import Alert
from firstsight.core.notices import Notice, NoticeState, make_notice
from firstsight.ports import Changes
from firstsight.store.copies import APPLICATION_ID
from firstsight.store.sqlite import SqliteStore

Crash = Callable[[], SqliteStore]


@pytest.fixture
def crash(tmp_path: Path) -> Iterator[Crash]:
    """Opens the store; again and again, with nothing flushed in between."""
    stores: list[SqliteStore] = []

    def reopen() -> SqliteStore:
        for store in stores:
            store.database.close()
        stores[:] = [SqliteStore(tmp_path / "store.db", FakeClock(AT), sinks=["wazuh", "file"])]
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


def notice(subject: str = "manager", state: NoticeState = NoticeState.BEGAN, since: float = AT) -> Notice:
    return make_notice(
        "source_silent", state, subject, f"{subject} is silent.", at=AT, since=since, details={"names": ["a", "b"]}
    )


def waiting(store: SqliteStore, sink: str = "wazuh") -> list[str]:
    return [item.id if isinstance(item, Alert) else item.code for _, item in store.unsent(sink, 100)]


def test_a_notice_comes_back_as_it_was_through_every_sink(crash: Crash) -> None:
    crash().apply(Changes(notices=[notice()]))
    store = crash()
    for sink in ("wazuh", "file"):
        assert [item for _, item in store.unsent(sink, 9)] == [notice()]
    assert store.latest_notices() == [notice()]


def test_alerts_and_notices_leave_in_order(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=1)]))
    store.apply(Changes(notices=[notice()]))
    store.apply(Changes(alerts=[make_alert(number=2)]))
    assert waiting(store) == ["alert-1", "source_silent", "alert-2"]
    store.sent("wazuh", store.unsent("wazuh", 2)[-1][0])
    store.tidy()
    store = crash()
    assert (waiting(store), len(waiting(store, "file"))) == (["alert-2"], 3)
    assert store.totals()["outbox"] == 4


def test_a_notice_decided_again_is_neither_sent_nor_counted_twice(crash: Crash) -> None:
    crash().apply(Changes(notices=[notice()]))
    store = crash()
    store.apply(Changes(notices=[notice(), notice("other")]))
    assert len(waiting(store)) == 2
    assert store.totals()["notices:source_silent"] == 2


def test_notices_are_no_alerts(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(notices=[notice()]))
    assert store.alerts(after=0, limit=9) == []
    assert not any(what.startswith("alerts:") for what in store.totals())


def test_the_latest_of_each_subject(crash: Crash) -> None:
    store = crash()
    over = notice(state=NoticeState.OVER)
    store.apply(Changes(notices=[notice(), notice("other")]))
    store.apply(Changes(notices=[over]))
    assert crash().latest_notices() == [notice("other"), over]


def test_a_mark_is_kept_with_what_it_marks(crash: Crash) -> None:
    store = crash()
    assert store.mark("digest") is None
    store.apply(Changes(marks={"digest": "1"}))
    store.apply(Changes(marks={"digest": "2"}, notices=[notice()]))
    store = crash()
    assert (store.mark("digest"), len(waiting(store))) == ("2", 1)
    assert store.mark("next_domain") is None, "what the store keeps for itself is no mark"


def test_the_newest_event_of_a_source_is_never_in_the_future(crash: Crash) -> None:
    store = crash()
    for number, at in enumerate((AT - 60, AT - 90, AT + 200), start=1):
        batch = make_batch([make_event("harbour.com", at=at)], str(number))
        store.take(batch, parse_all, lambda _, __: Changes())
        assert store.source("wazuh").last == (AT if at > AT else AT - 60)
    store.flush()
    assert (crash().source("wazuh").last, store.sources()) == (AT, ["wazuh"])


def test_first_sights_are_counted_once(crash: Crash) -> None:
    batch = make_batch([make_event("harbour.com"), make_event("garden.net"), make_event("www.harbour.com")])
    for _ in range(2):
        store = crash()  # nothing is flushed: the batch is read again
        store.contact(names_of(make_batch([make_event("only-looked-up.com")])), AT)
        store.take(batch, parse_all, lambda _, __: Changes())
        assert store.totals()["new"] == 2


def test_an_alert_decided_again_is_counted_once(crash: Crash) -> None:
    for _ in range(2):
        crash().apply(Changes(alerts=[make_alert(number=1)]))
    assert crash().totals()["alerts:high"] == 1


def test_a_store_of_before_keeps_its_outbox(tmp_path: Path) -> None:
    """What waited at the upgrade still leaves, in its places, and new places come after all that were."""
    path = tmp_path / "store.db"
    first = (files("firstsight.store") / "migrations" / "0001_first.sql").read_text()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(f"{first}; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1")
        for number in (1, 2):
            alert = make_alert(number=number)
            body = msgspec.json.encode(alert)
            old.execute("INSERT INTO alert VALUES (?, ?, ?, 1, 3, NULL, 'new', ?)", (number, alert.id, AT, body))
        old.execute("INSERT INTO outbox VALUES (7, 'wazuh', 1), (9, 'wazuh', 2), (40, 'file', 2)")
        old.execute("DELETE FROM outbox WHERE seq = 40")
        old.execute("INSERT INTO source VALUES ('wazuh', '5', 1.0)")
        old.execute("INSERT INTO agent VALUES (1, 'wazuh-1', 'WIN10')")
    store = SqliteStore(path, FakeClock(AT), sinks=["wazuh"])
    store.apply(Changes(notices=[notice()]))
    assert [place for place, _ in store.unsent("wazuh", 9)] == [7, 9, 41]
    assert waiting(store) == ["alert-1", "alert-2", "source_silent"]
    assert (store.source("wazuh").position, store.source("wazuh").last) == ("5", None)
    assert store.silence(AT, 0).silent == 0
    store.close()
