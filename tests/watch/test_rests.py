"""What a source usually rests, learnt from when its events came."""

import pytest

from dns_events import AT, DAY, make_event
from firstsight.watch.rests import Rests
from pipeline import Pipeline

HOUR = 3600.0
WEEK = 7 * DAY


def event(pipe: Pipeline, at: float) -> None:
    pipe.clock.at = at
    pipe.see(make_event("nas.lan", at=at))


def watched(pipe: Pipeline, *times: float) -> Rests:
    """Looked at after each event, always read to its end."""
    rests = Rests(pipe.store)
    for at in times:
        event(pipe, at)
        rests.look("wazuh", caught_up=True)
    return rests


def test_a_source_that_was_never_heard(pipe: Pipeline) -> None:
    rests = Rests(pipe.store)
    rests.look("wazuh", caught_up=True)
    assert (rests.longest("wazuh", AT), rests.patience("wazuh", HOUR, AT)) == (0, 3 * DAY)


def test_the_longest_rest_counts_half_as_long_again(pipe: Pipeline) -> None:
    rests = watched(pipe, AT, AT + 1, AT + 1 + 14 * HOUR, AT + 1 + 20 * HOUR, AT + WEEK + DAY, AT + WEEK + DAY + 60)
    now = AT + WEEK + DAY + 60
    assert rests.longest("wazuh", now) == AT + WEEK + DAY - (AT + 1 + 20 * HOUR)
    assert rests.patience("wazuh", HOUR, now) == pytest.approx(1.5 * (WEEK + DAY - 20 * HOUR - 1))


def test_moments_are_no_rests(pipe: Pipeline) -> None:
    rests = watched(pipe, AT, *(AT + 500 * number for number in range(20)))
    assert rests.longest("wazuh", AT + WEEK) == 0
    assert rests.patience("wazuh", HOUR, AT + WEEK) == HOUR, "who never rests is missed soon"
    assert rests.patience("wazuh", HOUR, AT + WEEK - 1) == 3 * DAY, "but not in the first week"


def test_it_is_remembered_for_five_weeks(pipe: Pipeline) -> None:
    watched(pipe, AT, AT + 1, AT + 2 * DAY)
    pipe.crash()
    rests = Rests(pipe.store)
    assert rests.longest("wazuh", AT + 2 * DAY) == 2 * DAY - 1
    week = (AT + 2 * DAY) // WEEK * WEEK
    assert rests.longest("wazuh", week + 5 * WEEK - 1) == 2 * DAY - 1
    assert rests.longest("wazuh", week + 5 * WEEK) == 0


def test_what_is_forgotten_is_not_kept(pipe: Pipeline) -> None:
    watched(pipe, AT, *(AT + number * WEEK / 2 for number in range(1, 30)))
    kept = pipe.store.mark("rests:wazuh")
    assert kept is not None
    assert kept.count(":") == 5


def test_a_backlog_is_no_rest(pipe: Pipeline) -> None:
    """Three days that were written while nothing ran are read within seconds."""
    rests = watched(pipe, AT, AT + 1)
    rests.look("wazuh", caught_up=False)
    event(pipe, AT + 2 * DAY)
    rests.look("wazuh", caught_up=False)
    event(pipe, AT + 3 * DAY)
    rests.look("wazuh", caught_up=True)
    assert rests.longest("wazuh", AT + 3 * DAY) == 0
    event(pipe, AT + 3 * DAY + HOUR)
    rests.look("wazuh", caught_up=True)
    assert rests.longest("wazuh", AT + 3 * DAY) == HOUR


def test_the_first_look_after_a_start_tells_nothing(pipe: Pipeline) -> None:
    """A follower that has not begun yet knows no lag."""
    watched(pipe, AT, AT + 1)
    rests = Rests(pipe.store)
    rests.look("wazuh", caught_up=True)
    event(pipe, AT + DAY)
    rests.look("wazuh", caught_up=False)
    assert rests.longest("wazuh", AT + DAY) == 0
