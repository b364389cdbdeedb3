"""Briefs of alerts, through the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from alert_samples import AT, DAY, FakeClock, make_alert
from firstsight.core.deeds import EVERY_DEED
from firstsight.core.events import Agent
from firstsight.core.facts import Unavailable
from firstsight.core.reasons import mask_of
from firstsight.core.review import Review, State
from firstsight.core.verdict import Severity
from firstsight.ports import Changes, Doomed
from firstsight.store.copies import APPLICATION_ID
from firstsight.store.database import migrations
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.store.views import SqliteViews
from registers_of_tests import ME


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    yield made
    made.close()


def rows(store: SqliteStore, question: str) -> list[tuple[object, ...]]:
    return store.database.connection.execute(question).fetchall()


def test_a_brief_says_what_the_alert_says(store: SqliteStore) -> None:
    store.apply(Changes(alerts=[make_alert(image=r"C:\Tools\CURL.exe")]))
    store.apply(
        Changes(alerts=[make_alert("nx_burst", number=2, agent=Agent("", ""), registration=Unavailable("timeout"))])
    )

    first, second = rows(store, "SELECT b.*, a.name FROM alert_brief AS b LEFT JOIN agent AS a ON a.id = b.agent")
    assert first == (
        1, AT - 2, "www.xk7.example", "xk7.example", 1, "curl.exe", Severity.HIGH.rank,
        mask_of(["first_seen", "newly_registered"]), "NEW", 12, AT - 2, "new", None, None, "WIN10",
    )  # fmt: skip
    assert (second[4], second[9], second[-1]) == (None, None, None), "nobody, and no age"
    assert rows(store, "SELECT reason, seq FROM alert_reason") == [(0, 1), (4, 1), (7, 2)]


def test_what_somebody_thinks_of_alerts_stays(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    store.apply(Changes(alerts=[make_alert(number=number) for number in range(3)]))
    assert (
        store.review(["alert-2", "alert-0", "alert-9", "alert-2"], Review(State.FALSE_ALARM, "local", AT + 5), ME) == 2
    )
    store.database.close()  # as a crash leaves it
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))

    found = SqliteViews(tmp_path / "store.db").decided(0, 9, None, None)
    false_alarm = Review(State.FALSE_ALARM, "local", AT + 5)
    assert [row.review for row in found] == [false_alarm, Review(), false_alarm]
    assert store.totals()["marked:false_alarm"] == 2
    assert [deed for _, deed in SqliteTrail(store.database).deeds(EVERY_DEED, after=0, limit=9)] == [
        ME.deed("reviewed", AT, f"{alert_id} false_alarm") for alert_id in ("alert-0", "alert-2")
    ]
    store.close()


def test_an_alert_that_goes_takes_its_brief_along(store: SqliteStore) -> None:
    store.apply(Changes(alerts=[make_alert(number=number) for number in range(2)]))
    list(store.erase(Doomed(alerts_before=AT + DAY)))

    assert rows(store, "SELECT seq FROM alert") == rows(store, "SELECT seq FROM alert_brief") == [(2,)]
    assert rows(store, "SELECT DISTINCT seq FROM alert_reason") == [(2,)]


def test_a_store_of_before_gets_its_briefs(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    samples = [
        make_alert(number=1, image=r"C:\Tools\CURL.exe", severity=Severity.LOW),
        make_alert("nx_burst", "random_name", number=2, registration=Unavailable("timeout"), image="/usr/bin/curl"),
        make_alert(number=3, agent=Agent("wazuh-1", "GONE"), image=""),
    ]
    with closing(sqlite3.connect(path)) as old:
        steps = migrations()
        before = next(n for n, step in enumerate(steps) if "CREATE TABLE alert_brief" in step)
        old.executescript("\n".join(steps[:before]))
        old.execute("INSERT INTO agent (id, manager, name) VALUES (1, 'wazuh-1', 'WIN10')")
        old.executemany(
            "INSERT INTO alert (seq, id, at, domain, severity, body) VALUES (?, ?, ?, 1, ?, ?)",
            [(n, a.id, a.at, a.verdict.severity.rank, msgspec.json.encode(a)) for n, a in enumerate(samples, 1)],
        )
        old.execute("UPDATE alert SET state = 'reviewed' WHERE seq = 2")
        old.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={before};")
    brought = SqliteStore(path, FakeClock(AT))
    fresh = SqliteStore(tmp_path / "new.db", FakeClock(AT))
    fresh.apply(Changes(alerts=samples))

    briefs = "SELECT * FROM alert_brief ORDER BY seq"
    was, wanted = rows(brought, briefs), [list(row) for row in rows(fresh, briefs)]
    wanted[1][11], wanted[2][4] = "reviewed", None  # an agent that no row names any more
    assert [list(row) for row in was] == wanted
    assert rows(brought, "SELECT * FROM alert_reason") == rows(fresh, "SELECT * FROM alert_reason")
    assert [alert for _, alert in brought.alerts(after=0, limit=9)] == samples
    brought.close()
    fresh.close()
