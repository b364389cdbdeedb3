"""WHOIS answers in the forms of the large registries; the texts are written here after their layouts."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.facts import Absent, Known, Unavailable
from firstsight.core.whois_answer import read_day, read_whois

NOW = datetime(2026, 11, 24, tzinfo=UTC).timestamp()


def day(year: int, month: int, number: int, hour: int = 0, minute: int = 0) -> float:
    return datetime(year, month, number, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1997-09-15T04:00:00Z", day(1997, 9, 15, 4)),
        ("1997-09-15T04:00:00.123+0300", day(1997, 9, 15, 1)),
        ("1997-09-15 04:00:00", day(1997, 9, 15, 4)),
        ("2001/05/30", day(2001, 5, 30)),
        ("2001/05/30 12:00:00 JST", day(2001, 5, 30, 3)),
        ("2007. 03. 02.", day(2007, 3, 2)),
        ("2003.03.12 10:22", day(2003, 3, 12, 10, 22)),
        ("20200102", day(2020, 1, 2)),
        ("15-Sep-1997", day(1997, 9, 15)),
        ("15-sep-1997 04:00:00 UTC", day(1997, 9, 15, 4)),
        ("15 September 1997", day(1997, 9, 15)),
        ("Mon, 15 Sep 1997 04:00:00 GMT", day(1997, 9, 15, 4)),
        ("Mon Sep 15 04:00:00 1997", day(1997, 9, 15, 4)),
        ("September 15 1997", day(1997, 9, 15)),
        ("2001-Aug-23.", day(2001, 8, 23)),
        ("30th April 2003 at 00:00:00.000", day(2003, 4, 30)),
        ("2002-12-04 00:00:00+02", day(2002, 12, 3, 22)),
        ("2002-12-04 00:00:00 -03:30", day(2002, 12, 4, 3, 30)),
        ("2000-05-30 08:30:00 (UTC+8)", day(2000, 5, 30, 0, 30)),
        ("1999-06-07 18:01:00 (GMT+0:00)", day(1999, 6, 7, 18, 1)),
        ("15.09.1997", day(1997, 9, 15)),
        ("3.4.2020", day(2020, 4, 3)),
        ("13/04/2020", day(2020, 4, 13)),
        ("04/13/2020", day(2020, 4, 13)),
        ("05/05/2020", day(2020, 5, 5)),
        # in two ways, or in none
        ("03/04/2020", None),
        ("31/31/2020", None),
        ("before Aug-1996", None),
        ("1970-01-01", None),
        ("2026-12-01", None),
        ("2020-02-30", None),
        ("2020-02-01 00:00:00+99", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days_as_registries_write_them(text: str, at: float | None) -> None:
    assert read_day(text, NOW) == at


def test_a_server_that_is_known_to_write_the_day_first_is_taken_at_its_word() -> None:
    assert read_day("03/04/2020", NOW, day_first=True) == day(2020, 4, 3)
    assert read_day("03/04/2020", NOW, day_first=False) == day(2020, 3, 4)
    assert read_day("2030-01-01", NOW, ahead=True) == day(2030, 1, 1)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    read_day(text, NOW)
    read_whois(text, "example.com", NOW)


GENERIC = """\
Domain Name: KESTRELVALE.COM
   Registrar WHOIS Server: whois.registrar.example
   Updated Date: 2026-01-02T00:00:00Z
   Creation Date: 2026-11-20T10:00:00Z
   Registry Expiry Date: 2027-11-20T10:00:00Z
>>> Last update of whois database: 2026-11-24T00:00:00Z <<<
"""
UK = """
    Domain name:
        kestrelvale.co.uk

    Relevant dates:
        Registered on: 26-Aug-1996
        Expiry date:  26-Aug-2027
"""
JP = "[Domain Name]                   KESTRELVALE.JP\n[登録年月日]                    2001/05/30\n"
KR = "도메인이름                  : kestrelvale.kr\n등록일                      : 2007. 03. 02.\n"
FI = "domain.............: kestrelvale.fi\ncreated............: 1.1.1991 00:00:00\nexpires............: 31.8.2027\n"
RU = "domain:        KESTRELVALE.RU\ncreated:       2010-02-03T04:05:06Z\npaid-till:     2027-02-03T04:05:06Z\n"
TR = "** Domain Name: kestrelvale.com.tr\nCreated on..............: 2001-Aug-23.\n"
TW = "Domain Name: kestrelvale.tw\n   Record expires on 2027-05-31 (UTC+8)\n   Record created on 2000-05-30 (UTC+8)\n"
GG = "Domain:\n     kestrelvale.gg\n\nRelevant dates:\n     Registered on 30th April 2003 at 00:00:00.000\n"
IT = "Domain:             kestrelvale.it\nCreated:            1999-12-10 00:00:00\nExpire Date:        2027-04-21\n"


@pytest.mark.parametrize(
    ("text", "domain", "registered", "expires"),
    [
        (GENERIC, "kestrelvale.com", day(2026, 11, 20, 10), day(2027, 11, 20, 10)),
        (UK, "kestrelvale.co.uk", day(1996, 8, 26), day(2027, 8, 26)),
        (JP, "kestrelvale.jp", day(2001, 5, 30), None),
        (KR, "kestrelvale.kr", day(2007, 3, 2), None),
        (FI, "kestrelvale.fi", day(1991, 1, 1), day(2027, 8, 31)),
        (RU.replace("04:05:06", "00:00:00"), "kestrelvale.ru", day(2010, 2, 3), day(2027, 2, 3)),
        (IT, "kestrelvale.it", day(1999, 12, 10), day(2027, 4, 21)),
        (TR, "kestrelvale.com.tr", day(2001, 8, 23), None),
        (TW, "kestrelvale.tw", day(2000, 5, 29, 16), day(2027, 5, 30, 16)),
        (GG, "kestrelvale.gg", day(2003, 4, 30), None),
        ("domain: råvik.se\ncreated: 2003-10-17\n", "xn--rvik-qoa.se", day(2003, 10, 17), None),
        ("domain: xn--rvik-qoa.se\ncreated: 2003-10-17\n", "xn--rvik-qoa.se", day(2003, 10, 17), None),
    ],
)
def test_what_registries_say(text: str, domain: str, registered: float, expires: float | None) -> None:
    fact = read_whois(text, domain, NOW)

    assert isinstance(fact, Known)
    assert (fact.value.registered, fact.value.expires, fact.value.source) == (registered, expires, "WHOIS")


NO_DATE = Unavailable("no_registration_date")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ('No match for domain "KESTRELVALE.COM".', Absent(NOW)),
        ("Domain not found.", Absent(NOW)),
        ("Status: free", Absent(NOW)),
        ("Status:             AVAILABLE", Absent(NOW)),
        ("Query rate limit exceeded. Try again later.", Unavailable("rate_limited")),
        ("Your access is too fast, queried interval is too short", Unavailable("rate_limited")),
        (GENERIC.replace("KESTRELVALE", "ANOTHER"), Unavailable("wrong_name")),
        ("Creation Date: 03/04/2020", Unavailable("bad_date")),
        ("Creation Date: 2031-01-01", Unavailable("bad_date")),
        ("Domain: kestrelvale.com\nStatus: connect", Unavailable("no_registration_date")),
        ("% We answer also of names that are not registered.\nRegistrar: Bay Names\n", NO_DATE),
        ("% Whoever asks too often meets a rate limit.\nHolder: Bay Ltd\n", NO_DATE),
        ("domain: råvik.com\ncreated: 2003-10-17\n", Unavailable("wrong_name")),
        ("", Unavailable("no_registration_date")),
    ],
)
def test_what_is_no_age(text: str, fact: object) -> None:
    assert read_whois(text, "kestrelvale.com", NOW) == fact


@pytest.mark.parametrize("filling", [" ", "\t", "\n", ".", ": ", "a: ", "Mon ", "status:", "created on 1", "[", "15 "])
@pytest.mark.parametrize("begin", ["", "x", "created: ", "created: Mon", "created: 15", "created: 15 Sep"])
def test_the_worst_text_takes_no_time(begin: str, filling: str) -> None:
    """A form that tried the parts of 64 KiB against each other would hold the loop, and this test, for minutes."""
    text = begin + filling * (65_536 // len(filling)) + "\0"
    assert not isinstance(read_whois(text, "kestrelvale.com", NOW), Known)
