"""Items as Domain Stats 1.0.1 writes them; the domains are made up."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dns_events import parse
from firstsight.core.errors import InputError
from firstsight.core.facts import Registration
from firstsight.core.history import Page, decode_page, encode_page, items_of, page_of, records_of

NOW = 1_795_500_000.0
SINCE = 1_634_677_148  # Tue, 19 Oct 2021 20:59:08 GMT
REGISTERED = 969_375_650.0  # Tue, 19 Sep 2000 15:00:50 GMT

RECORD = {
    "alerts": [],
    "category": "ESTABLISHED",
    "freq_score": [6.6079, 6.0942],
    "seen_by_isc": "RDAP",
    "seen_by_web": "Tue, 19 Sep 2000 15:00:50 GMT",
    "seen_by_you": "Tue, 19 Oct 2021 20:59:08 GMT",
}
ERROR = {**RECORD, **dict.fromkeys(("category", "seen_by_isc", "seen_by_web", "seen_by_you"), "ERROR")}


def browsed(domain: Any, record: Any = RECORD) -> dict[str, Any]:
    return {"cache_expires": "Wed, 29 Dec 2027 02:26:37 GMT", "cache_value": record, "domain": domain}


def page(*items: Any) -> Page:
    return page_of(items_of(json.dumps(items).encode(), "it"), parse, NOW, len(items))


def test_an_item_of_a_server() -> None:
    assert page(browsed("kestrelvale.com")) == Page(
        1,
        [("kestrelvale.com", SINCE)],
        {"kestrelvale.com": Registration(REGISTERED, None, "RDAP", SINCE)},
    )


def test_an_item_of_an_export() -> None:
    item = {key: RECORD[key] for key in ("freq_score", "seen_by_web")} | {"seen_by_isc": "top1m"}

    running = page({**item, "domain": "kestrelvale.com", "expires": NOW + 1.5})
    endless = page({**item, "domain": "kestrelvale.com", "expires": None})
    ended = page({**item, "domain": "kestrelvale.com", "expires": NOW - 1})

    assert running.looked_up == endless.looked_up == ended.looked_up == [("kestrelvale.com", int(NOW))]
    assert running.registrations == {"kestrelvale.com": Registration(REGISTERED, None, "top1m", int(NOW))}
    assert endless.registrations == running.registrations
    assert ended.registrations == {}, "whose it is now, nobody knows"


def test_an_error_is_a_look_up_without_dates() -> None:
    assert page(browsed("osterwick.eu", ERROR)) == Page(1, [("osterwick.eu", int(NOW))], {})


def test_both_spellings_of_a_domain_are_one_with_the_earlier_date() -> None:
    later = {**RECORD, "seen_by_you": "Wed, 20 Oct 2021 20:59:08 GMT"}

    for items in ((RECORD, later), (later, RECORD)):
        taken = page(browsed("bücher-idn.de", items[0]), browsed("xn--bcher-idn-q9a.de", items[1]))
        assert taken.looked_up == [("xn--bcher-idn-q9a.de", SINCE)]


def test_below_a_private_suffix_nothing_is_registered() -> None:
    taken = page(browsed("y.github.io"))
    assert (taken.looked_up, taken.registrations) == ([("y.github.io", SINCE)], {})


@pytest.mark.parametrize(
    "item",
    [
        browsed("127.in-addr.arpa"), browsed("q?z.com"), browsed("printer.local"), browsed("co.uk"), browsed(""),
        browsed(None), browsed("kestrelvale.com", "ERROR"), browsed("kestrelvale.com", None),
        {"next": "http://127.0.0.1:5730/cache_browse?offset=2&limit=2"}, {}, [], "kestrelvale.com", 7, None,
    ],
)  # fmt: skip
def test_what_is_left_out(item: Any) -> None:
    assert page(item) == Page(1, [], {})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Tue, 19 Oct 2021 20:59:08 GMT", SINCE),
        ("Tue, 19 Oct 2021 20:59:08 -0000", SINCE),
        ("Tue, 19 Oct 2021 22:59:08 +0200", SINCE),
        ("Sat, 19 Oct 2999 20:59:08 GMT", int(NOW)),  # an offset in its settings moved it ahead
        ("Thu, 01 Jan 1970 00:00:00 GMT", int(NOW)),
        ("Tue, 19 Xxx 2021 20:59:08 GMT", int(NOW)),
        ("Tue, 19 Oct 99999999 20:59:08 GMT", int(NOW)),
        ("ERROR", int(NOW)),
        ("", int(NOW)),
        (5, int(NOW)),
    ],
)
def test_dates(text: Any, seconds: int) -> None:
    assert page(browsed("kestrelvale.com", {**RECORD, "seen_by_you": text})).looked_up == [("kestrelvale.com", seconds)]


@pytest.mark.parametrize(
    ("tag", "source"), [("WHOIS", "WHOIS"), ("top1m", "top1m"), ('a","b', "import"), ("ü", "import"), (None, "import")]
)
def test_who_says_so(tag: Any, source: str) -> None:
    assert page(browsed("a.com", {**RECORD, "seen_by_isc": tag})).registrations["a.com"].source == source


def test_a_registration_that_is_still_to_come_is_none() -> None:
    assert page(browsed("a.com", {**RECORD, "seen_by_web": "Sat, 19 Oct 2999 20:59:08 GMT"})).registrations == {}


def test_the_name_of_the_next_page_is_no_record() -> None:
    following = {"next": "http://127.0.0.1:5730/cache_browse?offset=3&limit=2"}
    with_next = items_of(json.dumps([following, browsed("a.com")]).encode(), "it")
    without = items_of(json.dumps([browsed("a.com")]).encode(), "it")

    assert records_of(with_next) == records_of(without) == without
    assert records_of([]) == []


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'[{"domain": ]', b"\xff"])
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(InputError, match=r"export\.json is not what Domain Stats writes"):
        items_of(body, "export.json")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.fixed_dictionaries({}, optional=dict.fromkeys(RECORD, VALUES))
ITEMS = st.fixed_dictionaries(
    {}, optional={"domain": st.just("kestrelvale.com") | VALUES, "cache_value": RECORDS | VALUES, "expires": VALUES}
)


@given(st.lists(ITEMS | VALUES, max_size=5))
def test_whatever_comes_a_page_can_be_kept_and_nothing_is_of_the_future(items: list[Any]) -> None:
    taken = page(*items)

    assert decode_page(encode_page(taken)) == taken
    assert all(0 < at <= NOW for _, at in taken.looked_up)
    assert all(parse(domain).registrable == domain for domain, _ in taken.looked_up)
    assert all(found.registered <= NOW for found in taken.registrations.values())


def test_a_line_of_something_else_is_no_page() -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_page(b'{"read": 1, "looked_up": [["a.com", "yesterday"]], "registrations": {}}')
