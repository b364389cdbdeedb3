"""Stored alerts and their way out, through the store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, make_batch, make_event, parse_all
from firstsight.core.verdict import Severity
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore

Crash = Callable[[], SqliteStore]


@pytest.fixture
def crash(tmp_path: Path) -> Iterator[Crash]:
    """Opens the store; again and again, with nothing flushed in between."""
    stores: list[SqliteStore] = []

    def reopen() -> SqliteStore:
        for store in stores:
            store.database.close()
        stores[:] = [SqliteStore(tmp_path / "store.db", FakeClock(AT), sinks=["wazuh", "file"], local=["wazuh"])]
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


def waiting(store: SqliteStore, sink: str = "wazuh", limit: int = 100) -> list[str]:
    return [alert.id for _, alert in store.unsent(sink, limit)]


def test_an_alert_comes_back_as_it_was(crash: Crash) -> None:
    alert = make_alert("first_seen", "newly_registered", summary="a “quoted” \x00 text", follows="alert-0")
    crash().apply(Changes(alerts=[alert]))
    store = crash()
    ((_, stored),) = store.unsent("wazuh", 10)
    assert stored == alert
    assert store.alert_of("xk7.example") == stored
    assert store.alert_of("never.com") is None


def test_every_sink_gets_every_alert_in_order(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=1), make_alert(number=2)]))
    store.apply(Changes(alerts=[make_alert(number=3)]))
    assert waiting(store) == waiting(store, "file") == ["alert-1", "alert-2", "alert-3"]
    assert waiting(store, limit=2) == ["alert-1", "alert-2"]
    assert waiting(store, "another") == []


def test_an_alert_of_a_node_goes_through_that_node_and_past_the_queue_here(crash: Crash) -> None:
    crash().apply(Changes(alerts=[make_alert(number=n, node=node) for n, node in enumerate(["", "a", "b", "a"])]))
    store = crash()
    assert waiting(store) == ["alert-0"]
    assert waiting(store, "file") == ["alert-0", "alert-1", "alert-2", "alert-3"]
    assert waiting(store, "node:a") == ["alert-1", "alert-3"]
    assert waiting(store, "node:b") == ["alert-2"]
    assert [store.waiting(sink) for sink in ("wazuh", "file", "node:a", "node:b", "node:c")] == [1, 4, 2, 1, 0]
    assert store.totals()["outbox"] == 5, "of this machine's sinks"
    store.sent("node:a", store.unsent("node:a", 1)[0][0])
    assert (waiting(store, "node:a"), store.waiting("node:a")) == (["alert-3"], 1)
    store.tidy()
    assert waiting(crash(), "node:a") == ["alert-3"]


def test_what_one_sink_has_sent_still_waits_for_the_other(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=n) for n in (1, 2, 3)]))
    places = [place for place, _ in store.unsent("wazuh", 10)]
    store.sent("wazuh", places[1])
    assert waiting(store) == ["alert-3"]
    assert waiting(store, "file") == ["alert-1", "alert-2", "alert-3"]
    assert store.totals()["outbox"] == 4


def test_sent_is_forgotten_with_the_next_commit_and_not_before(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=n) for n in (1, 2, 3)]))
    store.sent("wazuh", store.unsent("wazuh", 2)[-1][0])
    store = crash()
    assert waiting(store) == ["alert-1", "alert-2", "alert-3"], "at least once: sent again after a crash"
    store.sent("wazuh", store.unsent("wazuh", 2)[-1][0])
    store.tidy()
    assert waiting(crash()) == ["alert-3"]
    store = crash()
    store.sent("wazuh", store.unsent("wazuh", 2)[-1][0])
    store.flush()
    store = crash()
    assert waiting(store) == []
    store.apply(Changes(alerts=[make_alert(number=4)]))
    assert waiting(store) == ["alert-4"], "places grow on, also where the outbox was empty"


def test_the_outbox_keeps_no_rows_of_what_is_sent(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=n) for n in range(50)]))
    for sink in ("wazuh", "file"):
        store.sent(sink, store.unsent(sink, 100)[-1][0])
    store.flush()
    assert store.database.connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert len(store.alerts(after=0, limit=100)) == 50, "the alerts themselves stay"


def test_the_same_alert_decided_again_is_sent_once(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=1)]))
    store.apply(Changes(alerts=[make_alert(number=1, summary="decided again after a power cut")]))
    ((_, stored),) = store.unsent("wazuh", 10)
    assert stored.summary != "decided again after a power cut"


def test_alert_and_first_sight_are_one_commit(crash: Crash) -> None:
    store = crash()
    batch = make_batch([make_event("harbour.com")])
    store.take(batch, parse_all, lambda _, __: Changes(alerts=[make_alert(number=1)], told={"harbour.com": 1}))
    store = crash()
    assert waiting(store) == ["alert-1"]
    assert store.told("harbour.com") == 1
    assert store.seen(["harbour.com"])["harbour.com"].first == AT
    store = crash()
    store.take(batch, parse_all, lambda _, __: Changes(alerts=[make_alert(number=2)]))
    assert waiting(store) == ["alert-1"], "read again, and no news"


def test_alerts_page_by_page(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=n) for n in range(5)]))
    first = store.alerts(after=0, limit=2)
    second = store.alerts(after=first[-1][0], limit=9)
    assert [alert.id for _, alert in first + second] == [f"alert-{n}" for n in range(5)]


def test_the_newest_alert_of_a_domain(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(alerts=[make_alert(number=n) for n in (1, 2)]))
    newest = store.alert_of("xk7.example")
    assert newest is not None
    assert newest.id == "alert-2"


def test_counts_of_alerts_and_of_what_was_held_back(crash: Crash) -> None:
    changes = Changes(alerts=[make_alert(number=1, severity=Severity.LOW), make_alert(number=2)])
    changes.hold("popular")
    crash().apply(changes)
    totals = crash().totals()
    assert [totals[what] for what in ("alerts:low", "alerts:high", "held:popular")] == [1, 1, 1]
