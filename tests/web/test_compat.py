"""The compatibility API against what was measured of Domain Stats 1.0.1, over a real service and real sockets.

What differs from the original on purpose is in docs/compatibility.md; the cases here say which those are.
"""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from firstsight import tables
from old_scripts import wazuh
from running import PATIENCE, InThread, Reply, asking, eventually, running
from servers.registry import Answer, Asked, Behaviour, Registry, Reset, Slow, Status, not_found, rate_limited, web_page

DAY = 86400
SCORES = tables.letter_pairs().scores

NO_SUFFIX = (
    b'{"alerts":["No valid eTLD exists for this domain."],"category":"ERROR","freq_score":"ERROR",'
    b'"seen_by_isc":"ERROR","seen_by_web":"ERROR","seen_by_you":"ERROR"}\n'
)


@dataclass
class Hang:
    """A registry that says nothing until it is let go."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0

    async def play(self, asked: Asked, out: asyncio.StreamWriter) -> None:
        self.open += 1
        await self.released.wait()
        await Answer("1995-08-04T04:00:00Z").play(asked, out)
        self.open -= 1


@pytest.fixture(scope="module")
def registry() -> Iterator[Registry]:
    with Registry() as registry:
        registry.default = Answer("1995-08-04T04:00:00Z")
        yield registry


@pytest.fixture(scope="module")
def service(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    tlds = ("com", "org", "de", "io", "uk", "arpa")
    with running(tmp_path_factory.mktemp("compat"), **asking(registry.url, *tlds), compat={"wait": 10}) as service:
        yield service


def low(domain: str) -> list[str]:
    """The original's alert on a domain's score."""
    average, word = SCORES(domain)
    return ([], ["SUSPECT-FREQ-SCORE"], ["LOW-FREQ-SCORES"])[(average < 5.0) + (word < 4.0)]


def expected(domain: str, you: str, *, first: bool = False, **changes: Any) -> bytes:
    """The original's bytes; each value written down as it writes them."""
    alerts = json.dumps(low(domain) + ["YOUR-FIRST-CONTACT"] * first, separators=(",", ":"))
    average, word = SCORES(domain)
    category, isc = changes.get("category", "ESTABLISHED"), changes.get("isc", "RDAP")
    web = changes.get("web", "Fri, 04 Aug 1995 04:00:00 GMT")
    return (
        f'{{"alerts":{alerts},"category":"{category}","freq_score":[{average},{word}],"seen_by_isc":"{isc}",'
        f'"seen_by_web":"{web}","seen_by_you":"{you}"}}\n'
    ).encode()


def seen_by_you(reply: Reply) -> str:
    """The date of first contact, after a look at its form: RFC 1123, whole seconds, GMT."""
    you: str = reply.json()["seen_by_you"]
    assert format_datetime(parsedate_to_datetime(you), usegmt=True) == you
    return you


def test_a_first_and_a_second_answer(service: InThread) -> None:
    before = int(time.time())  # noqa: TID251  # the service's clock is the machine's
    first = service.get("/sans.org")
    second = service.get("/sans.org")
    you = seen_by_you(first)

    assert first.status == second.status == 200
    assert first.body == expected("sans.org", you, first=True)
    assert second.body == expected("sans.org", you)
    assert before <= parsedate_to_datetime(you).timestamp() <= time.time()  # noqa: TID251


def test_headers(service: InThread) -> None:
    reply = service.get("/headers.org", Accept_Encoding="gzip")

    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize(("days", "category"), [(30, "NEW"), (729, "NEW"), (732, "ESTABLISHED")])
def test_age(service: InThread, registry: Registry, days: int, category: str) -> None:
    registered = int(time.time()) - days * DAY  # noqa: TID251  # the service's clock is the machine's
    registry.domains[f"aged{days}.com"] = Answer(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(registered)))
    answer = service.get(f"/aged{days}.com").json()

    assert (answer["category"], answer["seen_by_web"]) == (category, formatdate(registered, usegmt=True))


def test_dates_are_told_in_gmt_and_whole_seconds(service: InThread, registry: Registry) -> None:
    registry.domains["elsewhere.com"] = Answer("1995-08-04T04:00:00.123+02:00")

    assert service.get("/elsewhere.com").json()["seen_by_web"] == "Fri, 04 Aug 1995 02:00:00 GMT"


def test_every_way_to_write_a_domain_is_one_domain(service: InThread, registry: Registry) -> None:
    you = seen_by_you(service.get("/www.bücher-idn.de".replace("ü", "%C3%BC")))
    same = expected("xn--bcher-idn-q9a.de", you)

    for written in (
        "/b%C3%BCcher-idn.de",
        "/xn--bcher-idn-q9a.de",
        "/XN--BCHER-IDN-Q9A.DE",
        "/B%C3%9CCHER-IDN.de.",
        "/mail.xn--bcher-idn-q9a.de",
        "/_ldap._tcp.dc._msdcs.xn--bcher-idn-q9a.de",
        "/*.xn--bcher-idn-q9a.de",
        "/%20xn--bcher-idn-q9a.de",
        "/xn--bcher-idn-q9a.de?x=1",
        "/xn--bcher-idn-q9a.de?",
    ):
        assert service.get(written).body == same, written
    assert registry.count("xn--bcher-idn-q9a.de") == 1


def test_names_below_a_private_suffix_are_domains_of_their_own(service: InThread, registry: Registry) -> None:
    first, second = service.get("/foo.github.io"), service.get("/bar.github.io")

    # Its provider is old, which shows nothing of who rents there.
    unknown = dict.fromkeys(("category", "isc", "web"), "UNKNOWN")
    assert first.body == expected("foo.github.io", seen_by_you(first), first=True, **unknown)
    assert second.json()["alerts"] == ["YOUR-FIRST-CONTACT"]
    # Unlike the original, the registry is asked for the name that is registered.
    assert [asked.name for asked in registry.asked if asked.name.endswith("github.io")] == ["github.io"]


@pytest.mark.parametrize(
    "path",
    [
        # as the original
        "/foo.notatld", "/printer.local", "/localhost", "/192.0.2.1", "/2001:db8::1", "/::ffff:1.2.3.4", "/co.uk",
        "/com", "/github.io", "/favicon.ico", "/robots.txt", "/.sans.org", "/a..sans.org", "/STATS", "/cache-get",
        # the original takes them for domains and asks for them
        "/1.0.0.127.in-addr.arpa", f"/{'a' * 70}.com", f"/{'a.' * 150}com", "/a%20b.com", "/a%00.com", "/a%0a.com",
        "/a%22b.com", "/q%3fz.com", "/a%23b.com", "/a;b.com", "/a+b.com", "/a%3Cb%3E.com", "/%FF.com", "/a%2eb..com",
    ],
)  # fmt: skip
def test_what_has_no_public_suffix(service: InThread, registry: Registry, path: str) -> None:
    asked = len(registry.asked)
    kept = service.do(lambda: len(service.parts.store.questions(0, 9)))

    for _ in range(2):  # nothing is remembered of it either
        reply = service.get(path)
        assert (reply.status, reply.headers["content-type"], reply.body) == (200, "application/json", NO_SUFFIX)
    assert len(NO_SUFFIX) == 159
    assert len(registry.asked) == asked
    assert service.do(lambda: len(service.parts.store.questions(0, 9))) == kept


@pytest.mark.parametrize("path", ["/", "/a/b", "/a%2fb", "/a%2Fb.com", "/sans.org/", "//sans.org", "/?domain=x.com"])
def test_paths_that_are_no_name(service: InThread, path: str) -> None:
    reply = service.get(path)

    assert reply.status == 404
    assert reply.headers["content-type"] == "application/problem+json"
    assert "/example.com" in reply.json()["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods(service: InThread, method: str) -> None:
    reply = service.get("/methods.org", method)

    assert reply.status == (200 if method == "OPTIONS" else 405)
    assert reply.headers["allow"] == "HEAD, OPTIONS, GET"
    assert service.do(lambda: service.parts.store.seen(["methods.org"])) == {}


def test_a_head_is_a_contact(service: InThread) -> None:
    head = service.get("/head.org", "HEAD")
    get = service.get("/head.org")

    assert (head.status, head.body, head.headers["content-type"]) == (200, b"", "application/json")
    assert int(head.headers["content-length"]) == len(get.body) + len('"YOUR-FIRST-CONTACT"')
    assert get.json()["alerts"] == []


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /raw.org HTTP/1.0", b"200"),
        (b"GET http://somewhere/raw.org HTTP/1.1", b"200"),
        (b"GET /b\xc3\xbccher.de HTTP/1.1", b"400"),  # raw UTF-8; the original's newer server says so too
        (b"GET raw.org HTTP/1.1", b"400"),
        (b"LOOK /raw.org HTTP/1.1", b"400"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1", b"400"),
        (b"\x16\x03\x01\x02\x00\x01", b"400"),  # TLS
        (b"GET * HTTP/1.1", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1", b"404"),
    ],
)
def test_odd_request_lines(service: InThread, request_line: bytes, status: bytes) -> None:
    reply = service.raw(request_line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")

    assert reply.split(b"\r\n")[0].split(b" ")[1] == status
    assert service.get("/healthz").status == 200


def test_a_client_of_http_1_0_gets_its_answer_and_the_end(service: InThread) -> None:
    head, _, body = service.raw(b"GET /ancient.org HTTP/1.0\r\n\r\n").partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(body)["alerts"] == ["YOUR-FIRST-CONTACT"]


@pytest.mark.parametrize("name", ["xkqzjvwbtpqz.com", "zeek.com", "bücher-idn.com", "internationalisation.org"])
def test_low_scores_stay_on_every_answer(service: InThread, name: str) -> None:
    domain = service.do(lambda: service.parts.lens.parse(name).registrable)
    first, second = service.get(f"/a.{domain}").json(), service.get(f"/b.{domain}").json()

    assert [alert for alert in first["alerts"] if "FREQ" in alert] == low(domain)
    assert second["alerts"] == low(domain)
    assert second["freq_score"] == list(SCORES(domain))


def test_the_score_alert_comes_before_the_first_contact(service: InThread) -> None:
    assert service.get("/zqxjkvbwpz.org").json()["alerts"] == ["LOW-FREQ-SCORES", "YOUR-FIRST-CONTACT"]


def test_one_of_fifty_is_the_first(service: InThread, registry: Registry) -> None:
    together = threading.Barrier(50)

    def ask(number: int) -> dict[str, Any]:
        together.wait(PATIENCE)
        answer: dict[str, Any] = service.get(f"/host{number}.crowd.org").json()
        return answer

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, range(50)))

    assert sum("YOUR-FIRST-CONTACT" in answer["alerts"] for answer in answers) == 1
    assert len({answer["seen_by_you"] for answer in answers}) == 1
    assert {answer["category"] for answer in answers} == {"ESTABLISHED"}
    assert registry.count("crowd.org") == 1


FAILURES: dict[str, Behaviour] = {
    "net": not_found(),
    "info": Status(500),
    "biz": rate_limited("60"),
    "dev": web_page(),
    "app": Reset(),
    "xyz": Answer(registered=None),
    "top": Answer(more={"events": []}),
    "online": Answer("yesterday"),
    "site": Status(200, b"{"),
}
"""What makes the original answer ERROR, or fail; a registry for each top-level domain."""


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with ExitStack() as stack:
        servers = {}
        for tld, behaviour in FAILURES.items():
            registry = stack.enter_context(Registry())
            registry.default = behaviour
            servers[tld] = registry.url
        keys = asking("", servers=servers)
        folder = tmp_path_factory.mktemp("unlucky")
        yield stack.enter_context(running(folder, **keys, compat={"wait": 10}))


@pytest.mark.parametrize("tld", [*FAILURES, "edu"])  # nobody is known to ask for .edu
def test_an_unknown_age_is_unknown_and_no_error(unlucky: InThread, tld: str) -> None:
    domain = f"kestrelvale.{tld}"
    first = unlucky.get(f"/{domain}")
    second = unlucky.get(f"/www.{domain}")
    you = seen_by_you(first)
    unknown: dict[str, Any] = {"category": "UNKNOWN", "isc": "UNKNOWN", "web": "UNKNOWN"}

    assert first.body == expected(domain, you, first=True, **unknown)
    assert second.body == expected(domain, you, **unknown)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("1995-08-04T04:00:00Z", expires=None),
        Answer("1995-08-04T04:00:00Z", expires="2001-01-01T00:00:00Z"),
    ],
    ids=["no expiration", "expired"],
)
def test_an_expiration_changes_nothing(service: InThread, registry: Registry, answer: Answer) -> None:
    domain = "expired.org" if answer.expires else "unlimited.org"
    registry.domains[domain] = answer
    first, second = service.get(f"/{domain}"), service.get(f"/{domain}")

    assert first.body == expected(domain, seen_by_you(first), first=True)
    assert second.body == expected(domain, seen_by_you(first))


def test_a_registry_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    hang = Hang()
    with Registry() as registry, running(tmp_path, **asking(registry.url), compat={"wait": 0.05}) as service:
        registry.default = hang
        hanging = [service.get(f"/silent{number}.org").json() for number in range(3)]

        # They are answered while the registry still owes its word; and so is everybody else.
        assert hang.open == 3
        assert {answer["category"] for answer in hanging} == {"UNKNOWN"}
        assert [answer["alerts"] for answer in hanging] == [["YOUR-FIRST-CONTACT"]] * 3
        assert service.get("/another.edu").json()["alerts"] == ["YOUR-FIRST-CONTACT"]
        assert service.get("/healthz").status == 200

        # The question stands: what comes late is known from then on.
        assert registry._loop is not None
        registry._loop.call_soon_threadsafe(hang.released.set)
        eventually(lambda: service.get("/silent0.org").json()["category"] == "ESTABLISHED")
        assert registry.count("silent0.org") == 1


def test_a_first_contact_is_for_ever(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        you = seen_by_you(service.get("/once.org"))
    with running(tmp_path) as service:
        again = service.get("/once.org").json()

    assert (again["alerts"], again["seen_by_you"]) == ([], you)


def test_thresholds_are_settings(tmp_path: Path) -> None:
    with running(tmp_path, compat={"freq_avg": 100.0, "freq_word": 100.0, "established_days": 1}) as service:
        assert service.get("/internationalisation.org").json()["alerts"][0] == "LOW-FREQ-SCORES"


def test_its_wazuh_script_tells_a_first_contact_whatever_the_registry_does(unlucky: InThread) -> None:
    def told(path: str) -> bytes | None:
        return wazuh(unlucky.get(path).body.decode(), path[1:])

    events = [told(f"/larkspur-fasteners.{tld}") for tld in FAILURES]

    assert all(event is not None and b"YOUR-FIRST-CONTACT" in event for event in events)
    assert told("/larkspur-fasteners.net") is None
    assert told("/printer.local") is None


def test_an_age_that_comes_to_be_known_shows_at_once(tmp_path: Path) -> None:
    """An answer kept at hand must not outlive what it lacked."""
    with Registry() as registry:
        registry.default = Slow(0.5, Answer(registered="2001-02-03T04:05:06Z"))
        with running(tmp_path, **asking(registry.url, "com"), compat={"wait": 0}) as service:
            assert json.loads(service.get("/harbour-lights.com").body)["category"] == "UNKNOWN"
            assert json.loads(service.get("/harbour-lights.com").body)["category"] == "UNKNOWN"
            eventually(lambda: json.loads(service.get("/harbour-lights.com").body)["category"] == "ESTABLISHED")
            assert service.get("/harbour-lights.com").body == service.get("/harbour-lights.com").body
