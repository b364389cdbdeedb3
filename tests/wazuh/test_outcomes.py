"""What alerts can carry, against what the design says of it."""

from firstsight.core.reasons import IMPLEMENTED
from firstsight.core.verdict import Severity
from firstsight.wazuh.outcomes import outcomes

OUTCOMES = outcomes()
SEVERITIES_OF = {
    frozenset(codes): {severity for other, severity in OUTCOMES if set(other) == set(codes)} for codes, _ in OUTCOMES
}


def test_every_reason_occurs() -> None:
    assert {code for codes, _ in OUTCOMES for code in codes} == set(IMPLEMENTED)


def test_severities_are_those_of_the_design() -> None:
    low, medium, high, critical = (severity for severity in Severity if severity is not Severity.NONE)
    expected = {
        ("first_seen",): {low, medium},  # the weak random mark lifts it
        ("newly_active",): {low},
        ("random_name",): {medium},
        ("alternative_root",): {medium},
        ("newly_registered",): {medium, high},
        ("first_seen", "newly_registered"): {high},
        ("first_seen", "random_name"): {high},
        ("first_seen", "unusual_process"): {medium, high},
        ("newly_registered", "unusual_process"): {high, critical},
        ("first_seen", "random_name", "unusual_process"): {critical},
        ("known_indicator",): {high},
        ("known_indicator", "first_seen"): {high, critical},
        ("known_indicator", "random_name"): {critical},
        ("known_indicator", "first_seen", "unusual_process"): {critical},
    }

    assert {codes: SEVERITIES_OF[frozenset(codes)] for codes in expected} == expected


def test_what_excludes_itself_does_not_occur() -> None:
    for codes in SEVERITIES_OF:
        assert codes != {"unusual_process"}
        assert codes != {"first_seen_agent"}
        if "first_seen" in codes:
            assert not codes & {"first_seen_agent", "newly_active", "alternative_root"}
        if "unusual_process" in codes:
            assert codes & {"first_seen", "newly_registered"}
