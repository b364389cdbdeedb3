"""A domain that is registered anew is told once each time that happens."""

from dns_events import AT, DAY, WIN11, make_event
from firstsight.core.daylist import MAGIC, DayList, record
from firstsight.core.evidence import KNOWN_SINCE, NRD
from firstsight.core.facts import Known
from pipeline import Pipeline, codes, registered


def test_each_new_registration_is_told_once(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(4000))
    pipe.see(make_event("harbour.com"))
    for change in (1, 2):
        at = AT + change * 100 * DAY
        pipe.clock.at = at
        pipe.answer("harbour.com", registered(40, now=at))  # dropped, and taken 40 days ago
        (alert,) = pipe.see(make_event("harbour.com", at=at))
        assert codes(alert) == {"newly_active", "re_registered"}
        assert "registered anew" in alert.summary

        pipe.clock.at = at = at + 45 * DAY  # the same registration, after another silence
        pipe.answer("harbour.com", registered(85, now=at))
        (alert,) = pipe.see(make_event("harbour.com", at=at))
        assert "newly_active" in codes(alert)
        assert pipe.see(make_event("harbour.com", at=at + 1, agent=WIN11)) == []


def test_it_outlives_a_restart(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(4000))
    pipe.see(make_event("harbour.com"))
    pipe.clock.at = at = AT + 100 * DAY
    pipe.answer("harbour.com", registered(40, now=at))
    pipe.see(make_event("harbour.com", at=at))
    pipe.crash()

    assert pipe.store.mark("registered:harbour.com") is not None
    pipe.clock.at = at = at + 45 * DAY
    pipe.answer("harbour.com", registered(85, now=at))
    pipe.see(make_event("harbour.com", at=at))
    assert pipe.see(make_event("harbour.com", at=at + 1, agent=WIN11)) == []


def test_a_late_answer_is_told_by_a_follow_up(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(4000))
    pipe.see(make_event("harbour.com"))
    pipe.clock.at = at = AT + 100 * DAY
    assert pipe.see(make_event("harbour.com", at=at)) == []  # it waits for its age
    (first,) = pipe.after(5)
    (late,) = pipe.answer("harbour.com", registered(40, now=at))

    assert codes(first) == {"newly_active"}
    assert codes(late) == {"newly_active", "re_registered"}
    assert late.follows == first.id


def test_a_list_tells_an_age_where_no_registry_does_and_the_registry_is_asked_all_the_same(pipe: Pipeline) -> None:
    new, old = int(AT // DAY) - 3, int(AT // DAY) - 900
    pipe.lens.days = {
        NRD: DayList(MAGIC + b"".join(sorted([record("harbour.com", new), record("listed.com", new)]))),
        KNOWN_SINCE: DayList(MAGIC + record("listed.com", old)),
    }
    assert pipe.see(make_event("harbour.com"), make_event("listed.com", agent=WIN11)) == []
    assert {name for name, _ in pipe.asked()} == {"harbour.com", "listed.com"}
    by_name = {alert.verdict.domain: alert for alert in pipe.after(5)}

    assert codes(by_name["harbour.com"]) == {"newly_registered", "first_seen"}
    assert codes(by_name["listed.com"]) == {"first_seen"}, "a list that errs makes nothing new"
    fact = by_name["listed.com"].verdict.registration
    assert isinstance(fact, Known)
    assert fact.value.at_least
    assert pipe.answer("harbour.com", registered(4000)) == [], "the registry knows better: nothing graver to tell"
