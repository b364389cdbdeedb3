"""The table of docs/threat-intelligence.md, row by row."""

import pytest

from dns_events import AT, DAY, parse
from firstsight.core.facts import Absent, Fact, Intel, Known, Pulse, Threat, Unavailable
from firstsight.core.indicators import HARMLESS, LARGE, indicators_of, is_bad, together, told_by, weigh
from firstsight.core.otx_answer import General

NONE, LOW, MEDIUM, HIGH = Threat
RECENT, OLD = 1094, 1096
NOW_NOT = Unavailable("timeout", AT + 60)


def pulses(number: int, author: str, days: float = 30, indicators: int | None = 40) -> list[Pulse]:
    at = AT - days * DAY
    return [
        Pulse(f"{author}{days}{indicators}{n}", "Courier", author, at, at, indicators=indicators) for n in range(number)
    ]


def verdict(found: list[Pulse], *, everybody: bool = False, validation: tuple[str, ...] = ()) -> Threat:
    return weigh(General(tuple(found), validation), ["AlienVault"], everybody=everybody, now=AT).verdict


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], NONE),
        (pulses(1, "AlienVault"), MEDIUM),
        (pulses(2, "AlienVault"), HIGH),
        (pulses(9, "alienvault"), HIGH),
        (pulses(1, "AlienVault", RECENT), MEDIUM),
        (pulses(1, "AlienVault", OLD), LOW),
        (pulses(2, "AlienVault", OLD), MEDIUM),
        (pulses(9, "AlienVault", OLD), MEDIUM),
        (pulses(1, "AlienVault", OLD) + pulses(9, "AlienVault", indicators=20_000), LOW),
        (pulses(9, "AlienVault", OLD, 20_000), LOW),
        (pulses(1, "AlienVault", indicators=LARGE), MEDIUM),
        (pulses(1, "AlienVault", indicators=20_000), LOW),
        (pulses(9, "AlienVault", indicators=20_000), LOW),
        (pulses(1, "AlienVault", indicators=None), MEDIUM),
        ([Pulse("1", "Courier", "AlienVault")], LOW),  # of no date
        (pulses(1, "AlienVault") + pulses(5, "AlienVault", OLD), MEDIUM),
        (pulses(50, "Somebody"), NONE),
        (pulses(1, "AlienVault2"), NONE),
    ],
)
def test_what_trusted_pulses_weigh(found: list[Pulse], expected: Threat) -> None:
    assert verdict(found) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pulses(1, "Somebody"), LOW),
        (pulses(2, "Somebody"), MEDIUM),
        (pulses(4, "Somebody"), MEDIUM),
        (pulses(5, "Somebody"), HIGH),
        (pulses(9, "Somebody", OLD), NONE),
        (pulses(9, "Somebody", indicators=20_000), NONE),
        (pulses(1, "AlienVault") + pulses(1, "Somebody"), MEDIUM),
        (pulses(2, "AlienVault"), HIGH),
        (pulses(1, "AlienVault", OLD), LOW),
    ],
)
def test_what_everybodys_pulses_weigh(found: list[Pulse], expected: Threat) -> None:
    assert verdict(found, everybody=True) is expected


@pytest.mark.parametrize("source", sorted(HARMLESS))
def test_who_speaks_for_a_name_overrules_pulses(source: str) -> None:
    intel = weigh(General(tuple(pulses(9, "AlienVault")), ("else", source)), ["AlienVault"], everybody=False, now=AT)

    assert intel.verdict is NONE
    assert intel.overruled == (source,)
    assert len(intel.pulses) == 9


def test_another_source_of_validation_overrules_nothing() -> None:
    assert verdict(pulses(2, "AlienVault"), validation=("sinkhole",)) is HIGH


def test_the_pulses_that_count_are_kept_the_newest_first_and_the_others_counted() -> None:
    found = pulses(1, "AlienVault", 90) + pulses(1, "AlienVault", 3) + pulses(7, "Somebody")
    general = General(tuple(found), ())
    intel = weigh(general, ["AlienVault"], everybody=False, now=AT)

    assert intel == Intel(HIGH, (found[1], found[0]), AT, 7, ())
    assert len(weigh(general, ["AlienVault"], everybody=True, now=AT).pulses) == 9
    assert (
        len(weigh(General(tuple(pulses(60, "AlienVault")), ()), ["AlienVault"], everybody=False, now=AT).pulses) == 20
    )


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("www.evil.com", ("www.evil.com", "evil.com")),
        ("evil.com", ("evil.com",)),
        ("a.b.user.github.io", ("a.b.user.github.io", "user.github.io")),
        ("*.evil.com", ("evil.com",)),
        ("printer", ()),
        ("host.lan", ()),
        ("market.bit", ()),
        ("1.0.0.127.in-addr.arpa", ()),
        ("192.0.2.1", ()),
        ("co.uk", ()),
        ("a..b", ()),
    ],
)
def test_what_is_asked_about_a_name(name: str, asked: tuple[str, ...]) -> None:
    assert indicators_of(parse(name)) == asked


def known(threat: Threat, number: str = "1", at: float = AT) -> Known[Intel]:
    return Known(Intel(threat, (Pulse(number, "Courier", "AlienVault", at),), at, 1, ()))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([Absent(AT), Absent(AT - 5)], Absent(AT - 5)),
        ([known(HIGH), NOW_NOT], known(HIGH)),
        ([known(NONE), NOW_NOT], NOW_NOT),
        ([Absent(AT), NOW_NOT], NOW_NOT),
        ([known(NONE), Absent(AT)], known(NONE)),
        ([known(LOW), Absent(AT)], known(LOW)),
        ([known(LOW), NOW_NOT], NOW_NOT),
        ([known(MEDIUM), NOW_NOT], known(MEDIUM)),
        ([known(MEDIUM, "1", AT), known(HIGH, "2", AT - 9)],
         Known(Intel(HIGH, (Pulse("1", "Courier", "AlienVault", AT), Pulse("2", "Courier", "AlienVault", AT - 9)),
                     AT - 9, 2))),
        ([known(HIGH), known(HIGH)], Known(Intel(HIGH, known(HIGH).value.pulses, AT, 2))),
    ],
)  # fmt: skip
def test_the_worst_of_a_names_indicators_counts(facts: list[Fact[Intel]], expected: Fact[Intel]) -> None:
    assert together(facts) == expected
    assert together(facts[::-1]) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], None),
        ([None, None], None),
        ([Absent(AT), None], None),
        ([None, known(NONE)], None),
        ([None, known(LOW)], None),
        ([None, known(MEDIUM)], known(MEDIUM)),
        ([Absent(AT), Absent(AT)], Absent(AT)),
        ([NOW_NOT, Absent(AT)], NOW_NOT),
    ],
)
def test_one_bad_answer_is_enough_and_a_good_one_is_not(
    facts: list[Fact[Intel] | None], expected: Fact[Intel] | None
) -> None:
    assert told_by(facts) == expected


@pytest.mark.parametrize(
    ("fact", "bad"),
    [
        (known(LOW), False),
        (known(MEDIUM), True),
        (known(HIGH), True),
        (known(NONE), False),
        (Absent(AT), False),
        (NOW_NOT, False),
    ],
)
def test_what_is_bad(fact: Fact[Intel], bad: bool) -> None:  # a table's column
    assert is_bad(fact) is bad
