"""`[compat] lookups_are_events`: for a site whose only feed is the original's script."""

from pathlib import Path
from typing import Any

from firstsight.store.sqlite import SqliteStore
from running import Client, InThread, eventually, running
from tokens_of_tests import bearer, line, token_file


def alerts(service: InThread) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get("/v1/alerts").json()["alerts"]
    return found


EVENTS = {"compat": {"lookups_are_events": True}, "learning": {"days": 0}}


def test_a_look_up_is_a_sighting_of_the_address_that_asks(tmp_path: Path) -> None:
    with running(tmp_path, **EVENTS) as service:
        first = service.get("/www.kestrelvale.com").json()
        service.get("/www.kestrelvale.com")
        Client(service.url, "127.0.0.7").get("/mail.kestrelvale.com")
        seen = service.get("/v1/domains/kestrelvale.com").json()["seen"]
        account = service.do(lambda: service.parts.store.account("compat"))
        (alert,) = eventually(lambda: alerts(service))

    assert "YOUR-FIRST-CONTACT" in first["alerts"], "the contact comes before the event"
    assert (seen["count"], seen["agents"]) == (3, 2)
    assert seen["looked_up"] is not None
    assert (account["lines"], account["events"], account["seen"]) == (3, 3, 3)
    assert [reason["code"] for reason in alert["verdict"]["reasons"]] == ["first_seen"]
    assert alert["event"]["agent"] == {"id": None, "name": "127.0.0.1", "ip": "127.0.0.1", "manager": "compat"}
    assert (alert["event"]["source"], alert["event"]["status"]) == ("compat", "exists")


def test_every_name_is_accounted_for(tmp_path: Path) -> None:
    with running(tmp_path, **EVENTS) as service:
        for name in ("kestrelvale.com", "printer.local", "fileserver", "192.0.2.1", "a..b"):
            service.get(f"/{name}")
        service.get("/stats")
        service.get("/cache_get?domain=kestrelvale.com")
        account = service.do(lambda: service.parts.store.account("compat"))

    assert account == {
        "lines": 5, "events": 5, "seen": 1, "internal": 1, "single_label": 1, "address": 1, "invalid": 1,
    }  # fmt: skip


def test_counts_survive_a_restart(tmp_path: Path) -> None:
    for count in (1, 2):
        with running(tmp_path, **EVENTS) as service:
            service.get("/kestrelvale.com")
            assert service.get("/v1/domains/kestrelvale.com").json()["seen"]["count"] == count


def test_it_is_for_whom_a_proxy_asks(tmp_path: Path) -> None:
    tokens = token_file(tmp_path, line("zeek", "read"))
    access = {"auth": {"token_file": str(tokens)}, "web": {"trusted_proxies": ["127.0.0.2"]}}
    with running(tmp_path, **EVENTS, **access) as service:
        Client(service.url, "127.0.0.2").get("/kestrelvale.com", X_Forwarded_For="192.0.2.9", **bearer("zeek"))
        (alert,) = eventually(lambda: alerts(service))

    assert alert["event"]["agent"]["name"] == "192.0.2.9"


def test_otherwise_a_look_up_is_no_sighting(tmp_path: Path) -> None:
    with running(tmp_path, learning={"days": 0}) as service:
        service.get("/kestrelvale.com")
        seen = service.get("/v1/domains/kestrelvale.com").json()["seen"]

    assert (seen["count"], seen["first"]) == (0, None)


def test_beside_a_source_each_query_would_count_twice(tmp_path: Path) -> None:
    with running(tmp_path, **EVENTS) as service:
        assert not [note for note in service.get("/readyz").json()["degraded"] if "source" in note]
    with running(tmp_path, **EVENTS, sources=[{"path": str(tmp_path / "alerts.json")}]) as service:
        assert any("counts twice" in note for note in service.get("/readyz").json()["degraded"])


def test_a_store_that_fails_takes_no_first_contact_back(tmp_path: Path) -> None:
    """The contact is committed, and then the event is not: the contact is told all the same."""
    abort = "BEGIN SELECT RAISE(ABORT, 'no more'); END"
    with running(tmp_path, **EVENTS) as service:
        store = service.parts.store
        assert isinstance(store, SqliteStore)
        connection = store.database.connection
        service.do(lambda: connection.execute("CREATE TEMP TRIGGER refuse BEFORE UPDATE ON domain " + abort))
        first = service.get("/kestrelvale.com")
        service.do(lambda: connection.execute("CREATE TEMP TRIGGER never BEFORE INSERT ON tally " + abort))
        repeated = service.get("/kestrelvale.com")
        service.do(lambda: connection.execute("DROP TRIGGER never"))
        service.do(lambda: connection.execute("DROP TRIGGER refuse"))
        second = service.get("/kestrelvale.com")
        (alert,) = eventually(lambda: alerts(service))

    assert (first.status, "YOUR-FIRST-CONTACT" in first.json()["alerts"]) == (200, True)
    assert repeated.status == 503, "nothing is counted, and nothing is left untold by saying so"
    assert (second.status, "YOUR-FIRST-CONTACT" in second.json()["alerts"]) == (200, False)
    assert alert["verdict"]["domain"] == "kestrelvale.com"
