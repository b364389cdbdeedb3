"""Stored alerts in order, and those that an exception's domain may match: found without looking at all of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, FakeClock, make_alert
from firstsight.core.alerts import Alert
from firstsight.ports import Changes
from firstsight.store import alerted
from firstsight.store.alerted import number_since
from firstsight.store.sqlite import SqliteStore

NAMES = ["kestrel.com", "www.kestrel.com", "a.www.kestrel.com", "harbour.org", "x.host.example", "y.host.example"]
DOMAINS = {name: name if name.endswith("host.example") else ".".join(name.split(".")[-2:]) for name in NAMES}
"""Names' registrable domains; below `host.example` each is somebody's own."""


def decided() -> list[Alert]:
    """Two alerts a name, one a second."""
    alerts = [make_alert(number=n, name=name, domain=DOMAINS[name]) for n, name in enumerate(NAMES * 2)]
    return [replace(alert, at=AT + n) for n, alert in enumerate(alerts)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path_factory.mktemp("alerted") / "store.db", FakeClock(AT))
    made.apply(Changes(alerts=decided()))
    yield made
    made.close()


def walked(store: SqliteStore, domains: list[str] | None, limit: int) -> list[Alert]:
    found: list[Alert] = []
    after = 0
    while page := store.alerts(after=after, limit=limit, domains=domains):
        assert len(page) <= limit
        after = page[-1][0]
        found += [alert for _, alert in page]
    return found


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_those_of_some_domains_in_order(store: SqliteStore, limit: int) -> None:
    wanted = ["kestrel.com", "x.host.example", "never.com"]
    assert walked(store, wanted, limit) == [alert for alert in decided() if alert.verdict.domain in wanted]
    assert walked(store, None, limit) == decided()
    assert walked(store, [], limit) == []


@pytest.mark.parametrize(
    ("pattern", "domains"),
    [
        ("kestrel.com", {"kestrel.com"}),
        ("www.kestrel.com", {"kestrel.com"}),
        ("*.kestrel.com", {"kestrel.com"}),
        ("*.www.kestrel.com", {"kestrel.com"}),
        ("*.host.example", {"x.host.example", "y.host.example"}),
        ("host.example", set()),
        ("*.estrel.com", set()),
        ("never.com", set()),
    ],
)
def test_domains_that_a_pattern_may_match(store: SqliteStore, pattern: str, domains: set[str]) -> None:
    found = store.domains_of(pattern, 99)
    assert found is not None
    assert domains == set(found) & set(DOMAINS.values())


def test_too_many_domains_are_not_listed(store: SqliteStore) -> None:
    assert len(store.domains_of("*.host.example", 2) or ()) == 2
    assert store.domains_of("*.host.example", 1) is None


@pytest.mark.parametrize(("since", "number"), [(-1.0, 12), (0.0, 12), (0.5, 11), (11.0, 1), (11.5, 0)])
def test_how_many_were_decided_since(store: SqliteStore, since: float, number: int) -> None:
    assert store.alerts_since(AT + since) == number


def test_none_were_decided_yet(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    assert store.alerts_since(0.0) == 0
    store.close()


@given(gone=st.sets(st.integers(1, len(NAMES) * 2)), since=st.integers(-1, len(NAMES) * 2))
def test_alerts_that_are_gone_are_not_counted(store: SqliteStore, gone: set[int], since: int) -> None:
    connection = store.database.connection
    connection.execute("BEGIN")
    for seq in gone:
        connection.execute("DELETE FROM alert_brief WHERE seq = ?", (seq,))
        connection.execute("DELETE FROM alert WHERE seq = ?", (seq,))
    found = number_since(connection, AT + since)
    connection.execute("ROLLBACK")
    there = [alert for seq, alert in enumerate(decided(), 1) if seq not in gone]
    assert found == sum(alert.at >= AT + since for alert in there)


def test_domains_are_walked_along_by_their_index(store: SqliteStore) -> None:
    rows = store.database.connection.execute(f"EXPLAIN QUERY PLAN {alerted.OF_DOMAINS}", ("[]", 0, 1))
    plan = " ".join(row[3] for row in rows)
    assert "alert_brief_domain (domain=? AND rowid>?)" in plan
    assert "SCAN b" not in plan
