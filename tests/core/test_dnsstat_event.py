"""The bytes below are what the original's Wazuh script sends for such an answer."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, make_alert
from firstsight.core.alerts import Alert
from firstsight.core.dnsstat import Dialect
from firstsight.core.dnsstat_event import datagram, error_datagram
from firstsight.core.events import Agent
from firstsight.core.facts import Known, Registration, Unavailable
from firstsight.core.notices import Notice, NoticeState, make_notice
from firstsight.core.verdict import Seen
from wazuh.decoder import decode

DIALECT = Dialect()
YOUNG = Known(Registration(1_794_400_000.0, None, "RDAP", AT))


def rendered(item: Alert | Notice, **options: Any) -> bytes:
    message = datagram(item, **options)
    assert message is not None
    return message


def test_the_originals_event_to_the_byte() -> None:
    alert = make_alert("newly_registered", "first_seen", registration=YOUNG)

    assert rendered(alert, dialect=DIALECT) == (
        b'1:[001] (WIN10) 10.0.0.5->dns_stats:{"dnsstat": {"query": "www.xk7.example", '
        b'"alerts": ["LOW-FREQ-SCORES", "YOUR-FIRST-CONTACT"], "category": "NEW", "freq_score": [4.1, 3.9], '
        b'"seen_by_isc": "RDAP", "seen_by_web": "Wed, 11 Nov 2026 12:26:40 GMT", '
        b'"seen_by_you": "Tue, 24 Nov 2026 02:33:29 GMT"}, "integration": "dnsstat"}'
    )


@pytest.mark.parametrize(
    ("agent", "location"),
    [
        (Agent("m", "manager", "000", "127.0.0.1"), b"1:dns_stats:{"),
        (Agent("m", "WIN10", "001", ""), b"1:[001] (WIN10) any->dns_stats:{"),
        (Agent("m", "WIN10", "001", "fe80::1"), b"1:[001] (WIN10) fe80|:|:1->dns_stats:{"),
    ],
)
def test_locations(agent: Agent, location: bytes) -> None:
    assert rendered(make_alert(agent=agent), dialect=DIALECT).startswith(location)


def test_an_unknown_age_and_another_reason() -> None:
    alert = replace(make_alert("random_name", registration=Unavailable("timeout")), category="UNKNOWN")
    fields = json.loads(rendered(alert, dialect=DIALECT).partition(b"dns_stats:")[2])["dnsstat"]

    assert fields["alerts"] == ["LOW-FREQ-SCORES"]
    assert (fields["category"], fields["seen_by_web"], fields["seen_by_isc"]) == ("UNKNOWN", "UNKNOWN", "UNKNOWN")


def test_seen_by_you_is_the_earlier_of_seen_and_looked_up() -> None:
    alert = make_alert("first_seen")
    earlier = replace(alert.verdict, seen=replace(alert.verdict.seen, looked_up=807_508_800.0))
    never = replace(alert.verdict, seen=Seen())  # such as a random name that nobody resolved

    assert b'"seen_by_you": "Fri, 04 Aug 1995 04:00:00 GMT"' in rendered(
        replace(alert, verdict=earlier), dialect=DIALECT
    )
    assert b'"seen_by_you": "Tue, 24 Nov 2026 02:33:29 GMT"' in rendered(replace(alert, verdict=never), dialect=DIALECT)


def test_wazuh_reads_the_fields_that_the_originals_rules_ask_for() -> None:
    event = decode(rendered(make_alert(), dialect=DIALECT))

    assert (event.decoder, event.location) == ("json", "(WIN10) 10.0.0.5->dns_stats")
    assert event.fields["integration"] == "dnsstat"
    assert event.fields["dnsstat.alerts"] == '["LOW-FREQ-SCORES", "YOUR-FIRST-CONTACT"]'
    assert event.fields["dnsstat.category"] == "NEW"
    assert decode(error_datagram("No registry answers.")).fields["dnsstat.error"] == "No registry answers."


def test_an_error_is_the_managers_own() -> None:
    assert error_datagram("Nö: gone") == (
        b'1:dns_stats:{"dnsstat": {"error": "N\\u00f6: gone"}, "integration": "dnsstat"}'
    )


@given(st.text(max_size=253), st.text(max_size=64))
def test_whatever_a_name_holds_the_event_is_one_short_line_of_json(name: str, source: str) -> None:
    known = Known(Registration(AT, None, source, AT))
    alert: Alert = make_alert(name=name, registration=known)
    message = rendered(alert, dialect=DIALECT, limit=4_000)

    assert b"\n" not in message
    assert len(message) < 5_000
    assert json.loads(message.partition(b"dns_stats:")[2])["dnsstat"]["query"] == name


def test_a_notice_is_an_error_while_it_is_trouble_and_nothing_else() -> None:
    states = (NoticeState.BEGAN, NoticeState.OVER)
    began, over = (make_notice("outbox_stuck", state, "file", "It is full.", at=AT, since=AT) for state in states)
    assert rendered(began, dialect=DIALECT) == error_datagram("It is full.")
    assert datagram(over, dialect=DIALECT) is None
