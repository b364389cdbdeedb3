"""Bad input, one table a door: each is a clear error or a counted skip, and the process goes on.

One service is asked and fed everything; after each piece it must still answer, record and account for every line.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from firstsight.core.errors import SettingsError
from firstsight.settings import load
from running import InThread, eventually, running
from wazuh_home import dns_alert, other_alert

NAMES = [
    "", ".", "..", "a..b", ".com", "com.", "-", "*", "*.", "_", "a" * 64 + ".com", "a." * 127 + "com", "a" * 4000,
    "\x00", "a\x00.com", "a\nb.com", "a\r\nHost: evil", "a b.com", "a\tb", '"', "'", "`", "\\", "\\.com", "\\000.com",
    "\\x", "\\999.com", "a;b.com", "a&b.com", "a?b.com", "a#b.com", "a%b.com", "%00", "%2e%2e", "<script>", "{}", "[]",
    "${jndi:ldap://x.com}", "$(id).com", "' OR 1=1 --.com", "../../etc/passwd", "..\\..\\boot.ini", "=cmd|'/c'!A1",
    "xn--", "xn--.com", "xn--a.com", "xn--\uffff.com", "xn--zzzzzzzzzzzzzzzz.com", "\u200b.com", "\ufeffcom", "ａ.com",
    "\u202emoc.elpmaxe", "É" * 60 + ".com", "\U0001f4a9.com", "ß.com", "İ.com", "1", "1.2.3", "1.2.3.4", "1.2.3.4.5",
    "256.256.256.256", "0x7f.1", "::", "::1", "[::1]", "fe80::1%eth0", "::ffff:1.2.3.4", "http://a.com/", "a.com:80",
    "a@b.com", "//", "/", "null", "None", "true", "1e999", "localhost", "com", "co.uk", "in-addr.arpa", "ip6.arpa",
]  # fmt: skip

LINES = [
    b"", b" ", b"\t", b"\r", b"null", b"true", b"1", b'"text"', b"[]", b"{}", b"[[[[", b"{", b"}", b"{'a': 1}", b"\x00",
    b"\x00" * 4096, b"\xff\xfe", b"\xef\xbb\xbf{}", b"{" * 5000, b'{"a":' * 3000, b"[" * 100_000, b"1" * 100_000,
    b"\x1b[31mred", b"NaN", b'{"data": NaN}', b'{"data": 1e999}', b'{"data":"\\ud800"}', b"x" * 2_000_000,
    dns_alert("cut.com")[:-40], dns_alert("twice.com") * 2, b"garbage" + dns_alert("prefixed.com"), other_alert(),
]  # fmt: skip
"""Lines that hold no DNS event."""

EVENTS = [
    dns_alert(None), dns_alert([]), dns_alert({}), dns_alert(5), dns_alert(True), dns_alert(["a.com"]),
    dns_alert(""), dns_alert("\x00"), dns_alert("half.com").replace(b"half", b"\\ud800"),
    dns_alert("a.com", system={"eventRecordID": "x"}), dns_alert("a.com", system={"eventRecordID": "9" * 400}),
    dns_alert("a.com", system={"eventRecordID": -1}), dns_alert("a.com", system={"eventRecordID": []}),
    dns_alert("a.com", system={"systemTime": "yesterday"}), dns_alert("a.com", timestamp="never"),
    dns_alert("a.com", timestamp=5), dns_alert("a.com", eventdata={"utcTime": "0000-00-00 00:00:00.000"}),
    dns_alert("a.com", eventdata={"utcTime": "9999-12-31 23:59:59.999"}),
    dns_alert("a.com", eventdata={"queryStatus": "x"}), dns_alert("a.com", eventdata={"queryStatus": []}),
    dns_alert("a.com", eventdata={"queryResults": 5, "image": {}, "user": [], "processId": None}),
    dns_alert("a.com", eventdata={"queryResults": ";" * 5000}), dns_alert("a.com", eventdata={"image": "\\" * 5000}),
    dns_alert("a.com", agent={}), dns_alert("a.com", agent={"id": [], "name": {}, "ip": 5}),
    dns_alert("a.com", agent={"id": "001) (x", "name": "->evil:1:", "ip": "\n"}),
    dns_alert("a.com", manager="\x00"), dns_alert("a.com", id={"a": 1}), dns_alert("a.com", cluster="text"),
]  # fmt: skip
"""Lines that do hold one, however odd."""

BODIES = [
    b"", b" ", b"{", b"}", b"[]", b"null", b"5", b'"names"', b"\xff\xfe", b"\x00", b"[" * 200_000, b'{"a":' * 50_000,
    b'{"names": []}', b'{"names": null}', b'{"names": {}}', b'{"names": "a.com"}', b'{"names": [1]}',
    b'{"names": [[]]}', b'{"names": [null]}', b'{"names": [NaN]}', b'{"names": ["a.com"]}}', b"names=a.com",
    b'{"names": ["a.com"], "lookup": "perhaps"}', b'{"names": ["a.com"], "more": 1}', b'{"names": ["\\ud800"]}',
    b'{"\\ud800": 1, "names": ["a.com"]}', b'{"names": ["' + b"a" * 4097 + b'"]}',
    json.dumps({"names": ["a.com"] * 1001}).encode(),
]  # fmt: skip

CONFIGS = [
    "listen", "listen =", "= 1", "[", "[[sources]", "[sources]\npath = 1", "sources = 5", "sources = [1]",
    "[[sources]]", "[[sources]]\npath = 5", "[[sources]]\npath = '/a'\ntype = 'zeek'", "listen = 5", "listen = 'x'",
    "listen = '0.0.0.0:5730'", "listen = '127.0.0.1:99999'", "data_dir = 5", "store = 'mysql://x'", "store = []",
    "log = 'xml'", "wazuh = 5", "[wazuh]\nqueue = []", "[learning]\ndays = 'two'", "[learning]\ndays = nan",
    "[registration]\nrate = -1", "[registration]\nrate = inf", "[registration]\nservers = []",
    "[registration.servers]\ncom = 5", "[names]\ninternal = 'a'", "[compat]\nwait = 1e9", "[popular]\ntop = -1",
    "[a.b.c]\nd = 1", "'' = 1", '"\\n" = 1', "\x00", "[memory]\ndomains = 1.5",
]  # fmt: skip


@dataclass
class Fed:
    service: InThread
    alerts: Path

    def lines(self) -> int:
        """Lines accounted for by now: what was skipped, and every event by its kind."""
        account = self.service.do(lambda: self.service.parts.store.account("manager"))
        kinds = ("duplicate", "internal", "reverse", "single_label", "suffix", "address", "invalid")
        events = sum(account.get(kind, 0) for kind in (*kinds, "seen", "nxdomain", "failed"))
        skipped = sum(n for what, n in account.items() if what.startswith("skipped:"))
        assert account.get("events", 0) == events
        assert account.get("lines", 0) == events + skipped
        return account.get("lines", 0)

    def skipped(self) -> int:
        account = self.service.do(lambda: self.service.parts.store.account("manager"))
        return sum(n for what, n in account.items() if what.startswith("skipped:"))

    def feed(self, *lines: bytes) -> None:
        """Write lines and wait until each is accounted for."""
        before = self.lines()
        with self.alerts.open("ab") as out:
            out.write(b"".join(line + b"\n" for line in lines))
        eventually(lambda: self.lines() == before + len(lines))


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    folder = tmp_path_factory.mktemp("bad")
    alerts = folder / "alerts.json"
    alerts.touch()
    (folder / "alerts.jsonl").touch()  # none comes where tests are shared out, and only names fall to this process
    keys = {"learning": {"days": 0}, "alerts": {"file": str(folder / "alerts.jsonl")}}
    with running(folder, sources=[{"path": alerts, "name": "manager", "from": "start"}], **keys) as service:
        yield Fed(service, alerts)
        assert service.get("/readyz").json()["status"] == "ready"
        for line in (folder / "alerts.jsonl").read_text("utf-8").splitlines():
            json.loads(line)


@pytest.fixture(autouse=True)
def alive(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "fed" in request.fixturenames:
        assert request.getfixturevalue("fed").service.get("/healthz").status == 200


@pytest.mark.parametrize("name", NAMES)
def test_names_by_the_old_api(fed: Fed, name: str) -> None:
    reply = fed.service.get("/" + quote(name, safe=""))

    assert reply.status == 404 if "/" in name or not name else reply.status == 200
    if reply.status == 200:
        assert set(reply.json()) >= {"alerts", "category", "freq_score", "seen_by_you"}


def test_names_by_the_new_api(fed: Fed) -> None:
    reply = fed.service.post("/v1/domains", {"names": [name for name in NAMES if len(name) < 4096]})
    kinds = [verdict["kind"] for verdict in reply.json()["domains"]]

    assert reply.status == 200
    assert len(kinds) == len(NAMES)
    for name in NAMES:
        one = fed.service.get("/v1/domains/" + quote(name, safe=""))
        assert one.status == 404 if "/" in name or not name else one.status == 200, name


def test_names_in_events(fed: Fed) -> None:
    before = fed.skipped()
    fed.feed(*(dns_alert(name, record=number) for number, name in enumerate(NAMES, start=1)))

    assert fed.skipped() == before


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_lines_that_hold_no_event(fed: Fed, line: bytes) -> None:
    before = fed.skipped()
    fed.feed(line, other_alert())

    assert fed.skipped() == before + 2


def test_odd_events(fed: Fed) -> None:
    before = fed.skipped()
    fed.feed(*EVENTS)

    assert fed.skipped() == before


def test_a_line_is_read_whole_however_it_is_written(fed: Fed) -> None:
    line = dns_alert("piecemeal.com", record=700)
    before = fed.lines()
    for piece in (line[:10], line[10:], b""):
        with fed.alerts.open("ab") as out:
            out.write(piece)
    fed.service.get("/healthz")
    assert fed.lines() == before  # no newline yet
    fed.feed(b"")
    assert fed.lines() == before + 1


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_bodies(fed: Fed, body: bytes) -> None:
    reply = fed.service.get("/v1/domains", "POST", body, Content_Type="application/json")

    assert reply.status in {400, 422}
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == reply.status
    assert reply.json()["detail"]
    assert len(reply.body) < 2000


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_bodies_of_another_kind(fed: Fed, kind: str) -> None:
    """A form of a foreign page can send these kinds without asking; none of them is taken for JSON."""
    assert fed.service.get("/v1/domains", "POST", b'{"names": ["a.com"]}', Content_Type=kind).status == 422


@pytest.mark.parametrize("config", CONFIGS)
def test_settings(tmp_path: Path, config: str) -> None:
    path = tmp_path / "firstsight.toml"
    path.write_text(config, "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(path)

    assert str(caught.value).count(str(path)) == len(str(caught.value).splitlines())
