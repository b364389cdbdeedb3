import pytest

from firstsight.core.reasons import IMPLEMENTED, REASONS, mask_of
from firstsight.core.verdict import Severity


def test_bits_are_what_stores_out_there_hold() -> None:
    assert {code: kind.bit for code, kind in REASONS.items()} == {
        "first_seen": 0,
        "first_seen_agent": 1,
        "newly_active": 2,
        "random_name": 3,
        "newly_registered": 4,
        "alternative_root": 5,
        "re_registered": 6,
        "nx_burst": 7,
        "known_indicator": 8,
        "unusual_process": 9,
    }


def test_severities_alone_follow_the_design() -> None:
    alone = {severity: {code for code, kind in REASONS.items() if kind.alone is severity} for severity in Severity}

    assert alone == {
        Severity.NONE: {"first_seen_agent", "unusual_process"},
        Severity.LOW: {"first_seen", "newly_active"},
        Severity.MEDIUM: {"random_name", "newly_registered", "alternative_root", "re_registered", "nx_burst"},
        Severity.HIGH: {"known_indicator"},
        Severity.CRITICAL: set(),
    }


def test_every_word_has_a_technique_and_a_meaning() -> None:
    assert all(kind.attack and kind.meaning for kind in REASONS.values())
    assert set(IMPLEMENTED) <= set(REASONS)


def test_a_mask_holds_each_code_once() -> None:
    assert mask_of([]) == 0
    assert mask_of(["first_seen", "newly_registered", "first_seen"]) == 0b10001
    with pytest.raises(KeyError):
        mask_of(["unheard_of"])
