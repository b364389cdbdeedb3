import json

import pytest

from alert_samples import AT, DAY, make_alert
from firstsight.core.document import alert_document, notice_document, verdict_document
from firstsight.core.events import Agent
from firstsight.core.facts import (
    Absent,
    Fact,
    Intel,
    Known,
    Popularity,
    Pulse,
    Registration,
    Unavailable,
)
from firstsight.core.names import Kind
from firstsight.core.notices import NoticeState, make_notice
from firstsight.core.verdict import Randomness, Seen, Severity, Verdict


def bare_verdict(
    *,
    registration: Fact[Registration] = Unavailable("pending"),  # noqa: B008  # frozen
    intel: Fact[Intel] = Unavailable("not_configured"),  # noqa: B008  # frozen
    popularity: Fact[Popularity] = Unavailable("no_list"),  # noqa: B008  # frozen
) -> Verdict:
    return Verdict(
        name="printer",
        unicode="printer",
        kind=Kind.SINGLE_LABEL,
        domain="",
        registered_domain="",
        severity=Severity.NONE,
        reasons=(),
        missing=("registration",),
        seen=Seen(),
        registration=registration,
        randomness=Randomness(),
        intel=intel,
        popularity=popularity,
    )


def test_a_verdict_has_the_contracts_keys_in_order() -> None:
    document = verdict_document(bare_verdict(), now=AT)

    assert list(document) == [
        "name", "kind", "domain", "registered_domain", "severity", "reasons", "missing", "seen", "registration",
        "randomness", "intel", "popularity", "alert_id", "follows",
    ]  # fmt: skip
    assert list(document["seen"]) == ["first", "last", "count", "agents", "looked_up"]
    assert list(document["registration"]) == [
        "state", "reason", "registered", "expires", "source", "checked", "age_days",
    ]  # fmt: skip
    assert list(document["randomness"]) == ["score", "threshold", "weak", "words", "freq"]
    assert list(document["intel"]) == ["state", "verdict", "pulses"]


def test_what_is_not_known_is_null() -> None:
    document = verdict_document(bare_verdict(), now=AT)

    assert document["kind"] == "single_label"
    assert document["domain"] is None
    assert document["registered_domain"] is None
    assert document["seen"] == {"first": None, "last": None, "count": 0, "agents": 0, "looked_up": None}
    assert document["randomness"]["score"] is None
    assert document["randomness"]["freq"] is None
    assert document["alert_id"] is None
    assert document["follows"] is None


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (
            Known(Registration(AT - 12 * DAY - 1, None, "RDAP", AT)),
            {
                "state": "known",
                "reason": None,
                "registered": "2026-11-12T02:33:30.250Z",
                "expires": None,
                "source": "RDAP",
                "checked": "2026-11-24T02:33:31.250Z",
                "age_days": 12,
            },
        ),
        (
            Absent(AT),
            {
                "state": "absent",
                "reason": None,
                "registered": None,
                "expires": None,
                "source": None,
                "checked": "2026-11-24T02:33:31.250Z",
                "age_days": None,
            },
        ),
        (
            Unavailable("timeout", AT + 60),
            {
                "state": "unavailable",
                "reason": "timeout",
                "registered": None,
                "expires": None,
                "source": None,
                "checked": None,
                "age_days": None,
            },
        ),
    ],
)
def test_a_registration_is_known_absent_or_unavailable(fact: Fact[Registration], expected: dict[str, object]) -> None:
    assert verdict_document(bare_verdict(registration=fact), now=AT)["registration"] == expected


def test_a_domain_registered_this_second_is_zero_days_old() -> None:
    fact = Known(Registration(AT, None, "RDAP", AT))

    assert verdict_document(bare_verdict(registration=fact), now=AT)["registration"]["age_days"] == 0


def test_intel_and_popularity_carry_their_state() -> None:
    known = bare_verdict(
        intel=Known(Intel("high", (Pulse("5f1", "Emotet", "AlienVault"),))), popularity=Known(Popularity("tranco", 7))
    )
    absent = bare_verdict(intel=Absent(AT), popularity=Absent(AT))

    assert verdict_document(known, now=AT)["intel"] == {
        "state": "known",
        "verdict": "high",
        "pulses": [{"id": "5f1", "name": "Emotet", "author": "AlienVault"}],
    }
    assert verdict_document(known, now=AT)["popularity"] == {"state": "known", "list": "tranco", "rank": 7}
    assert verdict_document(absent, now=AT)["intel"] == {"state": "absent", "verdict": None, "pulses": []}
    assert verdict_document(absent, now=AT)["popularity"] == {"state": "absent", "list": None, "rank": None}


def test_an_alert_holds_its_event_and_its_verdict() -> None:
    document = alert_document(make_alert("first_seen", follows="alert-0", score=0.75))

    assert list(document) == [
        "alert_id", "time", "follows", "severity", "category", "summary", "event", "verdict",
    ]  # fmt: skip
    assert document["alert_id"] == document["verdict"]["alert_id"] == "alert-1"
    assert document["follows"] == document["verdict"]["follows"] == "alert-0"
    assert document["event"] == {
        "time": "2026-11-24T02:33:29.250Z",
        "source": "wazuh",
        "event_id": "1785407472.12345",
        "status": "answered",
        "agent": {"id": "001", "name": "WIN10", "ip": "10.0.0.5", "manager": "wazuh-1"},
        "process": {"image": r"C:\Tools\curl.exe", "guid": "{5770385f}", "id": "2412", "user": r"CORP\alice"},
        "computer": "win10.corp.example",
        "answers": ["192.0.2.7", "cdn.example.net"],
    }
    assert document["verdict"]["reasons"] == [
        {
            "code": "first_seen",
            "severity": "low",
            "text": "about first_seen",
            "attack": ["T1071.004"],
            "evidence": {"days": 12, "hosts": ["a.example"]},
        }
    ]
    assert document["verdict"]["registration"]["age_days"] == 12
    assert document["verdict"]["randomness"] == {
        "score": 0.75,
        "threshold": None,
        "weak": False,
        "words": {"score": None, "threshold": None},
        "freq": [4.1, 3.9],
    }


def test_an_alert_is_plain_json_also_without_an_agent() -> None:
    document = alert_document(make_alert(agent=Agent("", ""), image=""))

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["event"]["agent"] == {"id": None, "name": None, "ip": None, "manager": None}
    assert document["event"]["process"]["image"] is None


def test_a_notice_is_told_from_an_alert_by_its_key() -> None:
    notice = make_notice(
        "digest", NoticeState.ONCE, "", "A day.", at=AT, since=AT - DAY, details={"alerts": "4", "open": []}
    )

    assert notice_document(notice) == {
        "notice": "digest",
        "notice_id": notice.id,
        "time": "2026-11-24T02:33:31.250Z",
        "state": "once",
        "subject": None,
        "since": "2026-11-23T02:33:31.250Z",
        "times": 1,
        "summary": "A day.",
        "details": {"alerts": "4", "open": []},
    }
