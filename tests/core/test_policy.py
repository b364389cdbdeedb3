from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, DAY, make_alert, make_reason
from firstsight import tables
from firstsight.core.case import Case, Sent
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.core.policy import (
    LEARNT,
    Policy,
    category,
    deserves_alert,
    hold_back,
    severity_of,
    told_by,
)
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.verdict import Reason, Seen, Severity

CASE = Case(tables.name_parser([]).parse("kestrelvale.com"), Seen(AT, AT, 1, 1))
EVERY = tuple(map(make_reason, REASONS))


def of(*codes: str, weak: bool = False, word_made: bool = False) -> str:
    return str(severity_of(tuple(map(make_reason, codes)), weak=weak, word_made=word_made))


@pytest.mark.parametrize(
    ("codes", "severity"),
    [
        ((), "none"),
        (("first_seen_agent", "unusual_process"), "none"),
        (("re_registered",), "medium"),
        (("re_registered", "first_seen"), "medium"),
        (("re_registered", "nx_burst"), "high"),
        (("re_registered", "nx_burst", "random_name", "alternative_root"), "high"),
        (("newly_active", "first_seen_agent"), "low"),
        (("newly_active", "random_name"), "medium"),
        # only a known indicator or an unusual process goes above high
        (("known_indicator",), "high"),
        (("known_indicator", "first_seen"), "high"),
        (("known_indicator", "random_name"), "critical"),
        (("known_indicator", "unusual_process"), "critical"),
        (("known_indicator", "random_name", "unusual_process"), "critical"),
    ],
)
def test_severity_of_reasons_to_come(codes: tuple[str, ...], severity: str) -> None:
    assert of(*codes) == severity


def test_word_made_names_lift_what_is_young_or_does_not_exist_alone_nothing() -> None:
    assert of("nx_burst", word_made=True) == "high"
    assert of("newly_registered", word_made=True) == "high"
    assert of("first_seen", word_made=True) == "low"
    assert of("random_name", word_made=True) == "medium"
    assert of(word_made=True) == "none"


SETS = st.lists(st.sampled_from(EVERY), unique_by=lambda reason: reason.code)


@given(SETS, st.booleans(), st.data())
def test_severity_never_exceeds_its_bounds(reasons: list[Reason], weak: bool, data: st.DataObject) -> None:
    severity = severity_of(tuple(reasons), weak=weak)
    codes = {reason.code for reason in reasons}
    alone = max((reason.severity.rank for reason in reasons), default=0)

    assert (severity is Severity.NONE) is (alone == 0)
    assert alone <= severity.rank <= alone + 1 + ("unusual_process" in codes)
    if not codes & {"known_indicator", "unusual_process"}:
        assert severity.rank <= Severity.HIGH.rank
    assert severity_of(tuple(data.draw(st.permutations(reasons))), weak=weak) is severity


@given(SETS, st.sampled_from(EVERY), st.booleans())
def test_a_further_reason_never_calms(reasons: list[Reason], more: Reason, weak: bool) -> None:
    without = [reason for reason in reasons if reason.code != more.code]

    assert severity_of((*without, more), weak=weak).rank >= severity_of(tuple(without), weak=weak).rank


@given(SETS)
def test_prevalence_never_steps(reasons: list[Reason]) -> None:
    without = tuple(reason for reason in reasons if reason.code != "first_seen_agent")

    assert severity_of(tuple(reasons), weak=False) is severity_of(without, weak=False)


def held(
    *codes: str, learning: bool = False, popular: bool = False, in_burst: bool = False
) -> tuple[set[str], str | None]:
    case = replace(CASE, learning=learning, in_burst=in_burst)
    kept, why = hold_back(tuple(map(make_reason, codes)), case, popular=popular)
    return {reason.code for reason in kept}, why


def test_popular_holds_everything_but_an_indicator() -> None:
    assert held(*REASONS, popular=True) == ({"known_indicator"}, "popular")
    assert held("known_indicator", popular=True) == ({"known_indicator"}, None)
    assert held(popular=True) == (set(), None)


def test_learning_holds_what_is_learnt() -> None:
    assert held(*REASONS, learning=True) == (set(REASONS) - LEARNT, "learning")
    assert held("random_name", learning=True) == ({"random_name"}, None)
    assert held("first_seen", "unusual_process", learning=True) == (set(), "learning")
    assert held("first_seen", "newly_registered", "unusual_process", learning=True) == (
        {"newly_registered", "unusual_process"},
        "learning",
    )
    assert held(*REASONS) == (set(REASONS), None)


def test_a_burst_that_was_told_holds_the_looks_of_names() -> None:
    assert held("random_name", in_burst=True) == (set(), "nx_burst")
    assert held("random_name", in_burst=True, learning=True) == (set(), "nx_burst")
    assert held("random_name", "known_indicator", in_burst=True) == ({"known_indicator"}, "nx_burst")
    assert held("known_indicator", in_burst=True) == ({"known_indicator"}, None)


@pytest.mark.parametrize(
    ("codes", "told", "alerts"),
    [
        (("first_seen",), (), True),
        (("first_seen",), ("first_seen",), False),
        (("first_seen", "random_name"), ("first_seen",), True),
        (("first_seen", "random_name"), ("first_seen", "random_name"), False),
        (("first_seen_agent", "unusual_process"), (), False),
        (("random_name", "first_seen_agent"), ("random_name",), False),
    ],
)
def test_a_reason_alerts_once(codes: tuple[str, ...], told: tuple[str, ...], alerts: bool) -> None:
    verdict = make_alert(*codes).verdict

    assert deserves_alert(verdict, replace(CASE, told=mask_of(told))) is alerts


@pytest.mark.parametrize("told", [(), ("first_seen",)])
@pytest.mark.parametrize(
    ("sent", "now", "alerts"),
    [("low", "low", False), ("low", "medium", True), ("high", "medium", False), ("high", "critical", True)],
)
def test_a_follow_up_needs_a_higher_severity(told: tuple[str, ...], sent: str, now: str, alerts: bool) -> None:
    verdict = make_alert("first_seen", severity=Severity(now)).verdict
    case = replace(CASE, told=mask_of(told), sent=Sent("a1", Severity(sent)))

    assert deserves_alert(verdict, case) is alerts


def test_an_alert_tells_all_its_reasons() -> None:
    codes = ("first_seen", "first_seen_agent", "random_name")

    assert told_by(make_alert(*codes).verdict) == mask_of(codes)


def test_learning_counts_from_the_first_event() -> None:
    policy = Policy(learning_days=14)

    assert policy.learning(AT, AT)
    assert policy.learning(AT, AT + 14 * DAY - 1)
    assert not policy.learning(AT, AT + 14 * DAY)
    assert policy.learning(AT, AT - DAY)  # an event that is late
    assert not Policy(learning_days=0).learning(AT, AT)


@pytest.mark.parametrize(
    ("fact", "word"),
    [
        (Known(Registration(AT - 730 * DAY, None, "RDAP", AT)), "NEW"),
        (Known(Registration(AT - 731 * DAY, None, "RDAP", AT)), "ESTABLISHED"),
        (Known(Registration(AT + DAY, None, "RDAP", AT)), "NEW"),
        (Absent(AT), "UNKNOWN"),
        (Unavailable("pending"), "UNKNOWN"),
        (None, "UNKNOWN"),
    ],
)
def test_the_originals_word_for_an_age(fact: object, word: str) -> None:
    assert category(fact, Policy(), AT, tenant=False) == word


@pytest.mark.parametrize(("days", "word"), [(30, "NEW"), (4000, "UNKNOWN")])
def test_an_old_provider_makes_no_tenant_established(days: int, word: str) -> None:
    fact = Known(Registration(AT - days * DAY, None, "RDAP", AT))
    assert category(fact, Policy(), AT, tenant=True) == word
