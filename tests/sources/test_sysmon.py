import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.events import Detail, Process, Status
from firstsight.sources import sysmon

SYSMON = "Microsoft-Windows-Sysmon"
CHANNEL = "Microsoft-Windows-Sysmon/Operational"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("event_id", "task", "provider", "channel", "name", "is_dns"),
    [
        ("22", "22", SYSMON, CHANNEL, "a.example", True),
        (22, 22, SYSMON, CHANNEL, "a.example", True),
        (22.0, None, SYSMON, None, None, True),
        ("255", "22", SYSMON, CHANNEL, "a.example", True),
        ("255", "255", SYSMON, CHANNEL, "a.example", False),
        ("22", None, None, CHANNEL, None, True),
        ("22", None, "MICROSOFT-WINDOWS-SYSMON", None, None, True),
        ("22", None, SYSMON, "ForwardedEvents", None, True),
        ("22", None, None, None, "a.example", True),
        ("22", None, "", "", ["a"], True),
        ("22", None, None, None, None, False),
        ("22", "22", "Microsoft-Windows-Kernel", "System", "a.example", False),
        ("1", "22", SYSMON, CHANNEL, "a.example", False),
        (True, "22", SYSMON, CHANNEL, "a.example", False),
        (["22"], "22", SYSMON, CHANNEL, "a.example", False),
        (None, "22", SYSMON, CHANNEL, "a.example", False),
    ],
    ids=repr,
)
def test_event_22_is_known_by_its_data(
    event_id: object, task: object, provider: object, channel: object, name: object, is_dns: bool
) -> None:
    assert sysmon.is_dns_query(event_id, task, provider, channel, name) is is_dns


@pytest.mark.parametrize(
    ("results", "answers"),
    [
        (
            "type:  5 a1834.dspg2.akamai.net;181.30.131.40;181.30.131.42;",
            ("a1834.dspg2.akamai.net", "181.30.131.40", "181.30.131.42"),
        ),
        ("::ffff:52.119.198.91;", ("52.119.198.91",)),
        ("::FFFF:c000:0201;::ffff:nonsense;", ("192.0.2.1", "::ffff:nonsense")),
        ("fe80::1;2001:db8::5;", ("fe80::1", "2001:db8::5")),
        ("type:  33 ;type:  5 x.example;", ("x.example",)),
        ("TYPE: 12 host.example", ("host.example",)),
        ("-", ()),
        ("", ()),
        (";;", ()),
        (None, ()),
        (7, ()),
        (["type:  5 x.example", 5, None, "192.0.2.1"], ("x.example", "5", "192.0.2.1")),
        ("type:  16 a&amp;b;", ("a&b",)),
    ],
    ids=repr,
)
def test_results_become_answers(results: object, answers: tuple[str, ...]) -> None:
    assert sysmon.answers(results) == answers


@pytest.mark.parametrize(
    ("code", "results", "status"),
    [
        ("0", "-", Status.ANSWERED),
        (0, None, Status.ANSWERED),
        ("9701", "", Status.EXISTS),
        ("9003", None, Status.NXDOMAIN),
        ("1460", None, Status.FAILED),
        (None, "::ffff:192.0.2.1;", Status.ANSWERED),
        ("-", "192.0.2.1;", Status.ANSWERED),
        (" ", "type:  5 x.example; 192.0.2.1 ;", Status.ANSWERED),
        (None, "2001:db8::5", Status.ANSWERED),
        (None, "type:  5 x.example;", Status.EXISTS),
        (None, ["192.0.2.1"], Status.ANSWERED),
        (["0"], None, Status.EXISTS),
        ("4711", None, Status.FAILED),
        ("4711", "fe80::1;", Status.ANSWERED),
        ("4711", "type:  5 192.0.2.1.example;", Status.FAILED),
    ],
    ids=repr,
)
def test_status_comes_from_code_and_answers(code: object, results: object, status: Status) -> None:
    assert sysmon.status(code, results) is status


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("182667", 182667),
        (182667, 182667),
        (182667.0, 182667),
        ("0", 0),
        (0, 0),
        (-5, 0),
        ("-5", 0),
        ("", 0),
        (None, 0),
        (True, 0),
        ("12a", 0),
        ("²", 0),
        ([1], 0),
        (2**63 - 1, 2**63 - 1),
        (2**63, 0),
        ("9" * 5000, 0),
    ],
    ids=repr,
)
def test_record_numbers(value: object, number: int) -> None:
    assert sysmon.record_number(value) == number


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("www.Example.com.", "www.Example.com."),
        ("a&amp;b.example", "a&b.example"),
        ("x\\\\y", "x\\y"),
        ("-", "-"),
        (None, None),
        ([1, 2], None),
        (5, None),
    ],
    ids=repr,
)
def test_a_name_is_text_as_sysmon_wrote_it(value: object, name: str | None) -> None:
    assert sysmon.query_name(value) == name


def test_evidence_is_cleaned() -> None:
    detail = sysmon.detail(
        {
            "image": "C:\\\\Program Files (x86)\\\\A &amp; B\\\\b.exe",
            "processGuid": "{4dc16835-e4b7-612f-d002-000000001900}",
            "processId": 2412,
            "user": "NT AUTHORITY\\\\SYSTEM",
            "queryResults": "192.0.2.1;",
        }
    )
    process = Process(
        "C:\\Program Files (x86)\\A & B\\b.exe",
        "{4dc16835-e4b7-612f-d002-000000001900}",
        "2412",
        "NT AUTHORITY\\SYSTEM",
    )
    assert detail == Detail(process, ("192.0.2.1",))


def test_a_share_keeps_its_two_backslashes() -> None:
    assert sysmon.detail({"image": "\\\\\\\\server\\\\share\\\\x.exe"}).process.image == "\\\\server\\share\\x.exe"


@pytest.mark.parametrize("value", ["-", "(NULL)", "", " ", None, [], {}, True], ids=repr)
def test_empty_evidence_is_empty(value: object) -> None:
    fields = dict.fromkeys(("image", "processGuid", "processId", "user", "queryResults"), value)
    assert sysmon.detail(fields) == Detail()


def test_an_unknown_process_id_is_empty() -> None:
    assert sysmon.detail({"processId": "None"}).process.id == ""


@given(JSON, JSON, JSON)
def test_no_json_value_stops_the_reading_of_a_field(one: object, two: object, three: object) -> None:
    assert isinstance(sysmon.is_dns_query("22", two, one, three, two), bool)
    assert sysmon.status(one, two) in Status
    assert all(sysmon.answers(one))
    assert 0 <= sysmon.record_number(three) < 2**63
    sysmon.query_name(one)
    assert isinstance(sysmon.detail({"image": one, "processId": two, "queryResults": three}), Detail)
