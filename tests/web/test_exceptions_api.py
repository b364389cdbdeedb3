from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstsight.access.people import Role
from people_of_tests import PROXY, Browser, admit
from running import InThread, running
from tokens_of_tests import bearer, line, token_file

EXCEPTION = {"domain": "*.kestrelvale.com", "reason": "our own tool", "author": "m.tarrant", "expires": "30d"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    folder = tmp_path_factory.mktemp("exceptions")
    (folder / "exceptions.toml").write_text(
        '[[exception]]\nagent = "LAB-*"\nscope = ["first_seen"]\nreason = "a lab"\nexpires = 2024-01-31\n'
    )
    with running(folder, learning={"days": 0}, exceptions={"file": str(folder / "exceptions.toml")}) as service:
        yield service


def listed(service: InThread) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.get("/v1/exceptions").json()["exceptions"]
    return found


def ask(service: InThread, name: str, agent: str = "PC-1") -> dict[str, Any]:
    event = {"time": "2026-11-24T06:00:00Z", "name": name, "agent": {"name": agent}, "process": {"image": "curl"}}
    verdict: dict[str, Any] = service.post("/v1/events", {"events": [event]}).json()["verdicts"][0]
    return verdict


def test_made_in_force_counted_and_removed(service: InThread) -> None:
    reply = service.post("/v1/exceptions", EXCEPTION)
    made = reply.json()
    assert reply.status == 201
    assert (made["domain"], made["state"], made["hits"], made["line"]) == ("*.kestrelvale.com", "active", 0, None)

    assert ask(service, "cdn.kestrelvale.com")["severity"] == "none"
    assert [(each["id"], each["hits"]) for each in listed(service)][1:] == [(made["id"], 1)]
    text = service.get("/metrics").body.decode()
    assert 'firstsight_held_back_total{cause="exception"} 1.0' in text

    assert service.get(f"/v1/exceptions/{made['id']}", "DELETE").status == 204
    assert service.get(f"/v1/exceptions/{made['id']}", "DELETE").status == 404
    assert ask(service, "www.wexcombe-travel.com")["severity"] == "low"


def test_those_of_the_file_are_listed_and_changed_there(service: InThread) -> None:
    lab = listed(service)[0]
    assert lab == {
        "id": lab["id"],
        "state": "expired",
        "domain": None,
        "process": None,
        "agent": "LAB-*",
        "scope": ["first_seen"],
        "reason": "a lab",
        "author": None,
        "expires": "2024-02-01T00:00:00Z",
        "made": None,
        "line": 1,
        "on_behalf_of": None,
        "hits": 0,
        "last_hit": None,
    }
    reply = service.get(f"/v1/exceptions/{lab['id']}", "DELETE")
    assert (reply.status, "line 1. Change it there" in reply.json()["detail"]) == (409, True)
    again = {"agent": "lab-*", "scope": ["first_seen"], "reason": "r", "author": "a", "expires": "never"}
    assert service.post("/v1/exceptions", again).status == 409


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({**EXCEPTION, "domain": "co.uk"}, "can't be used: 'co.uk'"),
        ({**EXCEPTION, "expires": "2024-01-01"}, "is past already"),
        ({**EXCEPTION, "scope": ["first_sene"]}, "names no reason"),
        ({**EXCEPTION, "author": "x" * 201}, "body.author"),
        ({**EXCEPTION, "domian": "a.com"}, "domian"),
        ({"domain": "kestrelvale.com"}, "body.reason"),
    ],
)
def test_what_is_refused(service: InThread, body: dict[str, Any], sentence: str) -> None:
    before = listed(service)
    reply = service.post("/v1/exceptions", body)
    assert reply.status == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert sentence in reply.json()["detail"]
    assert listed(service) == before


def test_a_preview(service: InThread) -> None:
    ask(service, "www.osterwick-optics.com", "PC-7")
    reply = service.post("/v1/exceptions/preview", {"agent": "PC-7"})
    found = reply.json()
    assert (reply.status, found["silenced"], found["lowered"], found["more"]) == (200, 1, 0, 0)
    (row,) = found["rows"]
    assert (row["domain"], row["agent"], row["process"]) == ("osterwick-optics.com", "PC-7", "curl")
    assert (row["reasons"], row["silenced"], row["severity"]) == (["first_seen"], 1, "low")
    assert "PC-7" not in str(listed(service)), "it makes none"
    assert service.post("/v1/exceptions/preview", {}).status == 422


def test_its_author_is_who_asks_whatever_they_write(tmp_path: Path) -> None:
    """An analyst by name, a token by its own, and this machine; in the exception, and in the trail with what it is."""
    tokens = token_file(tmp_path, line("a-secret", "review", name="soar"))
    keys = {"auth": {"token_file": str(tokens)}, "web": {"trusted_proxies": [PROXY]}}
    with running(tmp_path, **keys) as service:
        admit(service, "alice", Role.ANALYST)
        analyst = Browser(service, "192.0.2.7")
        analyst.log_in("alice")
        body = {"domain": "kestrelvale.com", "reason": "ticket 4711", "expires": "never", "author": "the boss"}
        session = {"Cookie": analyst.cookie, "X_CSRF_Token": analyst.csrf(), "X_Forwarded_For": "192.0.2.7"}
        made = [
            analyst.post("/v1/exceptions", body, **session),
            service.post("/v1/exceptions", {**body, "author": "", "reason": "still"}, **bearer("a-secret")),
            service.post("/v1/exceptions", {**body, "domain": "harbour.com"}),
        ]
        assert service.get(f"/v1/exceptions/{made[2].json()['id']}", "DELETE").status == 204
        trail = [
            (entry["what"], entry["who"], entry["origin"], entry["about"].partition(" ")[2])
            for entry in service.get("/v1/audit").json()["deeds"]
            if entry["what"].startswith("exception")
        ]

    assert [(each["author"], each["on_behalf_of"]) for each in (reply.json() for reply in made)] == [
        ("person:alice", "the boss"),
        ("token:soar", None),
        ("local", "the boss"),
    ]
    held = "all but known_indicator held back, for good"
    assert trail == [
        (
            "exception_added",
            "person:alice",
            "192.0.2.7",
            f"kestrelvale.com, {held}, on behalf of the boss: ticket 4711",
        ),
        ("exception_changed", "token:soar", "127.0.0.1", f"kestrelvale.com, {held}: still"),
        ("exception_added", "local", "127.0.0.1", f"harbour.com, {held}, on behalf of the boss: ticket 4711"),
        ("exception_removed", "local", "127.0.0.1", f"harbour.com, {held}, on behalf of the boss: ticket 4711"),
    ]
