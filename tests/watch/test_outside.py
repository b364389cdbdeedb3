"""Threat intelligence in the pipeline: who is asked about, what alerts wait for, and what follows late."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN11, make_event, parse
from firstsight.core.events import DnsEvent, Status
from firstsight.core.exceptions import make_exception
from firstsight.core.facts import Absent, Known, Threat, Unavailable
from firstsight.core.verdict import Severity
from firstsight.ports import Subject, Topic
from firstsight.watch.outside import IntelRule
from pipeline import Pipeline, bad, codes, registered
from registers_of_tests import ME

RANDOM = "xkqzvwjqpvbn.com"
SCRIPT = r"C:\Windows\System32\wscript.exe"
POPULAR = "www.microsoft.com"
RETRY = Unavailable("timeout", AT + 60)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db", intel=IntelRule())
    yield pipe
    pipe.close()


@pytest.fixture
def asks_all(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "all.db", intel=IntelRule(everything=True))
    yield pipe
    pipe.close()


# -- who is asked about ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "asked"),
    [
        (make_event("www.harbour.com"), []),
        (make_event(f"www.{RANDOM}"), [f"www.{RANDOM}", RANDOM]),
        (make_event(RANDOM), [RANDOM]),
        (make_event(RANDOM, status=Status.NXDOMAIN), [RANDOM]),
        (make_event(RANDOM, status=Status.FAILED), [RANDOM]),
        (make_event("www.harbour.com", image=SCRIPT), ["harbour.com", "www.harbour.com"]),
        (make_event("harbour.com", status=Status.NXDOMAIN), []),
        (make_event("xkqzvwjqpvbn.lan"), []),
        (make_event("xkqzvwjqpvbn"), []),
        (make_event("xkqzvwjqpvbn.bit"), []),
        (make_event(POPULAR), []),
    ],
)
def test_first_sights_with_another_reason_are_asked_about(pipe: Pipeline, event: DnsEvent, asked: list[str]) -> None:
    pipe.see(event)
    assert pipe.asked_intel() == sorted(asked)


def test_one_whose_age_is_the_other_reason_is_asked_about_then(pipe: Pipeline) -> None:
    pipe.see(make_event("harbour.com"))
    assert pipe.asked_intel() == []
    assert pipe.answer("harbour.com", registered(3)) == [], "its alert waits on"
    assert pipe.asked_intel() == ["harbour.com"]
    (alert,) = pipe.intel("harbour.com", bad())
    assert codes(alert) == {"first_seen", "newly_registered", "known_indicator"}
    assert alert.verdict.severity is Severity.CRITICAL
    assert alert.at - AT < 5


def test_all_first_sights_are_asked_about_where_that_is_set(asks_all: Pipeline) -> None:
    asks_all.see(make_event("www.harbour.com"), make_event(POPULAR), make_event("gone.net", status=Status.NXDOMAIN))
    asks_all.see(make_event("www.harbour.com", agent=WIN11), make_event("printer"), make_event("host.lan"))
    assert asks_all.asked_intel() == sorted(["gone.net", "harbour.com", "microsoft.com", POPULAR, "www.harbour.com"])


def test_nobody_is_asked_where_it_is_off(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db")
    pipe.see(make_event(RANDOM))
    (alert,) = pipe.answer(RANDOM, registered(4000))
    assert pipe.asked_intel() == []
    assert alert.verdict.intel == Unavailable("off")
    assert alert.verdict.missing == ()
    pipe.close()


# -- what alerts wait for ----------------------------------------------------------------------------------------------


def test_an_alert_waits_for_both_facts_and_tells_both(pipe: Pipeline) -> None:
    assert pipe.see(make_event(f"www.{RANDOM}")) == []
    assert pipe.answer(RANDOM, registered(4000)) == []
    assert pipe.intel(RANDOM, Absent(AT)) == []
    (alert,) = pipe.intel(f"www.{RANDOM}", bad())
    assert codes(alert) == {"first_seen", "random_name", "known_indicator"}
    assert (alert.verdict.severity, alert.verdict.missing) == (Severity.CRITICAL, ())
    assert alert.verdict.reasons[0].code == "known_indicator"
    assert "known to threat intelligence" in alert.summary
    assert pipe.after(3600) == []


def test_one_bad_indicator_is_enough(pipe: Pipeline) -> None:
    pipe.see(make_event(f"www.{RANDOM}"))
    pipe.answer(RANDOM, registered(4000))
    (alert,) = pipe.intel(RANDOM, bad())
    assert "known_indicator" in codes(alert)


def test_an_alert_leaves_at_its_deadline_without_either(pipe: Pipeline) -> None:
    pipe.see(make_event(f"www.{RANDOM}"))
    assert pipe.after(4.4) == []
    (alert,) = pipe.after(0.2)
    assert alert.verdict.missing == ("registration", "intel")
    assert codes(alert) == {"first_seen", "random_name"}


def test_an_alert_leaves_with_the_age_where_intelligence_can_t_come_in_time(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", intel=IntelRule())
    pipe.decisions._may_wait = lambda subject, _: subject.topic == "registration"
    pipe.see(make_event(RANDOM))
    (alert,) = pipe.answer(RANDOM, registered(4000))
    assert alert.at == AT
    assert alert.verdict.intel == Unavailable("queued")
    assert alert.verdict.missing == ("intel",)
    (follow_up,) = pipe.intel(RANDOM, bad())
    assert follow_up.follows == alert.id
    pipe.close()


def test_a_late_answer_makes_a_follow_up(pipe: Pipeline) -> None:
    pipe.see(make_event(RANDOM))
    (first,) = pipe.after(5)
    assert first.verdict.missing == ("registration", "intel")
    assert pipe.answer(RANDOM, registered(4000)) == []
    (follow_up,) = pipe.intel(RANDOM, bad())
    assert follow_up.follows == first.id
    assert codes(follow_up) == {"first_seen", "random_name", "known_indicator"}
    assert pipe.intel(RANDOM, bad()) == []
    assert pipe.store.totals()["intel_questions"] == 0


@pytest.mark.parametrize("fact", [Absent(AT), bad(Threat.NONE), Unavailable("bad_name")])
def test_a_late_answer_that_says_nothing_makes_none(pipe: Pipeline, fact: Absent) -> None:
    pipe.see(make_event(RANDOM))
    pipe.after(5)
    pipe.answer(RANDOM, registered(4000))
    assert pipe.intel(RANDOM, fact) == []
    assert pipe.store.pending(_subject(RANDOM)) == []


def test_a_question_that_failed_is_waited_for(pipe: Pipeline) -> None:
    pipe.see(make_event(RANDOM))
    pipe.answer(RANDOM, registered(4000))
    (first,) = pipe.intel(RANDOM, RETRY)
    assert first.verdict.intel == RETRY
    assert pipe.store.pending(_subject(RANDOM))[0].due is None
    pipe.clock.at += 60
    (follow_up,) = pipe.intel(RANDOM, bad())
    assert follow_up.follows == first.id


def test_it_survives_a_crash(pipe: Pipeline) -> None:
    pipe.see(make_event(f"www.{RANDOM}"))
    pipe.answer(RANDOM, registered(4000))
    pipe.crash()
    assert pipe.asked_intel() == sorted([RANDOM, f"www.{RANDOM}"])
    pipe.intel(RANDOM, Absent(AT))
    pipe.crash()
    (alert,) = pipe.intel(f"www.{RANDOM}", bad())
    assert "known_indicator" in codes(alert)


def _subject(name: str) -> Subject:
    return Subject(Topic.INTEL, name)


# -- what holds it back, and what does not -----------------------------------------------------------------------------


def test_a_weak_indicator_is_evidence_beside_other_reasons(asks_all: Pipeline) -> None:
    asks_all.see(make_event("harbour.com"))
    asks_all.answer("harbour.com", registered(4000))
    (alert,) = asks_all.intel("harbour.com", bad(Threat.LOW))
    assert codes(alert) == {"first_seen"}
    assert alert.verdict.intel == bad(Threat.LOW)
    assert asks_all.see(make_event("harbour.com", agent=WIN11)) == []


def test_a_popular_domain_is_told_of_all_the_same(asks_all: Pipeline) -> None:
    assert asks_all.see(make_event("microsoft.com")) == []
    (alert,) = asks_all.intel("microsoft.com", bad())
    assert codes(alert) == {"known_indicator"}
    assert alert.verdict.severity is Severity.HIGH


@pytest.mark.parametrize("status", [Status.NXDOMAIN, Status.FAILED])
def test_a_name_without_an_answer_is_told_of(asks_all: Pipeline, status: Status) -> None:
    asks_all.see(make_event("harbour.com", status=status))
    (alert,) = asks_all.intel("harbour.com", bad())
    assert codes(alert) == {"known_indicator"}
    assert alert.asked.status is status


def test_learning_does_not_hold_it_back(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", learning_days=14, intel=IntelRule(everything=True))
    pipe.see(make_event("harbour.com"))
    pipe.answer("harbour.com", registered(4000))
    (alert,) = pipe.intel("harbour.com", bad())
    assert codes(alert) == {"known_indicator"}
    pipe.close()


@pytest.mark.parametrize("scope", [[], ["random_name"], ["known_indicator", "random_name"]])
def test_an_exception_keeps_nobody_from_asking_and_holds_it_back_where_it_names_it(
    pipe: Pipeline, scope: list[str]
) -> None:
    made = make_exception(parse, domain=RANDOM, scope=scope, reason="test", expires="never", now=AT)
    pipe.exceptions.add(made, ME)
    pipe.see(make_event(RANDOM))
    assert pipe.asked_intel() == [RANDOM]
    pipe.after(5)
    told = [codes(alert) for alert in (*pipe.intel(RANDOM, bad()), *pipe.after(5))]
    assert [set(scope) & each for each in told] == [set()] * len(told)
    assert any("known_indicator" in each for each in told) is ("known_indicator" not in scope)


def test_an_old_answer_stands_while_it_is_bad_and_is_asked_for_again(pipe: Pipeline) -> None:
    pipe.intel("harbour.com", bad(), stands=60)
    pipe.intel("garden.com", Absent(AT), stands=60)
    pipe.clock.at += 2 * DAY
    pipe.see(make_event("harbour.com"), make_event("garden.com"))
    (alert,) = pipe.answer("harbour.com", registered(4000))
    assert isinstance(alert.verdict.intel, Known)
    assert "known_indicator" in codes(alert)
    assert pipe.asked_intel() == ["harbour.com"]
