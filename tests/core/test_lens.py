import pytest

from firstsight import tables
from firstsight.core.facts import Absent, Known, Popularity, Registration, Unavailable
from firstsight.core.lens import Lens, has_registration
from firstsight.core.popular import Popular

PARSER = tables.name_parser(["corp.example.com"])
PAIRS = tables.letter_pairs()
LOOKS = tables.looks()
OWN = Popular("own", {"example.org": None, "both.com": None})
FOREIGN = Popular("foreign", {"both.com": 7})


def lens() -> Lens:
    return Lens(PARSER, LOOKS, [FOREIGN, OWN])


def test_the_most_telling_list_counts() -> None:
    names = {
        name: lens().popularity(PARSER.parse(name)) for name in ("www.both.com", "a.example.org", "kestrelvale.com")
    }

    assert names == {
        "www.both.com": Known(Popularity("foreign", 7)),
        "a.example.org": Known(Popularity("own")),
        "kestrelvale.com": Absent(0.0),
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("kestrelvale.com", True),
        ("tenant.github.io", True),
        ("www.both.com", False),
        ("a.corp.example.com", False),
        ("printer.zzz", False),
        ("10.0.0.7", False),
    ],
)
def test_whose_age_is_asked_for(name: str, wanted: bool) -> None:
    assert lens().wants_age(PARSER.parse(name)) is wanted


def test_lists_may_be_replaced() -> None:
    changed = lens()
    changed.popular = (OWN,)

    assert changed.popularity(PARSER.parse("both.com")) == Known(Popularity("own"))


def test_looks_are_those_of_the_registrable_domain() -> None:
    sight = lens()
    short, long = (sight.randomness(PARSER.parse(name)) for name in ("sans.org", "xkqzjvwbtpqz.sans.org"))

    assert short == long
    assert short.freq == PAIRS.scores("sans.org") == sight.letter_pairs(PARSER.parse("www.sans.org"))
    assert sight.randomness(PARSER.parse("xkqzjvwbtpqz.com")).strong
    assert sight.randomness(PARSER.parse("localhost")).freq is None


def test_everything_that_is_known_of_a_name() -> None:
    registration = Known(Registration(0.0, None, "RDAP", 1.0))
    facts = lens().facts(PARSER.parse("both.com"), registration)

    assert facts.registration == registration
    assert facts.popularity == Known(Popularity("foreign", 7))
    assert facts.intel == Unavailable("off")
    assert facts.randomness.freq == PAIRS.scores("both.com")


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("www.sans.org", True),
        ("me.github.io", True),  # its registered domain is github.io
        ("dc01.corp.example.com", False),
        ("a.bazar", False),
        ("a.onion", False),
        ("co.uk", False),
        ("4.3.2.1.in-addr.arpa", False),
        ("printer", False),
        ("192.0.2.1", False),
        ("a..b", False),
    ],
)
def test_only_public_names_are_asked_about(name: str, asked: bool) -> None:
    assert has_registration(PARSER.parse(name)) is asked
