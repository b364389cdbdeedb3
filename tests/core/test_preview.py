from dataclasses import replace

from alert_samples import AT, make_alert
from firstsight.core.events import Agent
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.preview import Preview
from firstsight.core.verdict import Severity

RANDOM = ExceptionRule(domain="xk7.example", scope=("random_name",))


def test_what_is_left_of_alerts_and_how_it_is_told() -> None:
    preview = Preview(RANDOM, 0)
    assert preview.take(make_alert("random_name", number=1)) == frozenset()
    assert preview.take(make_alert("random_name", "first_seen", number=2, severity=Severity.MEDIUM)) == {"first_seen"}
    assert preview.take(make_alert("random_name", number=3, name="other.example")) == {"random_name"}
    assert (preview.silenced, preview.lowered) == (1, 1)

    (row,) = preview.rows
    assert (row.domain, row.agent, row.process) == ("xk7.example", "WIN10", "curl.exe")
    assert (row.reasons, row.severity, row.last) == ({"random_name"}, Severity.HIGH, AT)
    assert (row.silenced, row.lowered) == (1, 1)


def test_what_was_told_before_is_not_raised_again_for_what_is_left() -> None:
    preview = Preview(RANDOM, 0)
    assert preview.take(make_alert("first_seen", number=1)) == {"first_seen"}
    assert preview.take(make_alert("first_seen", "random_name", number=2)) == frozenset()


def test_a_new_silence_is_told_again() -> None:
    preview = Preview(RANDOM, 0)
    for number in (1, 2):
        assert preview.take(make_alert("newly_active", "random_name", number=number)) == {"newly_active"}


def test_a_known_indicator_is_told_to_each_agent() -> None:
    preview = Preview(replace(RANDOM, scope=()), 0)
    assert preview.take(make_alert("first_seen", "known_indicator", number=1)) == {"known_indicator"}
    other = make_alert("first_seen_agent", "known_indicator", number=2, agent=Agent("wazuh-1", "WIN11", "002", ""))
    assert preview.take(other) == {"known_indicator"}
    assert (preview.silenced, preview.lowered) == (0, 2)


def test_a_follow_up_must_still_be_graver_than_what_it_follows() -> None:
    first = make_alert("first_seen", number=1)
    second = make_alert("first_seen", "random_name", number=2, follows=first.id)
    assert [Preview(RANDOM, 0).take(second), Preview(replace(RANDOM, scope=()), 0).take(second)] == [
        {"first_seen"},
        frozenset(),
    ]
    preview = Preview(RANDOM, 0)
    assert [preview.take(first), preview.take(second)] == [{"first_seen"}, frozenset()]


def test_a_program_is_unusual_for_what_is_new_only() -> None:
    preview = Preview(replace(RANDOM, scope=("first_seen",)), 0)
    left = preview.take(make_alert("first_seen", "alternative_root", "unusual_process"))
    assert left == {"alternative_root"}


def test_only_alerts_since_then_are_counted() -> None:
    preview = Preview(RANDOM, AT + 1)
    preview.take(make_alert("first_seen", number=1))
    preview.take(replace(make_alert("first_seen", "random_name", number=2), at=AT + 1))
    assert preview.silenced == 1, "the older one counts as told"


def test_what_is_raised_all_the_same_as_intelligence_knows_it() -> None:
    every = replace(RANDOM, scope=())
    preview = Preview(every, 0)
    preview.take(make_alert("known_indicator", number=1))
    preview.take(make_alert("first_seen", "known_indicator", number=2, name="other.example"))
    assert (preview.silenced, preview.lowered, preview.known_indicators) == (0, 0, 1)
    preview = Preview(replace(every, scope=("known_indicator",)), 0)
    preview.take(make_alert("known_indicator", number=1))
    assert (preview.silenced, preview.known_indicators) == (1, 0)
