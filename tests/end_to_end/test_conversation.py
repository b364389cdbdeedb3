"""A conversation with Domain Stats 1.0.1, as it was recorded, held with firstsight: equal or better, none worse.

The table in docs/compatibility.md has a row for each case here.
"""

import os
import re
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

import pytest

from firstsight import tables
from firstsight.core.letterpairs import LetterPairs
from old_scripts import wazuh, zeek
from running import PATIENCE, InThread, Reply, asking, command, running
from servers.registry import Answer, Behaviour, Registry, Reset, Slow, Status, not_found, rate_limited, web_page
from wazuh_home import dns_alert

DOCS = Path(__file__).parents[2] / "docs"
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))

DAY = 86400
YOUNG = int(time.time()) - 30 * DAY  # noqa: TID251  # the service's clock is the machine's
OLD_WEB, YOUNG_WEB = "Fri, 04 Aug 1995 04:00:00 GMT", formatdate(YOUNG, usegmt=True)

NO_SUFFIX = (
    '{"alerts":["No valid eTLD exists for this domain."],"category":"ERROR","freq_score":"ERROR",'
    '"seen_by_isc":"ERROR","seen_by_web":"ERROR","seen_by_you":"ERROR"}\n'
)
NOT_FOUND = "RDAP lookup to https://www.rdap.net/domain/nx.com returned 404"


def record(domain: str, category: str, web: str, *, isc: str = "RDAP", you: str = "<date>", alerts: str = "") -> str:
    """A record's text. Scores are written in later, by the table in use: `<domain>`, and `<low domain>` their alert."""
    return (
        f'{{"alerts":[<low {domain}>{alerts}],"category":"{category}","freq_score":[<{domain}>],"seen_by_isc":"{isc}",'
        f'"seen_by_web":"{web}","seen_by_you":"{you}"}}\n'
    )


FIRST = '"YOUR-FIRST-CONTACT"'


def old(domain: str, alerts: str = "") -> str:
    return record(domain, "ESTABLISHED", OLD_WEB, alerts=alerts)


def unknown(domain: str, alerts: str = "") -> str:
    return record(domain, "UNKNOWN", "UNKNOWN", isc="UNKNOWN", alerts=alerts)


def error(domain: str, alerts: str) -> str:
    return record(domain, "ERROR", "ERROR", isc="ERROR", you="ERROR", alerts=alerts)


@dataclass(frozen=True)
class Exchange:
    """A request, what the original answered, and what we do (None: the same).

    An answer is the text of a 200, or a status. `<date>` stands for any date, `<…>` for scores (see `record`).
    """

    path: str
    original: str | int
    ours: str | int | None = None
    method: str = "GET"


def same(original: str | int, *paths: str) -> list[Exchange]:
    return [Exchange(path, original) for path in paths]


def failing(domain: str, text: str) -> list[Exchange]:
    """An age that can't be found out, asked for twice."""
    return [
        Exchange(f"/{domain}", error(domain, f'{FIRST},"{text}"'), unknown(domain, FIRST)),
        Exchange(f"/www.{domain}", error(domain, f'"{text}"'), unknown(domain)),
    ]


CASES: dict[str, list[Exchange]] = {
    "an old domain, first and second time": [
        Exchange("/sans.org", old("sans.org", FIRST)),
        Exchange("/sans.org", old("sans.org")),
    ],
    "a domain of 30 days, first and second time": [
        Exchange("/young.com", record("young.com", "NEW", YOUNG_WEB, alerts=FIRST)),
        Exchange("/young.com", record("young.com", "NEW", YOUNG_WEB)),
    ],
    "hosts of a known domain": same(old("sans.org"), "/www.sans.org", "/_dmarc.sans.org", "/*.sans.org"),
    "a host of an unknown domain": [
        Exchange("/a.b.hosted.com", old("hosted.com", FIRST)),
        Exchange("/hosted.com", old("hosted.com")),
    ],
    "upper case, a trailing dot, a query string": same(
        old("sans.org"), "/SANS.ORG", "/Sans.Org.", "/sans.org?x=1", "/_ldap._tcp.dc._msdcs.sans.org"
    ),
    "empty labels": same(NO_SUFFIX, "/.sans.org", "/a..sans.org"),
    "no public suffix": same(
        NO_SUFFIX, "/a.notatld", "/printer.local", "/fileserver", "/192.0.2.1", "/2001:db8::1", "/::ffff:1.2.3.4",
        "/co.uk", "/com", "/github.io", "/favicon.ico", "/robots.txt",
    ),
    "a low score": [
        Exchange("/xkqzjvwbtpqz.com", old("xkqzjvwbtpqz.com", FIRST)),
        Exchange("/xkqzjvwbtpqz.com", old("xkqzjvwbtpqz.com")),
    ],
    "a registry's date with an offset": [
        Exchange("/offset.com", record("offset.com", "ESTABLISHED", "Fri, 04 Aug 1995 02:00:00 GMT", alerts=FIRST)),
    ],
    "the registry says 404": failing("nx.com", NOT_FOUND),
    "the registry says 500": failing("down.info", "RDAP lookup to https://www.rdap.net/domain/down.info returned 500"),
    "the registry says 429": failing("busy.biz", "RDAP lookup to https://www.rdap.net/domain/busy.biz returned 429"),
    "the registry hangs up": failing("reset.dev", "('Connection aborted.', RemoteDisconnected('Remote end …'))"),
    "the registry does not answer in time": failing("slow.app", "HTTPConnectionPool(host='…'): Read timed out."),
    "the registry answers with a page": failing("page.xyz", "Expecting value: line 1 column 1 (char 0)"),
    "no expiration": [
        Exchange(
            "/endless.com",
            error("endless.com", f"{FIRST},\"Invalid RDAP response Domain:endless.com generated object of type '…'\""),
            old("endless.com", FIRST),
        ),
    ],
    "no registration, no events": [
        Exchange("/dateless.top", 500, unknown("dateless.top", FIRST)),
        Exchange("/eventless.online", 500, unknown("eventless.online", FIRST)),
    ],
    "an expiration in the past": [
        Exchange("/expired.com", old("expired.com", FIRST)),
        Exchange("/expired.com", old("expired.com", FIRST), old("expired.com")),
    ],
    "a name below a private suffix": [
        Exchange(
            "/foo.github.io",
            error("foo.github.io", f'{FIRST},"RDAP lookup to https://www.rdap.net/domain/foo.github.io returned 404"'),
            unknown("foo.github.io", FIRST),
        ),
    ],
    "both spellings of an IDN": [
        Exchange("/b%C3%BCcher-idn.com", old("bücher-idn.com", FIRST), old("xn--bcher-idn-q9a.com", FIRST)),
        Exchange("/xn--bcher-idn-q9a.com", old("xn--bcher-idn-q9a.com", FIRST), old("xn--bcher-idn-q9a.com")),
    ],
    "a reverse name": [
        Exchange("/1.0.0.127.in-addr.arpa", error("127.in-addr.arpa", FIRST), NO_SUFFIX),
    ],
    "a label of 70, a name of 300": [
        Exchange(f"/{'a' * 70}.com", old(f"{'a' * 70}.com", FIRST), NO_SUFFIX),
        Exchange(f"/{'a.' * 150}com", old("a.com", FIRST), NO_SUFFIX),
    ],
    "characters that no name has": [
        Exchange("/q%3fz.com", old("q?z.com", FIRST), NO_SUFFIX),
        Exchange("/a%23b2.com", old("a#b2.com", FIRST), NO_SUFFIX),
        Exchange("/a%22b.com", old('a\\"b.com', FIRST), NO_SUFFIX),
    ],
    "paths that are no name": same(404, "/", "/a/b", "/a%2fb", "/sans.org/"),
    "other methods": [
        Exchange("/sans.org", "", method="HEAD"),
        Exchange("/sans.org", "", method="OPTIONS"),
        Exchange("/sans.org", 405, method="POST"),
    ],
    "`/cache_get`": [
        Exchange("/cache_get", '{"text":"Try /cache_get?domain=markbaggett.com"}\n'),
        Exchange("/cache_get?domain=never.com", '{"text":"That domain is not in the database."}\n'),
        Exchange("/cache_get?domain=www.sans.org", '{"text":"That domain is not in the database."}\n'),
        Exchange(
            "/cache_get?domain=sans.org",
            f'{{"cache_expires":"<date>","cache_value":{old("sans.org").strip()},"domain":"sans.org"}}\n',
            f'{{"cache_expires":"Never","cache_value":{old("sans.org").strip()},"domain":"sans.org"}}\n',
        ),
    ],
    "`/cache_browse`, past its ends": same("[]\n", "/cache_browse?offset=-1", "/cache_browse?offset=999999"),
    "`/stats-reset`": same('{"text":"Success"}\n', "/stats-reset"),
    "`/stats`, after that": same(
        '{"hit":0,"miss":0,"rdap_fail":0,"rdap_good":0,"size":<size>,"warnings":[]}\n', "/stats"
    ),
    "`/depuny` (of its newer source)": [
        Exchange("/depuny", '{"text":"Try /depuny?domain=xn--yutube-wqf.com"}\n'),
        Exchange("/depuny?domain=xn--bcher-kva.de", '"b\\u00fccher.de"\n'),
        Exchange("/depuny?domain=b%C3%BCcher.de", 500, '"b\\u00fccher.de"\n'),
    ],
}  # fmt: skip
"""In this order; later ones rest on what earlier ones have made known."""


FAILURES: dict[str, Behaviour] = {
    "info": Status(500),
    "biz": rate_limited("60"),
    "dev": Reset(),
    "app": Slow(30),
    "xyz": web_page(),
    "top": Answer(registered=None),
    "online": Answer(more={"events": []}),
}
"""A registry for each, as one that fails is left alone for a while."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with ExitStack() as stack:
        registry = stack.enter_context(Registry())
        registry.default = Answer("1995-08-04T04:00:00Z")
        registry.domains |= {
            "young.com": Answer(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(YOUNG))),
            "offset.com": Answer("1995-08-04T04:00:00.123+02:00"),
            "nx.com": not_found(),
            "endless.com": Answer("1995-08-04T04:00:00Z", expires=None),
            "expired.com": Answer("1995-08-04T04:00:00Z", expires="2001-01-01T00:00:00Z"),
        }
        servers = dict.fromkeys(("com", "org", "io", "arpa"), registry.url)
        for tld, behaviour in FAILURES.items():
            broken = stack.enter_context(Registry())
            broken.default = behaviour
            servers[tld] = broken.url
        keys = asking("", servers=servers, deadline=1.0)
        yield stack.enter_context(running(tmp_path_factory.mktemp("talk"), **keys, compat={"wait": 2}))


def written(template: str, scores: LetterPairs) -> re.Pattern[str]:
    """A template as the texts that fit it."""

    def freq(match: re.Match[str]) -> str:
        average, word = scores.scores(match[1])
        return f"{average},{word}"

    def low(match: re.Match[str]) -> str:
        average, word = scores.scores(match[1])
        below = (average < 5.0) + (word < 4.0)
        alert = ("", '"SUSPECT-FREQ-SCORE"', '"LOW-FREQ-SCORES"')[below]
        return alert + ("," if alert and template[match.end()] == '"' else "")

    text = re.sub(r"<low ([^>]+)>", low, template)
    text = re.sub(r"<([^>]+\.[^>]+)>", freq, text)
    text = re.escape(text).replace("<date>", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT").replace("<size>", r"\d+")
    return re.compile(text)


def fits(answer: str | int, reply: Reply, scores: LetterPairs) -> bool:
    if isinstance(answer, int):
        return reply.status == answer
    return reply.status == 200 and written(answer, scores).fullmatch(reply.body.decode()) is not None


def test_the_conversation(service: InThread) -> None:
    scores = tables.letter_pairs()
    worse = []
    for case, exchanges in CASES.items():
        for exchange in exchanges:
            reply = service.get(exchange.path, exchange.method)
            expected = exchange.original if exchange.ours is None else exchange.ours
            if not fits(expected, reply, scores):
                worse.append((case, exchange.path, reply.status, reply.body.decode(), expected))
            elif exchange.ours is not None and fits(exchange.original, reply, scores):
                worse.append((case, exchange.path, reply.status, "it does not differ after all", ""))
    assert worse == []


def test_each_case_has_its_row_in_the_docs() -> None:
    page = (DOCS / "compatibility.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (equal|better)(?::[^|]*)? \|$", page, re.MULTILINE)
    verdicts = {
        case: "better" if any(exchange.ours is not None for exchange in exchanges) else "equal"
        for case, exchanges in CASES.items()
    }

    assert dict(rows) == verdicts


def test_both_old_scripts_can_read_every_answer(service: InThread) -> None:
    for domain in ("sans.org", "script.org", "nx.com", "xkqzjvwbtpqz.com", "young.com", "printer.local"):
        reply = service.get(f"/www.{domain}")
        text, answer = reply.body.decode(), reply.json()
        line = zeek(text)
        event = wazuh(text, f"www.{domain}")

        assert line.alerts == (answer["alerts"] or [""])
        assert (line.category, line.isc) == (answer["category"], answer["seen_by_isc"])
        assert (line.web, line.you) == (answer["seen_by_web"], answer["seen_by_you"])
        if answer["category"] == "ERROR":
            assert (line.average, line.word, event) == ('"ERROR"', '"ERROR"', None)
        else:
            assert [float(line.average), float(line.word)] == answer["freq_score"]
            assert (event is None) == (not answer["alerts"] and answer["category"] != "NEW")


def test_our_event_is_the_one_that_the_old_script_would_have_sent(tmp_path: Path) -> None:
    """The same domain, looked up by the script at one service, and seen by another that sends `dnsstat` itself."""
    with Registry() as registry:
        registry.default = Answer(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(YOUNG)))
        (tmp_path / "looked-up").mkdir()
        with running(tmp_path / "looked-up", **asking(registry.url), compat={"wait": 10}) as service:
            by_script = wazuh(service.get("/www.kestrelvale.com").body.decode(), "www.kestrelvale.com")
        (tmp_path / "alerts.json").write_bytes(dns_alert("www.kestrelvale.com", record=1) + b"\n")
        keys = asking(registry.url) | {
            "learning": {"days": 0},
            "sources": [{"path": str(tmp_path / "alerts.json"), "from": "start"}],
        }
        with (
            tempfile.TemporaryDirectory(prefix="fs") as folder,  # tmp_path may be too long for a socket
            closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as queue,
        ):
            queue.bind(f"{folder}/queue")
            queue.settimeout(PATIENCE)
            with running(tmp_path, **keys, wazuh={"queue": f"{folder}/queue", "format": "dnsstat"}):
                ours = queue.recv(65_535)

    def timeless(event: bytes) -> bytes:
        return re.sub(rb'"seen_by_you": "[^"]+"', b"", event)

    assert by_script is not None
    assert b'"alerts": ["YOUR-FIRST-CONTACT"], "category": "NEW"' in by_script
    assert timeless(ours).partition(b"->")[2] == timeless(by_script).partition(b"->")[2]


@pytest.mark.skipif(not (CORPUS / "freq").is_dir(), reason="no corpus")
def test_with_its_table_even_the_scores_are_the_recorded_ones(tmp_path: Path) -> None:
    config = tmp_path / "firstsight.toml"
    config.write_text(f'data_dir = "{tmp_path}/data"\n')
    assert command("import", "freq", CORPUS / "freq" / "freqtable2018.freq", "--config", config).returncode == 0
    with Registry() as registry, running(tmp_path, **asking(registry.url), compat={"wait": 10}) as service:
        registry.default = Answer("1995-08-04T04:00:00Z")
        first, second = service.get("/sans.org"), service.get("/sans.org")
        assert service.get("/xn--bcher-idn-75a.de").json()["freq_score"] == [5.9565, 8.8591]

    rest = (
        '"category":"ESTABLISHED","freq_score":[6.2885,7.9696],"seen_by_isc":"RDAP",'
        '"seen_by_web":"Fri, 04 Aug 1995 04:00:00 GMT","seen_by_you":"'
    )
    assert first.body.decode().startswith('{"alerts":["YOUR-FIRST-CONTACT"],' + rest)
    assert second.body.decode().startswith('{"alerts":[],' + rest)
    assert (len(first.body), len(second.body)) == (201, 181)
