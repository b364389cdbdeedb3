import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_event, parse
from firstsight.core.alerts import Alert
from firstsight.core.bursts import BurstRule
from firstsight.core.deeds import EVERY_DEED
from firstsight.core.errors import InputError
from firstsight.core.events import Status
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.preview import Preview
from firstsight.ports import Subject, Topic
from firstsight.store.trail import SqliteTrail
from firstsight.watch import exceptions as module
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.outside import IntelRule
from pipeline import Pipeline, bad, codes, registered, rule
from registers_of_tests import ME

RANDOM = "xkqzvwjqpvbn.com"


def hits(pipe: Pipeline) -> int:
    return sum(each["hits"] for each in pipe.exceptions.listed())


def held(pipe: Pipeline) -> int:
    return pipe.store.totals().get("held:exception", 0)


def test_what_is_excepted_is_recorded_counted_and_not_asked_for(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com"), ME)

    assert pipe.see(make_event("www.harbour.com")) == []
    assert pipe.after(60) == []
    assert pipe.asked() == [], "nobody outside is asked for what raises no alert"
    assert pipe.store.seen(["harbour.com"])["harbour.com"].first == AT
    assert (held(pipe), hits(pipe)) == (1, 1)
    assert pipe.exceptions.listed()[0]["last_hit"] == "2026-11-24T06:00:00Z"

    pipe.see(make_event("www.harbour.com", at=AT + 1, agent=WIN11))  # and so is each further agent
    assert (held(pipe), hits(pipe)) == (2, 2)


def test_hits_survive_a_crash(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com"), ME)
    pipe.see(make_event("www.harbour.com"))
    pipe.crash()

    assert (held(pipe), hits(pipe)) == (1, 1)
    assert pipe.see(make_event("ftp.harbour.com", at=AT + 1)) == []


def test_a_scope_leaves_the_other_reasons(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain=RANDOM, scope=["random_name"]), ME)

    assert pipe.see(make_event(RANDOM)) == []
    assert pipe.asked() == [(RANDOM, 0)]
    (alert,) = pipe.answer(RANDOM, registered(3))
    assert codes(alert) == {"first_seen", "newly_registered"}
    assert (held(pipe), hits(pipe)) == (1, 1), "judged twice, counted once"


def test_a_late_fact_is_held_back_and_counted(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com", scope=["newly_registered"]), ME)
    pipe.see(make_event("harbour.com"))
    (first,) = pipe.after(5)
    assert codes(first) == {"first_seen"}
    assert hits(pipe) == 0

    assert pipe.answer("harbour.com", registered(3)) == []
    assert (held(pipe), hits(pipe)) == (1, 1)


def test_an_unusual_program_alone_is_nothing(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com", scope=["first_seen"]), ME)
    pipe.see(make_event("harbour.com", image=r"C:\Windows\System32\mshta.exe"))

    assert pipe.answer("harbour.com", registered(4000)) == []


@pytest.mark.parametrize("at_once", [True, False])
def test_others_still_alert(pipe: Pipeline, at_once: bool) -> None:
    """What is excepted for one must not silence everybody: the first sight is past, the other reasons are not."""
    pipe.exceptions.add(rule(domain=RANDOM, agent="WIN10", process="browser.exe"), ME)
    first, other = make_event(RANDOM), make_event(RANDOM, at=AT + 1, agent=WIN11)

    for events in [(first, other)] if at_once else [(first,), (other,)]:
        assert pipe.see(*events) == []
    (alert,) = pipe.answer(RANDOM, registered(4000))
    assert (alert.asked.agent, codes(alert)) == (WIN11, {"random_name", "first_seen_agent"})

    third = make_event(RANDOM, at=AT + 2, agent=make_agent(3))
    assert pipe.see(third) == [], "told once for a domain"


def test_others_that_ask_in_vain_alert_too(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain=RANDOM, agent="WIN10"), ME)
    assert pipe.see(make_event(RANDOM, status=Status.NXDOMAIN)) == []
    (alert,) = pipe.see(make_event(RANDOM, at=AT + 1, agent=WIN11, status=Status.NXDOMAIN))
    assert codes(alert) == {"random_name"}


def test_when_it_has_expired_what_still_stands_alerts_but_first_sight_is_past(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain=RANDOM, expires="1h"), ME)
    pipe.exceptions.add(rule(domain="harbour.com", expires="1h"), ME)
    assert pipe.see(make_event(RANDOM), make_event("harbour.com")) == []

    pipe.clock.at = AT + DAY
    assert {each["state"] for each in pipe.exceptions.listed()} == {"expired"}
    pipe.see(make_event(RANDOM, at=AT + DAY), make_event("harbour.com", at=AT + DAY))
    assert pipe.answer("harbour.com", registered(4000)) == []
    (alert,) = pipe.answer(RANDOM, registered(4000))
    assert codes(alert) == {"random_name"}


def test_removed_it_holds_nothing_back(pipe: Pipeline) -> None:
    made = pipe.exceptions.add(rule(domain="harbour.com"), ME)
    assert pipe.exceptions.remove(made["id"], ME)
    assert not pipe.exceptions.remove(made["id"], ME)

    pipe.see(make_event("harbour.com"))
    assert [codes(alert) for alert in pipe.after(5)] == [{"first_seen"}]
    assert pipe.exceptions.listed() == []


def test_one_that_matches_the_same_takes_the_place(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com", expires="1h"), ME)
    pipe.see(make_event("harbour.com"))
    pipe.exceptions.add(rule(domain="harbour.com", expires="2h", reason="longer"), ME)

    (listed,) = pipe.exceptions.listed()
    assert (listed["reason"], listed["expires"], listed["hits"]) == ("longer", "2026-11-24T08:00:00Z", 1)


def test_what_popular_and_learning_hold_is_theirs(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", learning_days=14)
    pipe.exceptions.add(rule(agent="WIN1*"), ME)
    pipe.see(make_event("harbour.com"), make_event("windowsupdate.com"))
    assert (held(pipe), hits(pipe)) == (0, 0)
    pipe.see(make_event(RANDOM))
    assert (held(pipe), hits(pipe)) == (1, 1)
    assert pipe.store.totals()["held:learning"] == 2
    pipe.close()


class Written:
    """The exceptions file, as it last was."""

    def __init__(self, *rules: ExceptionRule) -> None:
        self.value = rules
        self.next: tuple[ExceptionRule, ...] = rules

    def renew(self) -> None:
        self.value = self.next

    def trouble(self) -> str | None:
        return "Line 3 is wrong."


def test_those_of_the_file_are_in_force_and_changed_there(pipe: Pipeline) -> None:
    inside = replace(rule(domain="harbour.com"), line=3)
    written = Written(inside)
    exceptions = Exceptions(pipe.store, pipe.clock, written)
    exceptions.add(rule(domain="kestrelvale.com"), ME)

    assert [(each["domain"], each["line"]) for each in exceptions.listed()] == [
        ("harbour.com", 3),
        ("kestrelvale.com", None),
    ]
    assert exceptions.trouble() == "Line 3 is wrong."
    for change in (lambda: exceptions.add(rule(domain="harbour.com"), ME), lambda: exceptions.remove(inside.id, ME)):
        with pytest.raises(InputError, match="stands in the exceptions file, line 3"):
            change()

    written.next = ()
    exceptions.renew()
    assert [each["domain"] for each in exceptions.listed()] == ["kestrelvale.com"]
    assert not exceptions.remove(inside.id, ME)


def test_what_comes_and_goes_in_the_file_is_noted(pipe: Pipeline) -> None:
    """Once for each version of it, also where it was changed while nothing ran; who wrote it is not known."""

    def noted() -> list[tuple[str, str]]:
        deeds = SqliteTrail(pipe.store.database).deeds(EVERY_DEED, after=0, limit=100)
        return [(deed.who, deed.about) for _, deed in deeds]

    def renewed(*rules: ExceptionRule) -> None:
        Exceptions(pipe.store, pipe.clock, Written(*rules)).renew()  # as after a start

    first, second = rule(domain="harbour.com", expires="never"), rule(agent="LAB-*", expires="never")
    renewed()
    assert noted() == []
    renewed(first)
    renewed(first)
    exceptions = Exceptions(pipe.store, pipe.clock, written := Written(first))
    written.next = (replace(first, reason="better said"), second)
    exceptions.renew()
    exceptions.renew()
    renewed()

    held = "all but known_indicator held back, for good"
    one, two = f"{first.id} harbour.com, {held}", f"{second.id} agent LAB-*, {held}: {second.reason}"
    assert noted() == [
        ("", f"1 added, 0 changed, 0 removed; + {one}: {first.reason}"),
        ("", f"1 added, 1 changed, 0 removed; + {two}; ~ {one}: better said"),
        ("", f"0 added, 0 changed, 2 removed; - {one}: better said; - {two}"),
    ]


# -- the preview -------------------------------------------------------------------------------------------------------


def test_a_preview_counts_thirty_days(pipe: Pipeline) -> None:
    pipe.see(make_event(RANDOM), make_event("harbour.com"))
    assert len(pipe.after(5)) == 2
    pipe.see(make_event("kestrelvale.com", at=AT + 5))
    assert len(pipe.after(5)) == 1

    def silenced(**given: str) -> int:
        count: int = asyncio.run(pipe.exceptions.preview(rule(**given)))["silenced"]
        return count

    assert silenced(agent="WIN*") == 3
    assert silenced(domain="harbour.com") == 1
    assert silenced(agent="WIN11") == 0
    pipe.clock.at += 31 * DAY
    assert silenced(agent="WIN*") == 0


DOMAINS = [RANDOM, "harbour.com", "qzxvkjwqpzvt.net", "kestrelvale.org"]
AGENTS = [WIN10, WIN11, make_agent(3)]
IMAGES = [r"C:\Program Files\Browser\browser.exe", r"C:\Windows\System32\mshta.exe"]
AGES = {RANDOM: 3, "harbour.com": 12, "qzxvkjwqpzvt.net": 4000, "kestrelvale.org": 4000}

# Domains of their own: as this doesn't wait for an age, it may overtake what a sighting of the domain is to tell.
IN_VAIN = ["qkzxjvwqkpbt.com", "xvqjzkwtpqbn.org", "nowhere-at-all.net"]
CROWD = [make_agent(number) for number in range(4, 14)]

ASKED = st.tuples(
    st.one_of(st.sampled_from(DOMAINS), st.sampled_from(IN_VAIN)),
    st.sampled_from([*AGENTS, CROWD]),
    st.sampled_from(IMAGES),
)
ANSWERED = st.builds(Subject, st.sampled_from(Topic), st.sampled_from(DOMAINS))
STEPS = st.lists(st.one_of(ASKED, st.sampled_from([6.0, 40.0 * DAY]), ANSWERED), max_size=14)
ALERTING = ("first_seen", "random_name", "newly_registered", "newly_active", "nx_burst", "known_indicator")
RULES = st.builds(
    ExceptionRule,
    domain=st.sampled_from(["", *DOMAINS]),
    process=st.sampled_from(["", "mshta.exe"]),
    agent=st.sampled_from(["", "WIN1*", "WS00*"]),
    scope=st.sampled_from([(), *((code,) for code in ALERTING)]),
).filter(lambda made: bool(made.domain or made.process or made.agent))


def played(folder: Path, steps: list[Any], made: ExceptionRule | None) -> list[Alert]:
    """The alerts of a story: questions, time that passes, ages, and that threat intelligence comes to know a name."""
    folder.mkdir()
    pipe = Pipeline(folder / "store.db", burst=BurstRule(names=2), intel=IntelRule())
    if made is not None:
        pipe.exceptions.add(made, ME)
    heard = []
    for step in steps:
        pipe.clock.at += 1
        if isinstance(step, Subject):
            known = step.topic is Topic.INTEL
            heard += pipe.intel(step.name, bad()) if known else pipe.answer(step.name, registered(AGES[step.name]))
        elif isinstance(step, tuple):
            domain, who, image = step
            status = Status.NXDOMAIN if domain in IN_VAIN else Status.ANSWERED
            for agent in who if isinstance(who, list) else [who]:
                heard += pipe.see(make_event(domain, at=pipe.clock.at, agent=agent, image=image, status=status))
        else:
            heard += pipe.after(step)
    heard += pipe.after(6)
    pipe.close()
    return heard


def event_of(alert: Alert) -> tuple[str, float]:
    return alert.asked.agent.name, alert.asked.time


@settings(max_examples=60)
@given(STEPS, RULES)
def test_a_preview_equals_what_is_then_silenced(steps: list[Any], made: ExceptionRule) -> None:
    """Of the alerts that were raised without the exception, those that it silences are missing with it in force, and
    the others are there with what the preview leaves of them. (With it, others may come: what was not told for one
    agent may be told for the next; and a known indicator, which makes a critical alert no graver, is told of the event
    where that was silenced. So notes, which repeat what was told, are looked at apart, among the crowds.)"""
    with TemporaryDirectory() as folder:
        without = played(Path(folder) / "without", steps, None)
        with_it = played(Path(folder) / "with", steps, made)
    preview = Preview(made, 0)
    weighed = [(alert, preview.take(alert)) for alert in without]
    left = [(event_of(alert), expected) for alert, expected in weighed if not alert.is_note]

    raised: dict[tuple[str, float], list[set[str]]] = {}
    for alert in (alert for alert in with_it if not alert.is_note):
        raised.setdefault(event_of(alert), []).append(codes(alert))
    for event, expected in left:
        if expected:
            assert expected in raised.get(event, []), "it was to be left"
    for event in {event for event, _ in left}:
        before = [expected for at, expected in left if at == event]
        if not any(before):
            assert all(told == {"known_indicator"} for told in raised.get(event, [])), "it was to be silenced"
    assert preview.silenced == sum(not expected for _, expected in weighed)


BELOW = st.builds(ExceptionRule, domain=st.sampled_from(["*.com", "*.org", "*.harbour.com"]))


@settings(max_examples=30)
@given(STEPS, st.one_of(RULES, BELOW), st.sampled_from([1, 2, 1000]))
def test_a_preview_finds_what_going_through_all_alerts_finds(
    steps: list[Any], made: ExceptionRule, most_domains: int
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "_MOST_DOMAINS", most_domains)
        patched.setattr(module, "_PORTION", 3)
        patched.setattr(module, "_REST", 0.0)
        played(Path(folder) / "played", steps, None)
        pipe = Pipeline(Path(folder) / "played" / "store.db")
        found = asyncio.run(pipe.exceptions.preview(made))
        alerts = [alert for _, alert in pipe.store.alerts(after=0, limit=9999)]
        pipe.close()
    plain = Preview(made, 0)
    for alert in alerts:
        plain.take(alert)
    assert (found["alerts"], found["silenced"], found["lowered"]) == (len(alerts), plain.silenced, plain.lowered)
    assert found["known_indicators"] == plain.known_indicators
    assert [row["domain"] for row in found["rows"]] == [row.domain for row in plain.rows]


def test_they_are_found_with_what_they_have_held_back(pipe: Pipeline) -> None:
    named, other = rule(domain="harbour.com", process="none.exe"), rule(agent="WIN10")
    for each in (named, other, rule(domain="garden.org", expires="1h")):
        pipe.exceptions.add(each, ME)
    named, other = (replace(each, author=ME.who) for each in (named, other))
    pipe.see(make_event("www.harbour.com"))

    assert [each.rule for each in pipe.exceptions.naming(parse("www.harbour.com"))] == [named], "whoever asks"
    found = pipe.exceptions.find(other.id)
    assert found is not None
    assert (found.rule, found.hits.count, found.hits.last) == (other, 1, AT)
    assert {each.rule.id: each.hits.count for each in pipe.exceptions.counted()}[named.id] == 0
    pipe.after(3600)
    assert pipe.exceptions.naming(parse("garden.org")) == [], "it is not in force any more"
    assert len(pipe.exceptions.counted()) == 3
    assert pipe.exceptions.find("none") is None
