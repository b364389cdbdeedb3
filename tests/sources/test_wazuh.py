import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstsight.core.events import Agent, Detail, DnsEvent, Process, Record, Status
from firstsight.sources.wazuh import WazuhSource, read_line, read_lines
from wazuh_home import NOON, WazuhHome, dns_alert, other_alert, sysmon_alert

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", "../shared/data"))
NOW = NOON + 3


class Noon:
    def now(self) -> float:
        return NOW


def event(line: bytes) -> DnsEvent:
    got = read_line(line, NOW)
    assert isinstance(got, DnsEvent)
    return got


def test_an_alert_becomes_an_event() -> None:
    got = event(dns_alert("img.example.net", system={"systemTime": "2026-11-24T12:00:09.5000000Z"}))
    assert got.name == "img.example.net"
    assert got.time == NOON
    assert not got.clock_skew
    assert got.status is Status.ANSWERED
    assert got.agent == Agent("wazuh-1", "WIN10", "001", "10.0.0.5")
    assert got.record == Record("WIN10.corp.example", 182667, NOON + 9)
    assert got.event_id == "182667"
    assert got.computer == "WIN10.corp.example"
    assert got.detail() == Detail(
        Process(
            "C:\\Program Files\\Browser\\browser.exe",
            "{4dc16835-e4b7-612f-d002-000000001900}",
            "2412",
            "CORP\\alice",
        ),
        ("edge.example.net", "192.0.2.40"),
    )


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ({"id": "001", "name": "A"}, Agent("wazuh-1", "A", "001", "")),
        ({"id": 7, "name": "A", "ip": None}, Agent("wazuh-1", "A", "7", "")),
        ({"id": "001"}, Agent("wazuh-1", "001", "001", "")),
        ({"id": ["001"], "name": {}}, Agent("wazuh-1", "unknown", "", "")),
        ({}, Agent("wazuh-1", "unknown", "", "")),
    ],
    ids=repr,
)
def test_an_agent_has_a_name_at_least(agent: dict[str, object], expected: Agent) -> None:
    assert event(dns_alert(agent=agent)).agent == expected


@pytest.mark.parametrize(
    ("changes", "manager"),
    [
        ({}, "wazuh-1"),
        ({"cluster": {"name": "hq", "node": "node01"}}, "hq"),
        ({"cluster": {"node": "node01"}}, "wazuh-1"),
        ({"cluster": "hq"}, "wazuh-1"),
        ({"manager": {}}, ""),
        ({"manager": ["x"], "cluster": {"name": 5}}, "5"),
    ],
    ids=repr,
)
def test_history_is_kept_by_the_cluster_where_there_is_one(changes: dict[str, Any], manager: str) -> None:
    assert event(dns_alert(**changes)).agent.manager == manager


DAY = 86400


@pytest.mark.parametrize(
    ("eventdata", "system", "timestamp", "time", "skewed"),
    [
        ({"utcTime": "2026-11-24 11:59:50.500"}, {}, None, NOON - 9.5, False),
        ({"utcTime": "2026-11-24 12:04:59"}, {}, None, NOON + 299, False),
        ({"utcTime": "2026-11-24 12:05:01"}, {}, None, NOON, True),
        ({"utcTime": "2026-10-25 12:00:00"}, {}, None, NOON - 30 * DAY, False),
        ({"utcTime": "2026-10-25 11:59:59"}, {}, None, NOON, True),
        ({"utcTime": None}, {"systemTime": "2026-11-24T11:59:00.0Z"}, None, NOON - 60, False),
        ({"utcTime": "-"}, {"systemTime": "2026-11-24T11:59:00.0Z"}, None, NOON - 60, False),
        ({"utcTime": None}, {"systemTime": None}, None, NOON, True),
        ({"utcTime": "2026-11-24 12:00:00"}, {}, "2026-11-24T13:00:01.000+0100", NOON, False),
        ({"utcTime": "2026-11-24 11:00:00"}, {}, "never", NOON - 3600, False),
        ({"utcTime": "2021-01-01 00:00:00"}, {}, "never", NOW, True),
        ({"utcTime": ["x"]}, {"systemTime": 5}, "never", NOW, True),
    ],
    ids=repr,
)
def test_an_events_own_time_is_believed_within_bounds(
    eventdata: dict[str, object], system: dict[str, object], timestamp: str | None, time: float, skewed: bool
) -> None:
    changes: dict[str, Any] = {"timestamp": timestamp} if timestamp else {}
    got = event(dns_alert(eventdata=eventdata, system=system, **changes))
    assert (got.time, got.clock_skew) == (time, skewed)


def test_without_the_logs_time_the_event_stands_at_its_own() -> None:
    got = event(dns_alert(system={"systemTime": "x"}, eventdata={"utcTime": "2026-11-24 11:00:00"}))
    assert got.record == Record("WIN10.corp.example", 182667, NOON - 3600)


@pytest.mark.parametrize("number", ["0", "", "x", -1, None, [5]], ids=repr)
def test_without_a_record_number_there_is_no_record(number: object) -> None:
    got = event(dns_alert(system={"eventRecordID": number}, id="1795521600.77"))
    assert got.record is None
    assert got.event_id == "1795521600.77"


DEEP: object = json.loads("[" * 120 + "]" * 120)
A = "a.example"
SHAPES: dict[str, tuple[bytes, str | None]] = {
    "no name": (dns_alert(None), None),
    "a list": (dns_alert([1, 2]), None),
    "a deep list": (dns_alert(DEEP), None),
    "an object": (dns_alert({"a": 1}), None),
    "a number": (dns_alert(5), None),
    "empty": (dns_alert(""), ""),
    "an empty label": (dns_alert("..localmachine"), "..localmachine"),
    "a U-label": (dns_alert("münchen.example"), "münchen.example"),
    "an entity": (dns_alert("a&amp;b.example"), "a&b.example"),
    "long": (dns_alert("x" * 400), "x" * 400),
    "a line separator": (dns_alert("cut\u2028.example"), "cut\u2028.example"),
    "no UTF-8": (dns_alert("BYTES.example").replace(b"BYTES", b"\xff\xfe"), "��.example"),
    "half a surrogate pair": (dns_alert("HALF.example").replace(b"HALF", b"\\ud800"), "?.example"),
    "a control character": (dns_alert("CTRL.example").replace(b"CTRL", b"\x01"), "\x01.example"),
    "a huge integer": (dns_alert(A, rule=10**400), A),
    "a huge float": (dns_alert(A).replace(b'"level":3', b'"level":1e999'), A),
    "not a number": (dns_alert(A).replace(b'"level":3', b'"level":NaN'), A),
    "zeros before it": (b"\0\0\0" + dns_alert(A), A),
    "a byte order mark": (b"\xef\xbb\xbf" + dns_alert(A) + b"\r", A),
    "the agent is a list": (dns_alert(A, agent={}).replace(b'"agent":{}', b'"agent":[1]'), A),
    "no event data but the name": (dns_alert(A, rule=[], decoder="x", location=None), A),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_dns_event_is_lost_for_its_shape(shape: str) -> None:
    line, name = SHAPES[shape]
    got = event(line)
    assert got.name == name
    assert isinstance(got.detail(), Detail)


def test_event_data_that_is_no_object_is_still_an_event() -> None:
    alert = json.loads(dns_alert("a.example"))
    alert["data"]["win"]["eventdata"] = "queryName: a.example"
    got = event(json.dumps(alert).encode())
    assert (got.name, got.status, got.detail()) == (None, Status.EXISTS, Detail())


NO_EVENTS = {
    "nothing": (b"", "empty"),
    "blanks": (b" \r", "empty"),
    "half an object": (b"{", "bad_json"),
    "zeros": (b"\0\0\0\0", "bad_json"),
    "no end": (dns_alert()[:-1], "bad_json"),
    "no beginning": (dns_alert()[700:], "bad_json"),
    "two in one": (dns_alert() + dns_alert(), "bad_json"),
    "endlessly deep": (b'{"data":' + b"[" * 100_000, "bad_json"),
    "a list": (b"[]", "not_dns"),
    "null": (b"null", "not_dns"),
    "text": (b'"22"', "not_dns"),
    "data is text": (b'{"data":"x"}', "not_dns"),
    "win is a list": (b'{"data":{"win":[]}}', "not_dns"),
    "only a number": (b'{"data":{"win":{"system":{"eventID":"22"}}}}', "not_dns"),
    "another alert": (other_alert(), "not_dns"),
    "another event": (dns_alert(system={"eventID": "1", "task": "1"}), "not_dns"),
    "another provider": (
        dns_alert(system={"providerName": "Microsoft-Windows-Kernel", "channel": "System"}),
        "not_dns",
    ),
}


@pytest.mark.parametrize("what", NO_EVENTS)
def test_lines_without_a_dns_event_have_a_reason(what: str) -> None:
    line, reason = NO_EVENTS[what]
    assert read_line(line, NOW) == reason


def test_neither_rule_nor_group_makes_an_event() -> None:
    plain = event(dns_alert("a.example", rule=None, decoder=None))
    assert plain.name == "a.example"
    rule = {"id": "61650", "groups": ["sysmon_event_22"]}
    assert read_line(dns_alert(system={"eventID": "3", "task": "3"}, rule=rule), NOW) == "not_dns"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def paths(value: object, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [at]
    return [at, *(path for key, inner in value.items() for path in paths(inner, (*at, key)))]


WHOLE = json.loads(dns_alert("a.example", cluster={"name": "hq"}))
SAYS_DNS = {(), ("data",), ("data", "win"), ("data", "win", "system"), ("data", "win", "system", "eventID")}


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(set(paths(WHOLE)) - SAYS_DNS)), JSON)
def test_any_value_anywhere_leaves_it_a_dns_event(path: tuple[str, ...], value: object) -> None:
    alert: dict[str, Any] = json.loads(json.dumps(WHOLE))
    inner = alert
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    if path[-1] in {"providerName", "channel"}:
        inner["providerName"] = None  # each of the two is enough; and another one's name says that it is not Sysmon's
        inner["channel"] = WHOLE["data"]["win"]["system"]["channel"]
    got = event(json.dumps(alert).encode())
    assert isinstance(got.time, float)
    assert isinstance(got.detail(), Detail)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 1500))
def test_any_bytes_anywhere_are_an_event_or_have_a_reason(noise: bytes, at: int) -> None:
    line = dns_alert("a.example")
    got = read_line(line[:at] + noise + line[at:], NOW)
    if isinstance(got, DnsEvent):
        assert isinstance(got.detail(), Detail)
    else:
        assert got in {"not_dns", "bad_json"}


# -- the source ----------------------------------------------------------------------------------------------------


def test_each_line_read_is_an_event_or_skipped(tmp_path: Path) -> None:
    home = WazuhHome(tmp_path)
    home.write(
        dns_alert("a.example"), other_alert(1), b"", b"{", b"x" * (2 << 20), dns_alert("b.example"), other_alert(2)
    )
    source = WazuhSource("wazuh", home.path, "start", Noon())
    source.resume(None)
    lines, names, skipped, position = 0, [], dict[str, int](), ""
    while (batch := source.read()) is not None or source.lag():
        if batch is not None:
            assert batch.source == "wazuh"
            assert batch.lines == sum(batch.skipped.values()) + len(batch.events)
            lines += batch.lines
            names += [got.name for got in batch.events]
            for reason, number in batch.skipped.items():
                skipped[reason] = skipped.get(reason, 0) + number
            position = batch.position
    assert names == ["a.example", "b.example"]
    assert skipped == {"not_dns": 2, "empty": 1, "bad_json": 1, "overlong": 1}
    assert lines == 7
    assert source.trouble() is None
    source.close()

    again = WazuhSource("wazuh", home.path, "start", Noon())
    again.resume(position)
    assert again.read() is None
    home.write(dns_alert("c.example"))
    batch = again.read()
    assert batch is not None
    assert [got.name for got in batch.events] == ["c.example"]
    again.close()


def test_a_source_whose_file_is_missing_says_so(tmp_path: Path) -> None:
    source = WazuhSource("wazuh", tmp_path / "alerts.json", "end", Noon())
    assert source.name == "wazuh"
    assert source.read() is None
    assert str(tmp_path / "alerts.json") in (source.trouble() or "")
    assert source.lag() == 0


class Time:
    """A clock that goes on when it is told to."""

    at = NOON

    def now(self) -> float:
        return self.at


def test_how_far_behind_is_told_by_what_was_read_last(tmp_path: Path) -> None:
    home, clock = WazuhHome(tmp_path), Time()
    home.write(*(dns_alert("a.example", at=NOON - 3600 + number, record=number + 1) for number in range(900)))
    source = WazuhSource("wazuh", home.path, "start", clock)
    assert source.behind() == 0, "nothing is known yet"
    source.read()
    batch = source.read()
    assert batch is not None
    assert 0 < len(batch.events) < 900
    assert source.behind() == 3600 - len(batch.events) + 1
    while source.read() is not None:
        pass
    clock.at += 7200  # quiet; then a line of which only half is flushed
    assert source.behind() == 0
    source.read()
    home.partial(dns_alert("b.example", at=NOON + 7200)[:50])
    source.read()
    clock.at += 3
    assert source.behind() == 3, "since it was last up to date, not since the last line"
    home.partial(b"\n")
    while source.read() is not None:
        pass
    assert source.behind() == 0
    source.close()


def test_lines_without_a_time_do_not_hide_how_far_behind_it_is(tmp_path: Path) -> None:
    home, clock = WazuhHome(tmp_path), Time()
    source = WazuhSource("wazuh", home.path, "start", clock)
    source.read()
    source.read()
    home.write(*[b"{}" * 50] * 2000)
    clock.at += 90
    source.read()
    assert source.behind() == 90
    source.close()


@pytest.mark.parametrize("archives", [False, True])
def test_what_we_sent_to_wazuh_comes_back_and_is_no_question(archives: bool) -> None:
    """Our alerts are alerts of Wazuh, and in archives.json each event stands with its full text."""
    ours = json.loads(other_alert())
    ours["data"] = {"integration": "firstsight", "firstsight": {"query": "a.example", "event_id": "22"}}
    quoting = json.loads(other_alert())
    quoting["full_log"] = dns_alert("b.example").decode()
    lines = [json.dumps(ours).encode(), json.dumps(quoting).encode()]
    if archives:
        lines.append(json.dumps({**json.loads(dns_alert("c.example")), "rule": None, "full_log": "{}"}).encode())
    events, skipped = read_lines(lines, NOW)
    assert [got.name for got in events] == ["c.example"] * archives
    assert skipped == {"not_dns": 2}


# -- real telemetry ------------------------------------------------------------------------------------------------


def corpus(name: str) -> bytes:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_all_real_sysmon_records_are_events() -> None:
    records = [json.loads(line) for line in corpus("sysmon22/sysmon_event22_raw.jsonl.gz").splitlines()]
    events, skipped = read_lines([sysmon_alert(record) for record in records], NOW)
    assert skipped == {}
    assert len(events) == len(records) > 500
    codes = {"0": Status.ANSWERED, "9701": Status.EXISTS, "9003": Status.NXDOMAIN}
    for got, record in zip(events, records, strict=True):
        assert got.name == record["queryName"].replace("&amp;", "&")
        assert got.status is codes.get(record["queryStatus"], Status.FAILED)
        assert not got.clock_skew
        detail = got.detail()
        assert "\\\\" not in detail.process.image
        assert detail.process.guid.lower() == record["raw"]["ProcessGuid"].lower()
        assert not any(answer.startswith(("::ffff:", "type:")) or ";" in answer for answer in detail.answers)


def test_wazuhs_own_samples_are_events() -> None:
    sample = corpus("dnslogs/wazuh/sysmon.ini").decode()
    bodies = [line.partition("= ")[2] for line in sample.splitlines() if '"task":"22"' in line]
    lines = [json.dumps({"data": json.loads(body)}).encode() for body in bodies]
    events, skipped = read_lines(lines, NOW)
    assert skipped == {}
    assert [got.name for got in events] == ["img-s-msn-com.akamaized.net", "ssm.us-east-1.amazonaws.com"]
    assert events[0].detail().answers == ("a1834.dspg2.akamai.net", "181.30.131.40", "181.30.131.42")


def test_derived_alerts_are_events() -> None:
    lines = corpus("dnslogs/wazuh/alerts_event22_DERIVED.jsonl").splitlines()
    events, skipped = read_lines(lines, NOW)
    assert skipped == {}
    assert len(events) == len(lines)
    assert not any(got.clock_skew for got in events)
    assert all(got.agent.name and got.agent.manager for got in events)
