import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.facts import Known, Unavailable
from firstsight.core.rdap_answer import read_answer, read_date, related_links, says_not_found

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared/data")) / "rdap"


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = at("2026-11-24T12:00:00")


def event(action: object, date: object) -> dict[str, object]:
    return {"eventAction": action, "eventDate": date}


def answer(*events: object, **more: object) -> bytes:
    return json.dumps({"objectClassName": "domain", "ldhName": "evil.com", "events": list(events), **more}).encode()


def registered(body: bytes, domain: str = "evil.com") -> float:
    fact = read_answer(body, domain, NOW)
    assert isinstance(fact, Known), fact
    return fact.value.registered


def reason(body: bytes, domain: str = "evil.com") -> str:
    fact = read_answer(body, domain, NOW)
    assert isinstance(fact, Unavailable), fact
    assert fact.retry_at is None
    return fact.reason


BORN = event("registration", "2020-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2020-01-02T03:04:05Z", "2020-01-02T03:04:05"),
        ("2020-01-02t03:04:05z", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05+03:00", "2020-01-02T00:04:05"),
        ("2020-01-02T03:04:05+0300", "2020-01-02T00:04:05"),
        ("2020-01-02T03:04:05-05:30", "2020-01-02T08:34:05"),
        ("2020-01-02T03:04:05.000+0000", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05.0Z", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05.123456Z", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05.123456789Z", "2020-01-02T03:04:05"),
        ("2020-01-02T03:04:05", "2020-01-02T03:04:05"),
        ("2020-01-02 03:04:05", "2020-01-02T03:04:05"),
        (" 2020-01-02 ", "2020-01-02T00:00:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59"),
    ],
)
def test_every_spelling_of_a_date_is_read(text: str, same: str) -> None:
    assert read_date(text) == at(same)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2020-13-01",
        "2020-02-30T00:00:00Z",
        "2020-01-02T25:00:00Z",
        "2020-01-02T03:04:61Z",
        "20200102",
        "02.01.2020",
        "2020-01-02T03:04:05Zulu",
        "٢٠٢٠-01-02",
        "9" * 5000,
        None,
        1577934245,
        ["2020-01-02"],
    ],
)
def test_what_is_no_date_is_none(text: object) -> None:
    assert read_date(text) is None


@given(
    st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001  # naive wanted
    st.integers(-14 * 60, 14 * 60),
)
def test_an_offset_moves_the_date_by_itself(local: datetime, minutes: int) -> None:
    local = local.replace(microsecond=0)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{local.isoformat()}{sign}{hours:02}:{rest:02}"
    assert read_date(text) == local.replace(tzinfo=UTC).timestamp() - minutes * 60


def test_registration_and_expiration_are_told_with_source_and_time() -> None:
    fact = read_answer(answer(BORN, event("expiration", "2021-01-02")), "evil.com", NOW)
    assert isinstance(fact, Known)
    assert fact.value.registered == at("2020-01-02T03:04:05")
    assert fact.value.expires == at("2021-01-02")  # past: a domain in its grace period
    assert (fact.value.source, fact.value.checked) == ("RDAP", NOW)


@pytest.mark.parametrize(
    "expiry", [None, event("expiration", "soon"), event("expiration", None), event(None, "2030-01-01"), "x", 7]
)
def test_expiration_may_be_missing_or_nonsense(expiry: object) -> None:
    fact = read_answer(answer(BORN, *([] if expiry is None else [expiry])), "evil.com", NOW)
    assert isinstance(fact, Known)
    assert fact.value.expires is None


def test_the_earliest_of_several_registrations_counts() -> None:
    assert registered(answer(event("registration", "2022-01-01"), BORN)) == at("2020-01-02T03:04:05")


def test_a_reregistration_makes_it_young_again() -> None:
    again = event("Reregistration", "2026-11-20")
    assert registered(answer(BORN, event("reregistration", "2024-01-01"), again)) == at("2026-11-20")


def test_an_unusable_date_steps_back_for_a_usable_one() -> None:
    assert registered(answer(event("reregistration", "?"), event("registration", "0001-01-01"), BORN)) == at(
        "2020-01-02T03:04:05"
    )


@pytest.mark.parametrize(
    "events",
    [
        [],
        [event("last changed", "2020-01-01")],
        [event("registration", None)],
        [event("registration", 5)],
        [event(None, "2020-01-01")],
        [event(["registration"], "2020-01-01")],
        [{"eventAction": "registration"}],
        ["registration", None, 1],
    ],
)
def test_no_registration_date(events: list[object]) -> None:
    assert reason(answer(*events)) == "no_registration_date"


@pytest.mark.parametrize("events", [None, {}, "registration", 1])
def test_events_of_another_type_are_none(events: object) -> None:
    assert reason(json.dumps({"objectClassName": "domain", "events": events}).encode()) == "no_registration_date"


def test_dates_of_contacts_are_not_the_domains() -> None:
    entity = {"objectClassName": "entity", "events": [BORN]}
    assert reason(answer(entities=[entity])) == "no_registration_date"


@pytest.mark.parametrize("date", ["gibberish", "", "1984-12-31T23:59:59Z", "2026-11-26T12:00:01Z", "9999-12-31"])
def test_a_date_that_can_not_be_is_bad(date: str) -> None:
    assert reason(answer(event("registration", date))) == "bad_date"


def test_a_registry_s_clock_may_run_ahead() -> None:
    assert registered(answer(event("registration", "2026-11-26T12:00:00Z"))) == NOW + 2 * 86400


@pytest.mark.parametrize(
    "names",
    [
        {"ldhName": "EVIL.COM"},
        {"ldhName": "evil.com."},
        {"ldhName": None, "unicodeName": "Evil.com"},
        {"ldhName": None},
        {"ldhName": 5, "unicodeName": ["evil.com"]},
        {"objectClassName": "Domain"},
        {"objectClassName": None},
        {"handle": None},
    ],
)
def test_it_is_about_the_domain_asked_for(names: dict[str, object]) -> None:
    assert registered(answer(BORN, **names)) == at("2020-01-02T03:04:05")


@pytest.mark.parametrize("names", [{"ldhName": "XN--BCHER-KVA.example."}, {"ldhName": "bücher.example"}])
def test_it_is_about_the_idn_asked_for(names: dict[str, object]) -> None:
    assert registered(answer(BORN, **names), "xn--bcher-kva.example")
    assert registered(answer(BORN, ldhName=None, unicodeName="Bücher.example"), "xn--bcher-kva.example")


@pytest.mark.parametrize(
    "names",
    [
        {"ldhName": "good.com"},
        {"ldhName": "www.evil.com"},
        {"ldhName": "good.com", "unicodeName": "evil.com"},
        {"ldhName": None, "unicodeName": "éviĺ.com"},
        {"ldhName": "-\N{COMBINING ACUTE ACCENT}.com"},
    ],
)
def test_another_domain_s_answer_is_not_taken(names: dict[str, object]) -> None:
    assert reason(answer(BORN, **names)) == "bad_answer"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"domain"',
        b"{}",
        b'{"events":',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"entities":' * 50_000,
        b'{"objectClassName":"domain","ldhName":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        answer(BORN, objectClassName="entity"),
        answer(BORN, objectClassName=["domain"]),
        answer(BORN, errorCode=404),
        b'{"domainSearchResults":[],"rdapConformance":["rdap_level_0"]}',
        b'{"objectClassName":"domain","ldhName":"evil.com","events":1e999}',
    ],
)
def test_what_is_no_answer_is_bad(body: bytes) -> None:
    assert reason(body) == "bad_answer"


@pytest.mark.parametrize("odd", [b"1e999", b'"\xe9"', b"-0.0", b"1" * 400, b"[" * 500 + b"]" * 500])
def test_oddities_elsewhere_cost_nothing(odd: bytes) -> None:
    body = answer(BORN).replace(b"{", b'{"entities": %b, ' % odd, 1)
    assert registered(body) == at("2020-01-02T03:04:05")


def test_a_byte_order_mark_is_passed_over() -> None:
    assert registered(b"\xef\xbb\xbf" + answer(BORN))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
members = st.sampled_from(["objectClassName", "ldhName", "unicodeName", "events", "links", "errorCode"])


@given(st.dictionaries(members, json_values), st.lists(json_values, max_size=3))
def test_any_shape_gives_a_fact(document: dict[str, Any], events: list[Any]) -> None:
    body = json.dumps({"objectClassName": "domain", "events": events, **document}).encode()
    assert isinstance(read_answer(body, "evil.com", NOW), Known | Unavailable)
    assert isinstance(related_links(body), list)
    assert says_not_found(body) in {True, False}


@given(st.binary(max_size=200))
def test_any_bytes_give_a_fact(body: bytes) -> None:
    assert isinstance(read_answer(body, "evil.com", NOW), Unavailable)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errorCode":404,"title":"Not Found"}', True),
        (b'{"errorCode":"404"}', True),
        (b'{"rdapConformance":["rdap_level_0"],"notices":[]}', True),
        (b'{"errorCode":501,"rdapConformance":["rdap_level_0"]}', False),
        (b'{"message":"no route"}', False),
        (b"", False),
        (b"<html>404</html>", False),
    ],
)
def test_a_registry_s_own_not_found_is_known_from_a_page(body: bytes, said: bool) -> None:
    assert says_not_found(body) is said


def test_related_links_are_the_rdap_ones() -> None:
    links = [
        {"rel": "self", "href": "https://r.example/domain/evil.com", "type": "application/rdap+json"},
        {"rel": "related", "href": "https://a.example/domain/EVIL.COM", "type": "application/rdap+json"},
        {"rel": "related", "href": "https://www.example/", "type": "text/html"},
        {"rel": "related", "href": "https://b.example/rdap/domain/evil.com"},
        {"rel": "related", "href": "https://www.example/"},
        {"rel": "related", "href": None, "type": "application/rdap+json"},
        "related",
    ]
    assert related_links(answer(links=links)) == [
        "https://a.example/domain/EVIL.COM",
        "https://b.example/rdap/domain/evil.com",
    ]
    assert related_links(answer(links={"rel": "related"})) == []
    assert related_links(b"<html>") == []


REAL = {
    "domain__icann+icann-rdap__0_2_192_in-addr_arpa.json": ("0.2.192.in-addr.arpa", "1990-12-31T23:59:59"),
    "domain__icann+icann-rdap__domain_afnic_fr.json": ("afnic.fr", "2001-12-10T23:00:00"),
    "domain__icann+icann-rdap__example-1_empty_value.json": ("example-1.net", "1997-06-03"),
    "domain__icann+icann-rdap__example-2_partial_value.json": ("example-3.net", "1997-06-03"),
    "domain__icann+icann-rdap__example-3-dont_replace_redaction_of_a_number.json": (
        "0.2.192.in-addr.arpa",
        "1990-12-31T23:59:59",
    ),
    "domain__icann+icann-rdap__home.moscow.json": ("home.moscow", "2021-10-19T19:28:12"),
    "domain__icann+icann-rdap__lookup_with_redaction.json": ("example.com", "1997-06-03"),
    "domain__icann+icann-rdap__xn--fo-5ja_example.json": ("xn--fo-5ja.example", "1990-12-31T23:59:59"),
    "domain__meeb+whoisit__data_rdap_response_domain1.json": ("google.com", "1997-09-15T04:00:00"),
    "domain__meeb+whoisit__data_rdap_response_domain2.json": ("norway.no", "2017-01-24T12:09:23"),
    "domain__meeb+whoisit__data_rdap_response_domain3.json": ("themarquetry.com", "2021-03-16T17:07:37"),
    "domain__openrdap+rdap__domain-example.cz.json": ("example.cz", "2004-08-30T22:55:00"),
    "domain__pogzyb+whodap__bad_response_01.json": ("something-not-real.com", "2023-07-05"),
    "domain__pogzyb+whodap__bad_response_02.json": ("something-not-real.com", "2023-07-05"),
    "error__icann+icann-rdap__error_ripe_net.json": ("ripe.net", "bad_answer"),
    "search__icann+icann-rdap__domain_search_with_redaction.json": ("example.com", "bad_answer"),
}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus here (FIRSTSIGHT_CORPUS)")
def test_every_real_answer_gives_its_date_or_its_reason() -> None:
    found = {}
    for file in sorted(CORPUS.glob("*.json")):
        domain, wanted = REAL[file.name]
        fact = read_answer(file.read_bytes(), domain, NOW)
        found[file.name] = fact.value.registered if isinstance(fact, Known) else fact.reason
        assert found[file.name] == (at(wanted) if wanted[0].isdigit() else wanted), file.name
        assert read_answer(file.read_bytes(), "other.example", NOW) == Unavailable("bad_answer"), file.name
    assert set(found) == set(REAL)
