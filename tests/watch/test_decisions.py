from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN11, make_agent, make_event
from firstsight.core.errors import StoreError
from firstsight.core.events import DnsEvent, Status
from firstsight.core.facts import Absent, Unavailable
from firstsight.core.verdict import Severity
from firstsight.ports import FOR_A_REASON, FOR_AN_ALERT, WHILE_LEARNING, Changes
from pipeline import Pipeline, codes, registered, told

RANDOM = "xkqzvwjqpvbn.com"
TOLD = "xkqzvwjqpvbn.net"
RETRY = Unavailable("timeout", AT + 60)
HOPELESS = Unavailable("no_registration_date")


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db", learning_days=14)
    yield pipe
    pipe.close()


# -- waiting for the age -----------------------------------------------------------------------------------------------


def test_an_alert_waits_for_the_age_and_leaves_with_it(pipe: Pipeline) -> None:
    assert pipe.see(make_event("www.harbour.com")) == []
    assert pipe.asked() == [("harbour.com", FOR_AN_ALERT)]
    (alert,) = pipe.answer("harbour.com", registered(3))
    assert codes(alert) == {"first_seen", "newly_registered"}
    assert (alert.verdict.severity, alert.verdict.missing, alert.category) == (Severity.HIGH, (), "NEW")
    assert alert.asked.process.image.endswith("browser.exe")
    assert pipe.waiting("harbour.com") == []
    assert pipe.asked() == []
    assert pipe.after(60) == []


def test_an_alert_leaves_at_its_deadline_and_says_what_it_lacks(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    assert pipe.after(4.4) == []
    (alert,) = pipe.after(0.2)  # half a second before the five: sending takes time too
    assert codes(alert) == {"first_seen"}
    assert alert.verdict.missing == ("registration",)
    assert alert.category == "UNKNOWN"
    assert "age unknown" in alert.summary
    assert pipe.waiting("harbour.com") == [None], "it waits on for a follow-up"
    assert pipe.asked() == [("harbour.com", FOR_A_REASON)], "after those whose alert still waits"
    assert pipe.after(3600) == []


def test_an_alert_that_can_t_be_answered_in_time_leaves_at_once_and_says_so(pipe: Pipeline) -> None:
    pipe.late = {"harbour.com"}
    alert, other = pipe.see(make_event("harbour.com"), make_event("garden.net")) + pipe.after(5)
    assert (alert.verdict.domain, alert.at, codes(alert)) == ("harbour.com", AT, {"first_seen"})
    assert alert.verdict.missing == ("registration",)
    assert alert.verdict.registration == Unavailable("queued")
    assert "age not asked yet" in alert.summary
    assert other.verdict.domain == "garden.net"
    assert ("harbour.com", FOR_A_REASON) in pipe.asked(), "it is asked all the same"
    (follow_up,) = pipe.answer("harbour.com", registered(3))
    assert follow_up.follows == alert.id
    assert pipe.waiting("harbour.com") == []


def test_a_repeat_is_counted_once_where_nothing_waits(pipe: Pipeline) -> None:
    pipe.late = {"harbour.com"}
    pipe.see(make_event("harbour.com"))
    assert pipe.see(make_event("harbour.com", agent=WIN11)) == []
    assert pipe.store.totals().get("held:repeat", 0) == 0


@pytest.mark.parametrize(
    ("event", "priority"),
    [
        (make_event("harbour.com"), WHILE_LEARNING),
        (make_event(RANDOM), FOR_AN_ALERT),
        (make_event("harbour.com", at=AT + 15 * DAY), FOR_AN_ALERT),
        (make_event(TOLD, at=AT + 60), FOR_A_REASON),
    ],
)
def test_how_urgent_a_question_is(learner: Pipeline, event: DnsEvent, priority: int) -> None:
    learner.see(make_event(TOLD, status=Status.NXDOMAIN))
    learner.clock.at = event.time
    learner.see(event)
    assert (event.name, priority) in learner.asked()


def test_a_late_age_that_raises_the_severity_makes_one_follow_up(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    (first,) = pipe.after(5)
    (follow_up,) = pipe.answer("harbour.com", registered(3))
    assert codes(follow_up) == {"first_seen", "newly_registered"}, "all reasons"
    assert follow_up.follows == first.id
    assert follow_up.id != first.id
    assert follow_up.verdict.severity.rank > first.verdict.severity.rank
    assert pipe.answer("harbour.com", registered(3)) == []
    assert pipe.see(make_event("harbour.com", agent=WIN11)) == [], "no second first sight"
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 2


@pytest.mark.parametrize("fact", [registered(4000), HOPELESS])
def test_a_late_age_that_does_not_makes_none(pipe: Pipeline, fact: Absent) -> None:
    pipe.see(make_event("harbour.com"))
    assert len(pipe.after(5)) == 1
    assert pipe.answer("harbour.com", fact) == []
    assert pipe.waiting("harbour.com") == []
    assert pipe.asked() == []


def test_an_age_that_is_stored_is_used_at_once(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(12))
    (alert,) = pipe.see(make_event("harbour.com"))
    assert codes(alert) == {"first_seen", "newly_registered"}
    assert pipe.asked() == []


@pytest.mark.parametrize("before", [registered(4000), Absent(AT), HOPELESS])
def test_an_answer_that_is_not_fresh_any_more_is_none(pipe: Pipeline, before: Absent) -> None:
    """What was absent, unknown or another's two days ago may have been registered since."""
    pipe.answer("harbour.com", before)
    pipe.after(2 * DAY)
    assert pipe.see(make_event("harbour.com", at=pipe.clock.at)) == []
    assert pipe.asked() == [("harbour.com", 0)]
    (alert,) = pipe.answer("harbour.com", registered(1, now=pipe.clock.at))
    assert codes(alert) == {"first_seen", "newly_registered"}


def test_what_is_absent_and_resolves_is_asked_again(pipe: Pipeline) -> None:
    """Registries lag by hours behind brand-new names: the most interesting ones."""
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.answer("harbour.com", Absent(AT))
    assert codes(alert) == {"first_seen"}
    assert pipe.asked() == []
    pipe.after(7 * 3600)
    assert pipe.asked() == [("harbour.com", 2)]
    (follow_up,) = pipe.answer("harbour.com", registered(0.2, now=pipe.clock.at))
    assert follow_up.follows == alert.id
    assert "newly_registered" in codes(follow_up)


def test_what_stays_absent_is_given_up_after_a_week(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.answer("harbour.com", Absent(AT))
    pipe.after(8 * DAY)
    assert pipe.answer("harbour.com", Absent(AT)) == []
    assert pipe.waiting("harbour.com") == []
    assert pipe.asked() == []


def test_a_clock_set_back_holds_no_alert(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.after(-3600)
    assert codes(alert) == {"first_seen"}
    assert pipe.asked() == [("harbour.com", FOR_A_REASON)]


def test_two_outcomes_of_one_moment_are_two_alerts(pipe: Pipeline) -> None:
    """A and AAAA, asked at once: the one in vain, the other not."""
    (first,) = pipe.see(make_event(RANDOM, status=Status.NXDOMAIN))
    pipe.see(make_event(RANDOM))
    (second,) = pipe.after(5)
    assert codes(second) == {"first_seen", "random_name"}
    assert first.id != second.id


def test_a_crash_between_many_cases_of_one_domain_leaves_none_behind(pipe: Pipeline) -> None:
    """All tenants of one registered domain wait for the same answer."""
    events = [make_event(f"t{number}.duckdns.org") for number in range(1100)]
    pipe.source.add(*events)
    pipe.run()
    apply, calls = pipe.store.apply, []

    def second_fails(changes: Changes) -> None:
        calls.append(changes)
        if len(calls) == 2:
            raise StoreError("the disk is full")
        apply(changes)

    pipe.store.apply = second_fails  # type: ignore[method-assign]  # the fault to be survived
    with pytest.raises(StoreError):
        pipe.answer("duckdns.org", registered(4000))
    pipe.store.apply = apply  # type: ignore[method-assign]
    assert [name for name, _ in pipe.asked()] == ["duckdns.org"], "asked again"
    pipe.answer("duckdns.org", registered(4000))
    assert pipe.waiting("duckdns.org") == []


def test_a_registry_that_is_down_costs_no_time(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.answer("harbour.com", RETRY)
    assert (codes(alert), alert.verdict.missing) == ({"first_seen"}, ("registration",))
    assert pipe.waiting("harbour.com") == [None]
    pipe.see(make_event("www.harbour.com"))
    pipe.after(61)
    assert pipe.answer("harbour.com", Unavailable("timeout", pipe.clock.at + 60)) == []
    assert pipe.waiting("harbour.com") == [None], "one case, however often it is tried"
    (follow_up,) = pipe.answer("harbour.com", registered(3))
    assert follow_up.follows == alert.id
    assert pipe.waiting("harbour.com") == []


def test_while_a_registry_is_down_other_domains_under_its_answer_leave_at_once(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", RETRY)
    (alert,) = pipe.see(make_event("harbour.com"))
    assert alert.verdict.missing == ("registration",)


def test_where_no_age_will_ever_come_nothing_waits(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.answer("harbour.com", HOPELESS)
    assert alert.verdict.missing == ("registration",)
    assert pipe.waiting("harbour.com") == []


def test_tenants_of_one_registered_domain_share_its_age(pipe: Pipeline) -> None:
    pipe.see(make_event("one.github.io"), make_event("two.github.io"))
    assert pipe.asked() == [("github.io", FOR_AN_ALERT)]
    alerts = pipe.answer("github.io", registered(4000))
    assert sorted(alert.verdict.domain for alert in alerts) == ["one.github.io", "two.github.io"]


def test_a_thousand_and_more_cases_of_one_answer_are_all_decided(pipe: Pipeline) -> None:
    pipe.see(*(make_event(f"t{number}.blogspot.com") for number in range(1100)))
    domain = pipe.store.questions(AT, 1)[0].name
    alerts = pipe.answer(domain, registered(4000))
    assert len({alert.id for alert in alerts}) == len(alerts) == 1100
    assert pipe.waiting(domain) == []


# -- learning and popular ----------------------------------------------------------------------------------------------


def test_learning_holds_first_sight_back_and_counts_it(learner: Pipeline) -> None:
    assert learner.see(make_event("harbour.com"), make_event("garden.net")) == []
    assert learner.answer("harbour.com", registered(4000)) == []
    assert learner.after(60) == []
    assert learner.store.totals()["held:learning"] == 2
    assert learner.asked() == [("garden.net", WHILE_LEARNING)], "its age is asked all the same, after what alerts"


def test_a_young_name_alerts_while_learning(learner: Pipeline) -> None:
    learner.see(make_event("harbour.com"))
    (alert,) = learner.answer("harbour.com", registered(3))
    assert codes(alert) == {"newly_registered"}
    assert alert.follows is None


def test_a_random_name_alerts_while_learning(learner: Pipeline) -> None:
    learner.see(make_event(RANDOM))
    assert told(learner.after(5)) == [("xkqzvwjqpvbn.com", {"random_name"})]


def test_learning_ends_in_event_time(learner: Pipeline) -> None:
    learner.see(make_event("harbour.com"))
    learner.see(make_event("last.com", at=AT + 14 * DAY - 1))
    learner.see(make_event("first.com", at=AT + 14 * DAY))
    assert [alert.verdict.domain for alert in learner.after(5)] == ["first.com"]


def test_a_case_judged_late_was_still_learnt(learner: Pipeline) -> None:
    """It is when the event came that counts, not when its age did."""
    learner.see(make_event("harbour.com"))
    learner.clock.at += 20 * DAY
    assert learner.answer("harbour.com", registered(4000)) == []


def test_popular_domains_are_held_back_and_not_aged(pipe: Pipeline) -> None:
    assert pipe.see(make_event("www.microsoft.com")) == []
    assert pipe.asked() == []
    assert pipe.after(60) == []
    assert pipe.store.totals()["held:popular"] == 1
    assert pipe.store.seen(["microsoft.com"])["microsoft.com"].count == 1


# -- repeats -----------------------------------------------------------------------------------------------------------


def test_other_agents_asking_for_the_same_domain_raise_nothing(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(3))
    assert len(pipe.see(make_event("harbour.com"))) == 1
    assert pipe.see(*(make_event("www.harbour.com", agent=make_agent(number)) for number in range(8))) == []


def test_others_asking_while_the_first_still_waits_raise_nothing(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"), make_event("harbour.com", agent=WIN11))
    pipe.see(make_event("www.harbour.com", agent=make_agent(3)))
    (alert,) = pipe.answer("harbour.com", registered(3))
    assert alert.asked.agent.name == "WIN10", "the first"
    assert (alert.verdict.seen.count, alert.verdict.seen.agents) == (3, 3), "as it is by now"


def test_a_random_name_that_does_not_exist_alerts_once_and_again_when_it_does(pipe: Pipeline) -> None:
    first = pipe.see(make_event(RANDOM, status=Status.NXDOMAIN), make_event(f"a.{RANDOM}", status=Status.FAILED))
    assert told(first) == [(RANDOM, {"random_name"})]
    assert pipe.asked() == [], "a name that was asked for in vain is not asked outside"
    assert pipe.see(make_event(RANDOM, status=Status.NXDOMAIN, agent=WIN11)) == []
    pipe.see(make_event(RANDOM, at=AT + 60))
    (alert,) = pipe.after(5)
    assert codes(alert) == {"first_seen", "random_name"}
    assert alert.follows is None
    assert alert.verdict.severity is Severity.HIGH


def test_an_ordinary_name_asked_in_vain_raises_nothing(pipe: Pipeline) -> None:
    assert pipe.see(make_event("harbour.com", status=Status.NXDOMAIN)) == []
    assert pipe.after(60) == []
    assert pipe.waiting("harbour.com") == []


def test_newly_active_once_a_silence(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(4000))
    pipe.see(make_event("harbour.com"))
    for silence in (1, 2):
        at = AT + silence * 40 * DAY
        pipe.clock.at = at
        pipe.answer("harbour.com", registered(4000, now=at))
        (alert,) = pipe.see(make_event("harbour.com", at=at), make_event("harbour.com", at=at + 1, agent=WIN11))
        assert codes(alert) == {"newly_active"}
        assert f"active again after {40 if silence == 1 else 35} days" in alert.summary
        assert pipe.see(make_event("harbour.com", at=at + 5 * DAY)) == []


def test_newly_active_waits_for_an_age_that_was_asked_in_vain_long_ago(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    pipe.answer("harbour.com", HOPELESS)
    pipe.clock.at = at = AT + 40 * DAY
    assert pipe.see(make_event("harbour.com", at=at, agent=WIN11)) == []
    (alert,) = pipe.after(5)
    assert codes(alert) == {"newly_active", "first_seen_agent"}


def test_an_unknown_suffix_is_kept_but_not_reported_as_first_seen(pipe: Pipeline) -> None:
    assert pipe.see(make_event("printer.zzz")) == []
    assert pipe.after(60) == []
    assert pipe.asked() == []
    assert pipe.store.seen(["printer.zzz"])["printer.zzz"].count == 1


def test_an_alternative_root_is_a_reason(pipe: Pipeline) -> None:
    assert told(pipe.see(make_event("abc.harbour.bit"))) == [("harbour.bit", {"alternative_root"})]
    assert pipe.asked() == []


# -- what an alert is --------------------------------------------------------------------------------------------------


def test_two_domains_of_one_moment_are_two_alerts(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"), make_event("garden.net"))
    alerts = pipe.after(5)
    assert len({alert.id for alert in alerts}) == 2


def test_the_alerted_host_is_kept(pipe: Pipeline) -> None:
    pipe.see(make_event("very.special.harbour.com"))
    pipe.after(5)
    assert pipe.store.hosts("harbour.com") == (["very.special.harbour.com"], False)


def test_a_name_that_had_been_looked_up_says_so(pipe: Pipeline) -> None:
    pipe.store.contact([pipe.lens.parse("harbour.com")], AT - DAY)
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.after(5)
    (first_seen,) = alert.verdict.reasons
    assert first_seen.evidence["looked_up"] is not None
    assert alert.verdict.seen.looked_up == AT - DAY


def test_a_repeat_is_counted(learner: Pipeline) -> None:
    """What had been told is held back, not silently dropped."""
    assert len(learner.see(make_event(RANDOM, status=Status.NXDOMAIN))) == 1
    learner.answer(RANDOM, HOPELESS)
    assert learner.see(make_event(RANDOM, at=AT + 60)) == []
    totals = learner.store.totals()
    assert (totals["held:repeat"], totals["held:learning"]) == (1, 1)


def test_nothing_held_back_is_called_a_repeat(learner: Pipeline) -> None:
    """An unusual program alone alerts nobody: there was nothing to repeat."""
    learner.answer("harbour.com", HOPELESS)
    assert learner.see(make_event("harbour.com", image=r"C:\Windows\System32\mshta.exe")) == []
    assert "held:repeat" not in learner.store.totals()
    assert learner.store.totals()["held:learning"] == 1


def test_an_unusual_program_makes_it_graver(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", HOPELESS)
    (alert,) = pipe.see(make_event("harbour.com", image=r"C:\Windows\System32\mshta.exe"))
    assert codes(alert) == {"first_seen", "unusual_process"}
    assert alert.verdict.severity is Severity.MEDIUM
