"""People in front of a running service, behind its proxy: what is tried against a log-in, and what it answers."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from firstsight.access.attempts import OF_A_NAME
from firstsight.access.people import Role
from firstsight.web.login_page import own_page
from people_of_tests import PROXY, Browser, admit, told
from registers_of_tests import PASSWORD, deed
from running import Client, InThread, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with running(tmp_path_factory.mktemp("login"), web={"trusted_proxies": [PROXY]}) as service:
        for role in Role:
            admit(service, f"the-{role}", role)
        yield service


def test_where_nobody_could_log_in_that_is_said(tmp_path: Path, service: InThread) -> None:
    sentence = "Nobody can log in here"
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as empty:
        assert sentence in Browser(empty).ask("/login").body.decode()
    assert sentence not in Browser(service).ask("/login").body.decode()


def test_who_logs_in_is_in_until_they_log_out(service: InThread) -> None:
    browser = Browser(service, "192.0.2.10")
    assert browser.ask("/v1/alerts").status == 401

    reply = browser.log_in("the-viewer")
    assert (reply.status, reply.headers["location"]) == (303, "/ui/")
    assert reply.headers["set-cookie"].endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
    assert browser.cookie.startswith("__Host-firstsight=")
    assert browser.ask("/v1/alerts").status == 200
    assert "You are the-viewer (viewer)" in browser.ask("/login").body.decode()

    kept = browser.cookie
    reply = browser.send("/logout", csrf=browser.csrf())
    assert (reply.status, reply.headers["location"]) == (303, "/login")
    browser.cookie = kept
    assert browser.ask("/v1/alerts").status == 401
    assert told(service)[-2:] == [
        ("login", "person:the-viewer", "", "192.0.2.10"),
        ("logout", "person:the-viewer", "", "192.0.2.10"),
    ]


def test_a_page_sends_a_browser_to_the_log_in_and_back(service: InThread) -> None:
    wanted = "/ui/alerts?severity=high&q=a%20b"
    browser = Browser(service)
    reply = browser.ask(wanted)
    assert reply.status == 303
    assert reply.headers["location"] == "/login?next=%2Fui%2Falerts%3Fseverity%3Dhigh%26q%3Da%2520b"

    page = browser.ask(reply.headers["location"]).body.decode()
    (carried,) = re.findall(r'name="next" value="([^"]*)"', page)
    assert browser.log_in("the-viewer", next=unescape(carried)).headers["location"] == wanted


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/ui/live", "GET", {"Sec_Fetch_Mode": "cors"}),
        ("/ui/alerts/state", "POST", {}),
        ("/v1/alerts", "GET", {}),
        ("/uix", "GET", {}),
        ("/ui/", "GET", {"Authorization": "Bearer wrong"}),
    ],
)
def test_nobody_else_is_sent_there(service: InThread, path: str, method: str, headers: dict[str, str]) -> None:
    assert Browser(service).ask(path, method, **headers).status == 401


def test_log_out_everywhere(service: InThread) -> None:
    here, there = Browser(service), Browser(service, "192.0.2.2")
    for browser in (here, there):
        browser.log_in("the-analyst")
    here.send("/logout", csrf=here.csrf(), everywhere="1")

    assert there.ask("/v1/alerts").status == 401
    assert told(service)[-1][:3] == ("logout", "person:the-analyst", "everywhere")


def test_session_fixation(service: InThread) -> None:
    """What somebody planted never becomes a session, and a session before ends when the next begins."""
    browser = Browser(service)
    browser.cookie = "__Host-firstsight=planted"
    browser.log_in("the-viewer")
    assert browser.cookie != "__Host-firstsight=planted"
    first = browser.cookie

    browser.log_in("the-viewer")
    second, browser.cookie = browser.cookie, first
    assert browser.ask("/v1/alerts").status == 401
    browser.cookie = second
    assert browser.ask("/v1/alerts").status == 200


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "of another"])
def test_csrf(service: InThread, csrf: str | None) -> None:
    """A cookie alone changes nothing, in a form or in a request of a script."""
    browser, other = Browser(service), Browser(service, "192.0.2.2")
    browser.log_in("the-admin")
    other.log_in("the-admin")
    given = other.csrf() if csrf == "of another" else csrf
    fields = {} if given is None else {"csrf": given}

    reply = browser.send("/logout", **fields)
    assert (reply.status, reply.json()["detail"].split(".")[0]) == (
        403,
        "The request does not come from a page of this session",
    )
    headers = {} if given is None else {"X_CSRF_Token": given}
    assert browser.ask("/v1/domains", "POST", b"{}", Content_Type="application/json", **headers).status == 403
    assert browser.ask("/v1/alerts").status == 200


def test_csrf_tokens_are_taken_from_a_header_too(service: InThread) -> None:
    browser = Browser(service)
    browser.log_in("the-viewer")
    body, kind = b'{"names": ["sans.org"]}', "application/json"
    assert browser.ask("/v1/domains", "POST", body, Content_Type=kind, X_CSRF_Token=browser.csrf()).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}],
)
def test_no_other_site_logs_a_browser_in(service: InThread, headers: dict[str, str]) -> None:
    form = f"name=the-viewer&password={PASSWORD}".encode()
    reply = Browser(service).ask("/login", "POST", form, **headers)
    assert reply.status == 403
    assert "set-cookie" not in reply.headers


def test_what_the_page_says_lets_a_browser_send_its_form(service: InThread) -> None:
    """Under `no-referrer` a browser would send `Origin: null` (Fetch, 3.2), which is refused as another site's."""
    browser = Browser(service)
    page = browser.ask("/login")
    host = service.url.removeprefix("http://")
    origin = "null" if page.headers["referrer-policy"] == "no-referrer" else f"http://{host}"
    form = f"name=the-viewer&password={PASSWORD}".encode()
    assert browser.ask("/login", "POST", form, Origin=origin).status == 303


def test_clickjacking_and_scripts(service: InThread) -> None:
    """No site may frame the page, and whatever got into it could not run."""
    page = Browser(service).ask("/login")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(rb"<script|javascript:|https?://| on\w+=", page.body)


def test_brute_force(service: InThread) -> None:
    """Whoever guesses is made to wait, and then even the right password is not listened to; the person is not."""
    guesser, person = Browser(service, "198.51.100.1"), Browser(service, "198.51.100.2")
    for _ in range(OF_A_NAME):
        reply = guesser.log_in("the-admin", "a wrong password")
        assert (reply.status, "Name or password is wrong." in reply.body.decode()) == (401, True)

    reply = guesser.log_in("the-admin")
    assert reply.status == 429
    assert int(reply.headers["retry-after"]) > 1
    assert person.log_in("the-admin").status == 303
    assert [deed for deed in told(service) if deed[-1] == "198.51.100.1"] == [
        *[("login_failed", "", "the-admin", "198.51.100.1")] * OF_A_NAME,
        ("login_locked", "", "the-admin", "198.51.100.1"),
    ]


def test_nobody_is_told_whether_a_name_is_there(service: InThread) -> None:
    """tests/access/test_people.py counts the work."""
    wrong = Browser(service, "198.51.100.3").log_in("the-viewer", "a wrong password")
    nobody = Browser(service, "198.51.100.3").log_in("i-am-nobody", "a wrong password")

    assert (wrong.status, wrong.body) == (nobody.status, nobody.body)
    assert told(service)[-1] == ("login_failed", "", "", "198.51.100.3")  # what was typed may be a password


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/ui/",
        "//evil.example/ui/",
        "/\\evil.example",
        "/ui/\\evil",
        "/ui//../..//evil",
        "/uievil",
        "/ui@evil.example",
        "javascript:alert(1)",
        "/ui/\r\nSet-Cookie: a=b",
        "/logout",
        "",
    ],
)
def test_open_redirect(service: InThread, wanted: str) -> None:
    reply = Browser(service).log_in("the-viewer", next=wanted)
    assert reply.headers["location"].startswith("/ui/")
    assert "evil.example" not in reply.headers["location"]


@pytest.mark.parametrize("wanted", ["/ui", "/ui/", "/ui/alerts?severity=high&q=a%20b", "/ui/domain?name=x.org"])
def test_pages_of_ours_are_gone_on_to(service: InThread, wanted: str) -> None:
    assert own_page(wanted) == wanted
    assert Browser(service).log_in("the-viewer", next=wanted).headers["location"] == wanted


def test_what_is_asked_for_is_escaped(service: InThread) -> None:
    page = Browser(service).ask('/login?next=/ui/%3F"><script>alert(1)</script>')
    assert b"<script" not in page.body


def test_no_secret_stands_in_an_address_or_the_log(service: InThread) -> None:
    browser = Browser(service)
    with capture_logs() as said:
        in_the_address = browser.ask(f"/login?name=the-viewer&password={PASSWORD.replace(' ', '+')}")
        browser.log_in("the-viewer", "a wrong password")
        reply = browser.log_in("the-viewer")
        secret = browser.cookie.partition("=")[2]
        browser.ask("/v1/nothing")
        by_address = Browser(service).ask(f"/v1/alerts?token={secret}&firstsight={secret}")

    assert "set-cookie" not in in_the_address.headers
    assert by_address.status == 401
    assert secret not in reply.headers["location"]
    for text in (secret, "a wrong password", PASSWORD):
        assert text not in str(said) + str(told(service))


def test_a_session_that_is_not_known_is_no_session(service: InThread) -> None:
    browser = Browser(service)
    browser.cookie = "__Host-firstsight=" + "x" * 43
    reply = browser.ask("/v1/alerts")
    assert reply.status == 401
    assert "Log in again" in reply.json()["detail"]
    assert browser.ask("/healthz").status == 200


def test_what_a_proxy_asks_for_itself_stands_in_nobodys_way(service: InThread) -> None:
    browser = Browser(service)
    browser.log_in("the-viewer")
    assert browser.ask("/v1/alerts", Authorization="Basic YTpi").status == 200
    assert browser.ask("/v1/alerts", Authorization="Bearer wrong").status == 401


def test_dns_rebinding_on_loopback(tmp_path: Path) -> None:
    """A page whose name leads here reaches nothing, where nobody needs a log-in."""
    with running(tmp_path) as alone:
        for path in ("/v1/alerts", "/login", "/sans.org", "/v1/audit"):
            assert alone.get(path, Host="evil.example:5730").status == 403
        assert alone.get("/login", "POST", b"name=a", Host="evil.example").status == 403
        assert alone.get("/v1/alerts").status == 200


def test_on_this_machine_a_log_in_gives_a_name(service: InThread) -> None:
    """Nobody needs one there; who has one is named in the trail all the same."""
    here = Client(service.url)
    form = f"name=the-viewer&password={PASSWORD}".encode()
    reply = here.get("/login", "POST", form)
    assert "__Host-" not in reply.headers["set-cookie"]
    cookie = reply.headers["set-cookie"].partition(";")[0]

    assert "You are the-viewer" in here.get("/login", Cookie=cookie).body.decode()
    assert here.get("/v1/audit", Cookie=cookie).status == 200
    assert here.get("/logout", "POST", b"", Cookie=cookie).status == 403


def test_two_log_in_at_once_and_both_are_in(service: InThread) -> None:
    browsers = [Browser(service, f"192.0.2.{number}") for number in (21, 22, 23)]
    with ThreadPoolExecutor() as pool:
        statuses = list(pool.map(lambda browser: browser.log_in("the-analyst").status, browsers))
    assert statuses == [303, 303, 303]
    assert [browser.ask("/v1/alerts").status for browser in browsers] == [200, 200, 200]


def test_a_store_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as service:
        admit(service, "alice", Role.VIEWER)
        browser = Browser(service)
        browser.log_in("alice")
        csrf, store = browser.csrf(), tmp_path / "data" / "firstsight.db"
        store.rename(tmp_path / "elsewhere.db")
        replies = [browser.send("/logout", csrf=csrf), Browser(service).log_in("alice")]
        (tmp_path / "elsewhere.db").rename(store)

        assert [reply.status for reply in replies] == [503, 503]
        assert all(b"Nobody can log in or out now" in reply.body for reply in replies)
        assert browser.ask("/v1/alerts").status == 200


def test_who_is_removed_is_out_with_the_next_request(tmp_path: Path) -> None:
    with running(tmp_path, web={"trusted_proxies": [PROXY]}) as service:
        admit(service, "alice", Role.ADMIN)
        browser = Browser(service)
        browser.log_in("alice")
        assert browser.ask("/v1/audit").status == 200
        service.do(lambda: service.parts.access.people.remove("alice", deed("user_removed")))
        assert browser.ask("/v1/audit").status == 401
        assert browser.log_in("alice").status == 401


def test_a_form_that_is_too_large_is_no_log_in(service: InThread) -> None:
    assert Browser(service, "198.51.100.9").log_in("the-viewer", next="x" * 70_000).status == 401
