"""The list of exceptions, and one of them: found, given more time, ended."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest

from firstsight.access.people import Role
from pages_fed import QUOTE, SCRIPT
from people_of_tests import PROXY, Browser, admit
from running import InThread, Reply, running

MADE = {"reason": "our own tool", "author": "m.tarrant"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    folder = tmp_path_factory.mktemp("exceptions-pages")
    (folder / "exceptions.toml").write_text(
        '[[exception]]\nagent = "LAB-*"\nscope = ["first_seen"]\nreason = "a lab"\nexpires = 2024-01-31\n'
    )
    keys = {"learning": {"days": 0}, "web": {"trusted_proxies": [PROXY]}}
    with running(folder, exceptions={"file": str(folder / "exceptions.toml")}, **keys) as service:
        yield service


def make(service: InThread, expires: str = "90d", **match: object) -> str:
    made: str = service.post("/v1/exceptions", {**MADE, "expires": expires, **match}).json()["id"]
    return made


def send(service: InThread, path: str, **form: str) -> Reply:
    kind = "application/x-www-form-urlencoded"
    return service.get(path, "POST", urlencode(form).encode(), Content_Type=kind)


def page(service: InThread, path: str = "/ui/exceptions") -> str:
    return service.get(path).body.decode()


def shown(service: InThread, query: str = "") -> list[str]:
    """The ids of the rows, in their order."""
    return re.findall(r'<a href="/ui/exception\?id=([0-9a-f]+)"', page(service, f"/ui/exceptions{query}"))


def expiry(service: InThread, exception_id: str) -> str:
    found = service.get("/v1/exceptions").json()["exceptions"]
    (expires,) = [each["expires"] for each in found if each["id"] == exception_id]
    return str(expires)


def test_what_ends_soon_and_what_has_ended_stand_first(service: InThread) -> None:
    later, soon = make(service, domain="later.org"), make(service, "3d", domain="soon.org", scope=["random_name"])
    never = make(service, "never", process="backup.exe")
    (lab,) = (each["id"] for each in service.get("/v1/exceptions").json()["exceptions"] if each["line"])

    assert shown(service) == [soon, lab, later, never]
    assert shown(service, "?show=active") == [soon, later, never]
    assert shown(service, "?show=soon") == [soon]
    assert shown(service, "?show=expired") == [lab]
    assert shown(service, "?show=none-such") == [soon, lab, later, never]
    assert shown(service, "?q=LATER") == [later]
    assert shown(service, "?q=own+Backup") == [never]
    assert shown(service, "?q=random_name") == [soon]
    assert "No exception fits. There are 4 in all." in page(service, "/ui/exceptions?q=nothing")
    whole = page(service)
    assert [whole.count(f'standing x-{state}">') for state in ("soon", "expired", "active")] == [1, 1, 2]
    assert "m.tarrant" in whole
    assert "file, line 1" in whole
    for each in (later, soon, never):
        service.get(f"/v1/exceptions/{each}", "DELETE")


def test_hits_are_shown(service: InThread) -> None:
    made = make(service, domain="harbour-lights.com")
    assert made in shown(service, "?show=idle")
    event = {"time": "2026-11-24T06:00:00Z", "name": "www.harbour-lights.com", "agent": {"name": "PC-1"}}
    service.post("/v1/events", {"events": [event]})
    assert made not in shown(service, "?show=idle")
    assert "1 event " in page(service, f"/ui/exception?id={made}")
    named = page(service, "/ui/domain?name=www.harbour-lights.com")
    assert f'<a href="/ui/exception?id={made}">' in named, "the domain's page says what holds its alerts back"
    assert f'href="/ui/exceptions/new?domain={quote("harbour-lights.com")}"' in named
    service.get(f"/v1/exceptions/{made}", "DELETE")


def test_another_end(service: InThread) -> None:
    made = make(service, domain="osterwick.com")
    reply = send(service, "/ui/exception/expires", id=made, expires="2099-06-30")
    assert (reply.status, reply.headers["location"]) == (303, f"/ui/exceptions?saved={made}")
    assert expiry(service, made) == "2099-07-01T00:00:00Z", "a date counts to its end"
    assert f"Exception {made} is in force." in page(service, reply.headers["location"])
    assert "30 Jun 2099" in page(service)
    assert "m.tarrant" in page(service, f"/ui/exception?id={made}"), "it is still whose it was"

    refused = send(service, "/ui/exception/expires", id=made, expires="next <week>")
    assert refused.status == 422
    assert 'value="next &lt;week&gt;"' in refused.body.decode(), "what was typed is still there"
    assert "is no time: &#39;next &lt;week&gt;&#39;. Write a date such as" in refused.body.decode()
    assert "is past already" in send(service, "/ui/exception/expires", id=made, expires="2024-01-01").body.decode()
    assert expiry(service, made) == "2099-07-01T00:00:00Z"
    service.get(f"/v1/exceptions/{made}", "DELETE")


def test_one_is_ended(service: InThread) -> None:
    made = make(service, domain="osterwick.com")
    reply = send(service, "/ui/exception/end", id=made)
    assert reply.status == 303
    assert "The exception has ended." in page(service, reply.headers["location"])
    assert made not in shown(service)
    for path in ("/ui/exception/end", "/ui/exception/expires"):
        again = send(service, path, id=made, expires="30d")
        assert (again.status, b"There is no exception" in again.body) == (404, True)
    assert service.get(f"/ui/exception?id={quote(SCRIPT)}").status == 404


def test_what_stands_in_the_file_is_changed_there(service: InThread) -> None:
    (lab,) = shown(service, "?show=expired")
    one = page(service, f"/ui/exception?id={lab}")
    assert "stands in the exceptions file, line 1" in one
    assert 'method="post"' not in one
    for path in ("/ui/exception/end", "/ui/exception/expires"):
        reply = send(service, path, id=lab, expires="30d")
        assert (reply.status, b"line 1. Change it there" in reply.body) == (409, True)


def test_what_others_have_written_is_text(service: InThread) -> None:
    nasty = {"process": f"{SCRIPT}*", "agent": f"{QUOTE}*", "reason": f"{QUOTE}{SCRIPT}", "author": f"{QUOTE}{SCRIPT}"}
    made = make(service, **nasty)
    for path in ("/ui/exceptions", f"/ui/exceptions?q={quote(SCRIPT)}", f"/ui/exception?id={made}"):
        text = page(service, path)
        assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
        assert SCRIPT not in text
        assert "<img" not in text
    service.get(f"/v1/exceptions/{made}", "DELETE")


def test_who_may_only_read_sees_no_way_to_change(service: InThread) -> None:
    made = make(service, domain="osterwick.com")
    admit(service, "victor", Role.VIEWER)
    viewer = Browser(service)
    viewer.log_in("victor")

    for path in ("/ui/exceptions", f"/ui/exception?id={made}", "/ui/domain?name=osterwick.com"):
        text = viewer.ask(path).body.decode()
        assert "osterwick.com" in text
        assert "Add an exception" not in text
        assert 'action="/ui/' not in text.replace('action="/ui/exceptions"', "").replace('action="/ui/search"', "")
    for path in ("/ui/exception/end", "/ui/exception/expires", "/ui/exceptions/new"):
        refused = viewer.send(path, id=made, expires="30d", csrf=viewer.csrf())
        assert (refused.status, b"lacks the scope review" in refused.body) == (403, True)
    assert made in shown(service)
    service.get(f"/v1/exceptions/{made}", "DELETE")
