"""Alerts that are read at once and unpacked later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_samples import AT, FakeClock, make_alert
from firstsight.core.alertfilter import parse_filter
from firstsight.core.alerts import Alert
from firstsight.core.disguise import LEFT_OUT
from firstsight.core.events import Process
from firstsight.core.review import Review, State
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore
from firstsight.store.views import SqliteViews
from registers_of_tests import ME

NUMBER = 30


@pytest.fixture
def alerts() -> list[Alert]:
    return [make_alert(number=n, image=rf"C:\x\{n}.exe") for n in range(NUMBER)]


@pytest.fixture
def store(tmp_path: Path, alerts: list[Alert]) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    made.apply(Changes(alerts=alerts))
    yield made
    made.close()


def test_they_are_what_was_stored(store: SqliteStore, alerts: list[Alert]) -> None:
    store.review(["alert-7"], Review(State.CONFIRMED, "alice", AT), ME)
    rows, complete = SqliteViews(store.database.path).packed([], now=AT, most=NUMBER)
    assert complete
    listed = [row.unpack() for row in rows]
    assert [row.alert for row in listed] == alerts[::-1]
    assert listed[-8].review == Review(State.CONFIRMED, "alice", AT)
    for row, alert in zip(rows, reversed(alerts), strict=True):
        process = alert.asked.process
        assert (row.time, row.process) == (alert.asked.time, Process(image=process.image, user=process.user))


def test_a_filter_and_a_bound(store: SqliteStore) -> None:
    views = SqliteViews(store.database.path)
    rows, complete = views.packed(parse_filter("process:3.exe,5.exe"), now=AT, most=9)
    assert ([row.unpack().alert.id for row in rows], complete) == (["alert-5", "alert-3"], True)
    assert views.packed([], now=AT, most=NUMBER - 1)[1] is False
    assert views.packed(parse_filter("agent:nobody"), now=AT, most=9) == ([], True)


def test_they_stay_as_they_were_when_they_were_read(store: SqliteStore, alerts: list[Alert]) -> None:
    rows, _ = SqliteViews(store.database.path).packed([], now=AT, most=1)
    store.review([alerts[-1].id], Review(State.CONFIRMED, "alice", AT), ME)
    listed = rows[0].unpack()
    assert listed.review.state is State.NEW
    assert LEFT_OUT.alert(listed.alert) != listed.alert
