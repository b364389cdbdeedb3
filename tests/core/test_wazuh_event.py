import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_samples import AT, REGISTERED, make_alert
from firstsight.core.alerts import Alert, Asked
from firstsight.core.events import Agent, Process, Status
from firstsight.core.facts import Absent, Fact, Intel, Known, Popularity, Pulse, Registration, Unavailable
from firstsight.core.names import Kind
from firstsight.core.notices import NoticeState, make_notice
from firstsight.core.verdict import Randomness, Reason, Seen, Severity, Verdict
from firstsight.core.wazuh_event import DATAGRAM_MAX, datagram, error_datagram, location

FIELDS = [
    "query", "domain", "reasons", "severity", "category", "summary", "missing", "age_days", "registered",
    "registration_source", "first_seen", "agents", "random_score", "otx", "otx_pulses", "image", "user", "process_id",
    "process_guid", "computer", "answers", "status", "event_id", "event_time", "source", "alert_id", "follows",
    "nx_domains",
]  # fmt: skip


def taken_apart(message: bytes) -> tuple[str, dict[str, Any]]:
    """Location and JSON as analysisd reads them: the location ends at the first colon without a `|` before it."""
    text = message.decode()
    match = re.match(r"1:((?:\|.|[^|:])*):", text, re.DOTALL)
    assert match
    where = re.sub(r"\|([|:])", r"\1", match[1])
    return where, json.loads(text[match.end() :])


def fields_of(alert: Alert, **options: Any) -> dict[str, Any]:
    body = taken_apart(datagram(alert, **options))[1]
    assert list(body) == ["integration", "firstsight"]
    assert body["integration"] == "firstsight"
    fields: dict[str, Any] = body["firstsight"]
    return fields


def test_an_alert_becomes_the_contracts_fields_in_order() -> None:
    where, body = taken_apart(datagram(make_alert("newly_registered", "first_seen", follows="alert-0", score=0.98765)))

    assert where == "[001] (WIN10) 10.0.0.5->firstsight"
    assert body["firstsight"] == {
        "query": "www.xk7.example",
        "domain": "xk7.example",
        "reasons": ["newly_registered", "first_seen"],
        "severity": "high",
        "category": "NEW",
        "summary": "WIN10 asked for www.xk7.example, first seen here, registered 12 days ago",
        "missing": ["intel"],
        "age_days": "12",
        "registered": "2026-11-12T02:31:51.250Z",
        "registration_source": "RDAP",
        "first_seen": "2026-11-24T02:33:29.250Z",
        "agents": "1",
        "random_score": "0.9877",
        "image": r"C:\Tools\curl.exe",
        "user": r"CORP\alice",
        "process_id": "2412",
        "process_guid": "{5770385f}",
        "computer": "win10.corp.example",
        "answers": ["192.0.2.7", "cdn.example.net"],
        "status": "answered",
        "event_id": "1785407472.12345",
        "event_time": "2026-11-24T02:33:29.250Z",
        "source": "wazuh",
        "alert_id": "alert-1",
        "follows": "alert-0",
    }
    assert [key for key in FIELDS if key in body["firstsight"]] == list(body["firstsight"])


def test_what_is_absent_or_empty_is_left_out() -> None:
    fields = fields_of(make_alert(registration=Unavailable("pending"), image="", answers=(), event_id=""))

    absent = {"age_days", "registered", "registration_source", "random_score", "otx", "otx_pulses", "follows"}
    assert not {*absent, "image", "answers", "event_id"} & set(fields)


def test_the_json_follows_the_location_without_a_blank_and_is_compact() -> None:
    message = datagram(make_alert())

    assert b'->firstsight:{"integration":"firstsight","firstsight":{"query":' in message
    assert not message.endswith(b"\n")


@pytest.mark.parametrize(
    ("agent", "where"),
    [
        (Agent("m", "WIN10", "001", "fe80::1"), "[001] (WIN10) fe80::1->firstsight"),
        (Agent("m", "WIN10", "001", ""), "[001] (WIN10) any->firstsight"),
        (Agent("m", "WIN10", "001", "any"), "[001] (WIN10) any->firstsight"),
        (Agent("m", "a|b:c||", "12345", "10.0.0.5"), "[12345] (a|b:c||) 10.0.0.5->firstsight"),
        (Agent("m", "a->b", "001", "10.0.0.5"), "[001] (a->b) 10.0.0.5->firstsight"),
        (Agent("m", "Zoë", "001", "10.0.0.5"), "[001] (Zoë) 10.0.0.5->firstsight"),
        (Agent("m", "", "001", "10.0.0.5"), "[001] (001) 10.0.0.5->firstsight"),
        (Agent("m", "a) 10.9.9.9->x\ny", "001", "10.0.0.5"), "[001] (a_ 10.9.9.9->x_y) 10.0.0.5->firstsight"),
        (Agent("m", "WIN10", "001", "10.0.0.5->etc\n"), "[001] (WIN10) any->firstsight"),
        (Agent("m", "manager", "000", "127.0.0.1"), "firstsight"),
        (Agent("m", "zeek sensor"), "firstsight"),
        (Agent("m", "x", "7] (y", "10.0.0.5"), "firstsight"),
        (Agent("m", "x", "١٢", "10.0.0.5"), "firstsight"),
    ],
)
def test_the_location_names_the_agent_and_unescapes_to_itself(agent: Agent, where: str) -> None:
    assert location(agent) == where
    assert taken_apart(datagram(make_alert(agent=agent)))[0] == where


def test_an_ipv6_address_is_escaped() -> None:
    assert datagram(make_alert(agent=Agent("m", "W|N", "001", "fe80::1"))).startswith(
        b"1:[001] (W||N) fe80|:|:1->firstsight:{"
    )


def test_a_text_is_never_taken_for_an_array() -> None:
    fields = fields_of(make_alert(image="[1,2]", name='["first_seen"]', answers=("[3]",)))

    assert fields["image"] == " [1,2]"
    assert fields["query"] == ' ["first_seen"]'
    assert fields["answers"] == ["[3]"]


def test_control_characters_and_broken_text_stay_inside_their_value() -> None:
    message = datagram(make_alert(image='a\n"b\x01\0c\ud800'))

    assert b"\n" not in message
    assert b"\\u0000" not in message
    assert taken_apart(message)[1]["firstsight"]["image"] == 'a\n"b\x01\N{REPLACEMENT CHARACTER}c?'


def test_intelligence_is_told_with_its_pulses() -> None:
    alert = make_alert("known_indicator")
    verdict = Verdict(
        **{
            **{slot: getattr(alert.verdict, slot) for slot in Verdict.__slots__},
            "intel": Known(Intel("high", (Pulse("1", "Emotet", "AlienVault"), Pulse("2", "Qakbot", "AlienVault")))),
        }
    )
    fields = fields_of(Alert(alert.id, alert.at, alert.asked, verdict, alert.summary, alert.category))

    assert fields["otx"] == "high"
    assert fields["otx_pulses"] == ["Emotet", "Qakbot"]


def test_a_burst_names_its_domains() -> None:
    alert = make_alert("nx_burst", "random_name")
    burst, looks = alert.verdict.reasons
    domains = ["kelvormist.com", "harborlantern.net"]
    reasons = (replace(burst, evidence={"domains": [*domains]}), looks)
    assert fields_of(replace(alert, verdict=replace(alert.verdict, reasons=reasons)))["nx_domains"] == domains
    assert "nx_domains" not in fields_of(make_alert("random_name"))


def test_many_answers_are_cut_before_any_text_is_and_the_rest_is_counted() -> None:
    answers = tuple(f"cdn-{number:05}.edge.example.net" for number in range(30_000))
    fields = fields_of(make_alert(answers=answers, image="i" * 3_000))

    kept = fields["answers"][:-1]
    assert kept == list(answers[: len(kept)])
    assert len(kept) >= 500
    assert fields["answers"][-1] == f"… and {30_000 - len(kept)} more"
    assert fields["image"] == "i" * 3_000


def test_a_text_is_cut_to_what_an_index_takes() -> None:
    fields = fields_of(make_alert(summary="\U0001f600" * 40_000, image="C:/x.exe"))

    assert fields["summary"].endswith("\U0001f600…")
    assert len(fields["summary"].encode()) <= 32_766
    assert fields["image"] == "C:/x.exe"


def test_a_smaller_limit_is_kept_where_possible() -> None:
    alert = make_alert(answers=tuple("x" * 200 for _ in range(200)))

    assert 4_000 < len(datagram(alert, limit=20_000)) <= 20_000
    assert len(datagram(alert, limit=4_000)) <= 4_000


BEGAN = make_notice(
    "source_silent",
    NoticeState.BEGAN,
    "manager",
    "Nothing came.",
    at=AT,
    since=AT - 60.25,
    details={"names": ["[1]"], "none": ""},
)


def test_a_notice_is_the_services_own_and_has_no_domain() -> None:
    where, body = taken_apart(datagram(BEGAN))

    assert where == "firstsight"
    assert body == {
        "integration": "firstsight",
        "firstsight": {
            "notice": "source_silent",
            "state": "began",
            "subject": "manager",
            "summary": "Nothing came.",
            "error": "Nothing came.",
            "since": "2026-11-24T02:32:31Z",
            "event_time": "2026-11-24T02:33:31.250Z",
            "notice_id": BEGAN.id,
            "names": ["[1]"],
        },
    }


@pytest.mark.parametrize("state", [NoticeState.OVER, NoticeState.ONCE])
def test_only_a_trouble_that_began_is_an_error(state: NoticeState) -> None:
    fields = taken_apart(datagram(replace(BEGAN, state=state, times=3)))[1]["firstsight"]

    assert "error" not in fields
    assert (fields["state"], fields["times"]) == (state, "3")


def test_a_long_notice_is_cut_as_an_alert_is() -> None:
    notice = replace(BEGAN, details={"names": [f"WS{number:05}" for number in range(50_000)]})
    message = datagram(notice)

    assert len(message) <= DATAGRAM_MAX
    assert taken_apart(message)[1]["firstsight"]["names"][-1] == "… and 49000 more"


def test_an_error_has_no_domain() -> None:
    where, body = taken_apart(error_datagram("[wazuh] queue: gone\n" + "x" * 5_000))

    assert where == "firstsight"
    assert set(body) == {"integration", "firstsight"}
    assert set(body["firstsight"]) == {"error"}
    assert body["firstsight"]["error"].startswith(" [wazuh] queue: gone\nxx")
    assert len(body["firstsight"]["error"]) <= 1_001


# Texts from anywhere, surrogates and controls too; a few of them far too long.
texts = st.builds(lambda text, times: text * times, st.text(max_size=12), st.sampled_from([1, 1, 1, 900, 9_000]))
lists = st.builds(lambda items, times: tuple(items * times), st.lists(texts, max_size=4), st.sampled_from([1, 1, 700]))
times = st.floats(min_value=-1e11, max_value=1e12)
registrations: st.SearchStrategy[Fact[Registration]] = st.one_of(
    st.builds(Known, st.builds(Registration, times, st.none() | times, texts, times)),
    st.builds(Absent, times),
    st.builds(Unavailable, texts),
)
intels: st.SearchStrategy[Fact[Intel]] = st.one_of(
    st.builds(lambda verdict, names: Known(Intel(verdict, tuple(Pulse("1", n, "a") for n in names))), texts, lists),
    st.builds(Unavailable, texts),
)
verdicts = st.builds(
    Verdict,
    name=texts,
    unicode=texts,
    kind=st.sampled_from(Kind),
    domain=texts,
    registered_domain=texts,
    severity=st.sampled_from(Severity),
    reasons=st.builds(
        lambda codes, domains: (
            *(Reason(code, Severity.LOW, "", (), {}) for code in codes),
            Reason("nx_burst", Severity.MEDIUM, "", (), {"domains": [*domains]}),
        ),
        lists,
        lists,
    ),
    missing=lists,
    seen=st.builds(Seen, st.none() | times, st.none() | times, st.integers(0), st.integers(0), st.none()),
    registration=registrations,
    randomness=st.builds(Randomness, st.none() | st.floats(0, 1)),
    intel=intels,
    popularity=st.just(Known(Popularity("l", 1))),
)
alerts = st.builds(
    Alert,
    id=texts,
    at=times,
    asked=st.builds(
        Asked,
        time=times,
        source=texts,
        event_id=texts,
        status=st.sampled_from(Status),
        agent=st.builds(Agent, texts, texts, texts | st.sampled_from(["000", "001", "1234"]), texts),
        process=st.builds(Process, texts, texts, texts, texts),
        computer=texts,
        answers=lists,
    ),
    verdict=verdicts,
    summary=texts,
    category=texts,
    follows=st.none() | texts,
)


@settings(max_examples=150, deadline=None)
@given(alerts)
def test_any_alert_is_one_whole_datagram_of_strings(alert: Alert) -> None:
    message = datagram(alert)
    where, body = taken_apart(message)

    assert len(message) <= DATAGRAM_MAX
    assert where == location(alert.asked.agent).encode("utf-8", "replace").decode()
    assert where.endswith("firstsight")
    assert "\n" not in where
    assert set(body) == {"integration", "firstsight"}
    assert set(body["firstsight"]) <= set(FIELDS)
    for value in body["firstsight"].values():
        if isinstance(value, str):
            assert value
            assert not value.startswith("[")
        else:
            assert value
            assert all(isinstance(item, str) for item in value)


@settings(max_examples=50, deadline=None)
@given(alerts)
def test_any_alert_fits_into_a_third_of_it(alert: Alert) -> None:
    assert len(datagram(alert, limit=20_000)) <= 20_000


def test_the_worst_alert_fits() -> None:
    worst = "\x01" * 9_000
    alert = Alert(
        worst,
        AT,
        Asked(AT, worst, worst, Status.ANSWERED, Agent(worst, "|" * 900, "1234567890", "::"),
              Process(worst, worst, worst, worst), worst, (worst,) * 60),
        Verdict(worst, worst, Kind.PUBLIC, worst, worst, Severity.CRITICAL,
                (Reason("nx_burst", Severity.LOW, "", (), {"domains": [worst] * 200}),
                 *(Reason(worst, Severity.LOW, "", (), {}) for _ in range(60))), (worst,) * 60, Seen(AT, AT),
                REGISTERED, Randomness(0.5), Known(Intel(worst, (Pulse("1", worst, "a"),) * 60)), Absent(AT)),
        worst,
        worst,
        worst,
    )  # fmt: skip

    assert len(datagram(alert)) <= DATAGRAM_MAX
    assert len(datagram(alert, limit=20_000)) <= 20_000
