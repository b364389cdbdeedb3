"""A new exception: nothing is saved before its effect was shown, and nothing that was typed is lost."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from firstsight.access.people import Role
from firstsight.core.errors import StoreError
from pages_fed import SCRIPT
from people_of_tests import PROXY, Browser, admit
from running import InThread, Reply, running

FORM = "/ui/exceptions/new"
WHY = {"reason": "our own tool", "expires": "30d"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    folder = tmp_path_factory.mktemp("exception-form")
    (folder / "exceptions.toml").write_text(
        '[[exception]]\ndomain = "of-the-file.org"\nreason = "r"\nexpires = "never"\n'
    )
    keys = {"learning": {"days": 0}, "web": {"trusted_proxies": [PROXY]}}
    with running(folder, exceptions={"file": str(folder / "exceptions.toml")}, **keys) as service:
        for name, agent in (("www.harbour-lights.com", "PC-1"), ("xkqzvbtrwpljhf.net", "PC-2")):
            event = {"time": "2026-11-24T06:00:00Z", "name": name, "agent": {"name": agent}}
            service.post("/v1/events", {"events": [event | {"process": {"image": r"C:\Tools\Client.exe"}}]})
        yield service


def send(service: InThread, **form: object) -> Reply:
    body = urlencode(WHY | form, doseq=True).encode()
    return service.get(FORM, "POST", body, Content_Type="application/x-www-form-urlencoded")


def value(page: str, field: str) -> str:
    """What stands in a field."""
    found = re.search(rf'name="{field}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def exceptions(service: InThread) -> list[tuple[str, str]]:
    """Domain and author of those that were made here."""
    found = service.get("/v1/exceptions").json()["exceptions"]
    return [(each["domain"], each["author"]) for each in found if not each["line"]]


def end_all(service: InThread) -> None:
    for each in service.get("/v1/exceptions").json()["exceptions"]:
        service.get(f"/v1/exceptions/{each['id']}", "DELETE")


def test_it_is_shown_then_saved(service: InThread) -> None:
    typed = {"domain": "*.harbour-lights.com", "process": "client.exe", "scope": ["first_seen", "random_name"]}
    previewed = send(service, preview=1, **typed)
    page = previewed.body.decode()
    assert previewed.status == 200
    assert re.search(r"of 2 alerts in the last 30 days it would have silenced <b>1</b>, and left <b>0</b>", page)
    assert "Known indicators are not silenced" in page
    assert page.count(" checked>") == 2
    assert exceptions(service) == [], "a preview makes none"

    saved = send(service, save=1, previewed=value(page, "previewed"), **typed)
    assert saved.status == 303
    assert saved.headers["location"] == f"/ui/exceptions?saved={value(page, 'previewed')}"
    assert exceptions(service) == [("*.harbour-lights.com", "local")]
    assert "There is one that matches and holds back the same, by <bdi>local" in send(service, **typed).body.decode()
    end_all(service)


def test_what_was_not_shown_is_not_saved(service: InThread) -> None:
    assert "You have changed" in send(service, save=1, domain="harbour-lights.com").body.decode()
    shown_of = value(send(service, domain="harbour-lights.com").body.decode(), "previewed")
    changed = send(service, save=1, previewed=shown_of, domain="xkqzvbtrwpljhf.net").body.decode()
    assert "You have changed what it matches since the preview" in changed
    assert value(changed, "previewed") != shown_of
    assert exceptions(service) == []
    why_only = send(service, save=1, previewed=shown_of, domain="harbour-lights.com", reason="another", expires="never")
    assert why_only.status == 303, "why and how long change nothing of what it matches"
    end_all(service)


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"domain": "co.uk"}, "domain", "can&#39;t be used: &#39;co.uk&#39;"),
        ({"domain": f"{SCRIPT}.com"}, "domain", "can&#39;t be used: &#39;&lt;script&gt;"),
        ({}, "domain", "give at least one of them"),
        ({"process": "*"}, "process", "matches everything"),
        ({"agent": "a\nb"}, "agent", "holds a control character"),
        ({"domain": "a.com", "reason": " "}, "reason", "is missing: say why"),
        ({"domain": "a.com", "expires": "soon"}, "expires", "is no time: &#39;soon&#39;. Write a date"),
        ({"domain": "a.com", "expires": "2024-01-01"}, "expires", "is past already"),
        ({"domain": "a.com", "scope": "nx_burst"}, "scope", "leave `domain` and `process` out"),
        ({"domain": "a.com", "scope": "none_such"}, "scope", "names no reason"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    service: InThread, typed: dict[str, str], field: str, sentence: str
) -> None:
    given = {"domain": "", "process": "", "agent": "", **WHY, **typed}
    reply = send(service, save=1, **given)
    page = reply.body.decode()
    assert reply.status == 422
    (told,) = re.findall(rf'id="{field}-amiss" role="alert">(.*?)</', page)
    assert sentence in told
    for key, text in given.items():
        if key != "scope":
            assert value(page, key) == text.replace("<", "&lt;").replace(">", "&gt;"), "nothing typed is lost"
    assert exceptions(service) == []


def test_what_the_file_has_is_changed_there(service: InThread) -> None:
    page = send(service, domain="of-the-file.org").body.decode()
    assert "It is changed in the exceptions file only." in page
    assert 'name="save"' not in page
    (of_the_file,) = (each["id"] for each in service.get("/v1/exceptions").json()["exceptions"])
    refused = send(service, save=1, previewed=of_the_file, domain="of-the-file.org")
    assert (refused.status, b"line 1. Change it there" in refused.body) == (409, True)
    assert value(refused.body.decode(), "domain") == "of-the-file.org"


def test_it_begins_with_what_it_is_about(service: InThread) -> None:
    assert value(service.get(f"{FORM}?domain={quote(SCRIPT)}").body.decode(), "domain") == SCRIPT.replace(
        "<", "&lt;"
    ).replace(">", "&gt;")
    assert value(service.get(f"{FORM}?alert=none").body.decode(), "domain") == ""
    for alert in service.get("/v1/alerts").json()["alerts"]:
        page = service.get(f"{FORM}?alert={alert['alert_id']}").body.decode()
        assert value(page, "domain") == alert["verdict"]["domain"]
        assert (value(page, "process"), value(page, "agent")) == ("client.exe", "")
        assert f"{FORM}?alert={alert['alert_id']}" in service.get(f"/ui/alert?id={alert['alert_id']}").body.decode()


def test_a_burst_is_begun_with_its_agent(service: InThread) -> None:
    page = send(service, agent="PC-9", scope="nx_burst").body.decode()
    assert "of 2 alerts" in page
    assert "agent</span>" in page


def test_a_person_makes_it_by_name_and_nobody_elses_page_does(service: InThread) -> None:
    admit(service, "ada", Role.ANALYST)
    ada = Browser(service)
    ada.log_in("ada")
    typed = {"domain": "harbour-lights.com", **WHY}
    assert ada.send(FORM, **typed).status == 403, "without the session's token"
    page = ada.send(FORM, csrf=ada.csrf(), **typed).body.decode()
    assert value(page, "csrf") == ada.csrf()
    ada.send(FORM, csrf=ada.csrf(), save="1", previewed=value(page, "previewed"), **typed)
    assert exceptions(service) == [("harbour-lights.com", "person:ada")]
    foreign = service.get(FORM, "POST", b"domain=a.com", Origin="https://evil.example")
    assert foreign.status == 403
    end_all(service)


def test_while_the_store_cant_be_written_nothing_typed_is_lost(
    service: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown_of = value(send(service, domain="harbour-lights.com").body.decode(), "previewed")

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(service.parts.exceptions, "add", full)
    reply = send(service, save=1, previewed=shown_of, domain="harbour-lights.com", reason="a <drill>")
    assert (reply.status, b"The disk is full." in reply.body) == (503, True)
    assert value(reply.body.decode(), "reason") == "a &lt;drill&gt;"
