"""DESIGN's "Reasons and severity", "Popular" and "Learning", sentence by sentence."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, DAY
from firstsight import tables
from firstsight.core.alerts import Asked
from firstsight.core.bursts import Burst
from firstsight.core.case import Case
from firstsight.core.events import Agent, Process, Status
from firstsight.core.facts import Absent, Fact, Known, Popularity, Registration, Unavailable
from firstsight.core.judge import Facts, Judgement, judge, summary
from firstsight.core.names import ALTERNATIVE_ROOTS
from firstsight.core.policy import Policy
from firstsight.core.reasons import REASONS
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Randomness, Seen, Severity, WordMade

PARSE = tables.name_parser([]).parse
POLICY = Policy()

BROWSER = r"C:\Program Files\Mozilla Firefox\firefox.exe"
SCRIPT_HOST = r"C:\Windows\System32\wscript.exe"


def aged(days: float) -> Known[Registration]:
    return Known(Registration(AT - days * DAY - 60, None, "RDAP", AT))


def case(**told: Any) -> Case:
    """An agent's first question for a public domain; `told` makes it another case."""
    asked = Asked(
        time=AT,
        source="wazuh",
        event_id="1",
        status=told.get("status", Status.ANSWERED),
        agent=Agent("wazuh-1", "WIN10", "001"),
        process=Process(told.get("image", BROWSER), user=told.get("user", "")),
        computer="",
        answers=(),
    )
    return Case(
        name=PARSE(told.get("name", "www.kestrelvale.com")),
        seen=told.get("seen", Seen(AT, AT, 1, 1)),
        asked=asked if told.get("asked", True) else None,
        first_here=told.get("first", True),
        first_for_agent=told.get("first_for_agent", told.get("first", True)),
        silent_days=told.get("silent"),
        learning=told.get("learning", False),
    )


def facts(**told: Any) -> Facts:
    """A domain of 20 years that is on no list and looks ordinary; `told` makes it another one."""
    registration: Fact[Registration] = told.get("registration", aged(told.get("age", 7300)))
    popularity: Fact[Popularity] = Known(Popularity("tranco", 7)) if told.get("popular") else Absent(0.0)
    return Facts(
        registration=registration,
        popularity=told.get("popularity", popularity),
        intel=told.get("intel", Unavailable("off")),
        randomness=looks(**told),
    )


def looks(**told: Any) -> Randomness:
    """How the name looks: ordinary, `weak`ly or properly `random`, or put together of `words`."""
    random, weak = told.get("random", False), told.get("weak", False)
    return Randomness(
        label="kestrelvale",
        score=0.97 if random else 0.6 if weak else 0.1,
        threshold=0.9,
        weak=random or weak,
        words=WordMade(0.8 if told.get("words") else 0.1, 0.5),
        freq=(2.0, 1.0),
        share_below=0.9995 if random else 0.995,
        signs=told.get("signs", ("7 consonants in a row",)),
    )


def judged(**told: Any) -> Judgement:
    return judge(case(**told), facts(**told), POLICY, AT)


def codes(judgement: Judgement) -> set[str]:
    return {reason.code for reason in judgement.verdict.reasons}


def outcome(**told: Any) -> tuple[str, set[str]]:
    judgement = judged(**told)
    return str(judgement.verdict.severity), codes(judgement)


@pytest.mark.parametrize(
    ("told", "severity", "reasons"),
    [
        # alone
        ({}, "low", {"first_seen"}),
        ({"first": False, "silent": 31}, "low", {"newly_active"}),
        ({"first": False, "random": True}, "medium", {"random_name"}),
        ({"first": False, "age": 29}, "medium", {"newly_registered"}),
        ({"first": False, "age": 7}, "medium", {"newly_registered"}),
        ({"first": False, "age": 6}, "high", {"newly_registered"}),
        ({"first": False, "age": 30}, "none", set()),
        ({"first": False, "name": "a.bazar"}, "medium", {"alternative_root"}),
        ({"first": False}, "none", set()),
        # two reasons of at least medium: one step, never two
        ({"first": False, "random": True, "age": 20}, "high", {"random_name", "newly_registered"}),
        ({"first": False, "random": True, "name": "a.eth"}, "high", {"random_name", "alternative_root"}),
        # first seen with newly registered (7 days and more), with random, with weak: one step
        ({"age": 20}, "high", {"first_seen", "newly_registered"}),
        ({"age": 6}, "high", {"first_seen", "newly_registered"}),
        ({"random": True}, "high", {"first_seen", "random_name"}),
        ({"weak": True}, "medium", {"first_seen"}),
        ({"first": False, "weak": True, "age": 20}, "high", {"newly_registered"}),
        ({"first": False, "weak": True}, "none", set()),  # the weak mark is evidence only
        # put together of words: lifts a young one, and nothing else
        ({"first": False, "words": True, "age": 20}, "high", {"newly_registered"}),
        ({"words": True}, "low", {"first_seen"}),
        ({"first": False, "words": True}, "none", set()),
        # never above high without an indicator or an unusual process
        ({"random": True, "weak": True, "age": 20}, "high", {"first_seen", "newly_registered", "random_name"}),
        ({"random": True, "weak": True, "age": 2}, "high", {"first_seen", "newly_registered", "random_name"}),
        # the unusual process: one more, also above high
        ({"image": SCRIPT_HOST}, "medium", {"first_seen", "unusual_process"}),
        ({"image": SCRIPT_HOST, "age": 20}, "critical", {"first_seen", "newly_registered", "unusual_process"}),
        ({"image": SCRIPT_HOST, "age": 2}, "critical", {"first_seen", "newly_registered", "unusual_process"}),
        ({"image": SCRIPT_HOST, "first": False, "age": 20}, "high", {"newly_registered", "unusual_process"}),
        ({"image": SCRIPT_HOST, "random": True}, "critical", {"first_seen", "random_name", "unusual_process"}),
        # … which never alerts alone: the domain is neither first seen nor young
        ({"image": SCRIPT_HOST, "first": False}, "none", set()),
        ({"image": SCRIPT_HOST, "first": False, "silent": 40}, "low", {"newly_active"}),
        ({"image": SCRIPT_HOST, "first": False, "random": True}, "medium", {"random_name"}),
        # prevalence never steps
        ({"first": False, "first_for_agent": True}, "none", {"first_seen_agent"}),
        (
            {"first": False, "first_for_agent": True, "random": True},
            "medium",
            {"first_seen_agent", "random_name"},
        ),
    ],
)
def test_severity(told: dict[str, Any], severity: str, reasons: set[str]) -> None:
    assert outcome(**told) == (severity, reasons)


@pytest.mark.parametrize(
    ("told", "severity", "reasons"),
    [
        ({}, "none", set()),
        ({"first": False, "silent": 40}, "none", set()),
        ({"first": False, "first_for_agent": True}, "none", set()),
        # young, random and alternative names alert from the first minute, at their own weight
        ({"age": 20}, "medium", {"newly_registered"}),
        ({"age": 2}, "high", {"newly_registered"}),
        ({"random": True}, "medium", {"random_name"}),
        ({"random": True, "age": 20}, "high", {"newly_registered", "random_name"}),
        # an unusual program does not lift what is held back; a young domain is not held back
        ({"image": SCRIPT_HOST}, "none", set()),
        ({"image": SCRIPT_HOST, "random": True}, "medium", {"random_name"}),
        ({"image": SCRIPT_HOST, "age": 20}, "high", {"newly_registered", "unusual_process"}),
    ],
)
def test_learning_holds_back_first_sights_only(told: dict[str, Any], severity: str, reasons: set[str]) -> None:
    assert outcome(learning=True, **told) == (severity, reasons)


def test_what_is_held_back_says_why() -> None:
    assert judged(learning=True).held == "learning"
    assert judged(learning=True, first=False, random=True).held is None
    assert judged(popular=True).held == "popular"
    assert judged(popular=True, learning=True).held == "popular"
    assert judged(popular=True, first=False).held is None
    assert judged().held is None


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"random": True},
        {"age": 2},
        {"first": False, "silent": 40},
        {"first": False, "first_for_agent": True},
        {"image": SCRIPT_HOST, "age": 2, "random": True, "weak": True},
    ],
)
def test_popular_domains_are_quiet(told: dict[str, Any]) -> None:
    assert outcome(popular=True, **told) == ("none", set())


@pytest.mark.parametrize("status", [Status.NXDOMAIN, Status.FAILED])
def test_a_name_that_was_not_found_is_judged_by_its_looks_only(status: Status) -> None:
    assert outcome(status=status, age=2, silent=40, image=SCRIPT_HOST) == ("none", set())
    assert outcome(status=status, name="a.bazar") == ("none", set())
    assert outcome(status=status, random=True, first=False) == ("medium", {"random_name"})
    # also were the store to call it a first sight
    assert outcome(status=status, random=True, age=2, image=SCRIPT_HOST) == ("medium", {"random_name"})


def test_a_name_without_a_public_suffix_is_no_first_sight() -> None:
    assert outcome(name="printer.office-site") == ("none", set())
    assert outcome(name="printer.office-site", random=True) == ("medium", {"random_name"})
    assert outcome(name="printer.office-site", first=False, silent=40) == ("none", set())


@pytest.mark.parametrize("root", sorted(ALTERNATIVE_ROOTS))
def test_alternative_roots(root: str) -> None:
    assert outcome(name=f"www.somewhere.{root}") == ("medium", {"alternative_root"})


def test_a_look_up_is_no_sighting() -> None:
    assert outcome(asked=False) == ("none", set())
    assert outcome(asked=False, age=2, random=True) == ("high", {"newly_registered", "random_name"})
    assert outcome(asked=False, name="a.onion") == ("medium", {"alternative_root"})


@pytest.mark.parametrize(
    ("fact", "missing"),
    [
        (aged(100), ()),
        (Absent(AT), ()),
        (Unavailable("off"), ()),
        (Unavailable("not_wanted"), ()),
        (Unavailable("not_asked"), ("registration",)),
        (Unavailable("pending"), ("registration",)),
        (Unavailable("timeout", AT + 60), ("registration",)),
        (Unavailable("offline"), ("registration",)),
    ],
)
def test_a_verdict_says_which_facts_it_lacked(fact: Fact[Registration], missing: tuple[str, ...]) -> None:
    judgement = judged(registration=fact)

    assert judgement.verdict.missing == missing
    assert codes(judgement) == {"first_seen"}  # unknown is not young


def test_every_missing_fact_is_named() -> None:
    lacking = judged(registration=Unavailable("timeout"), intel=Unavailable("pending"), popularity=Unavailable("stale"))

    assert lacking.verdict.missing == ("registration", "intel", "popularity")


def test_a_verdict_carries_what_it_rests_on() -> None:
    verdict = judged(name="WWW.BÜCHER-IDN.de", age=3).verdict

    assert verdict.name == "www.xn--bcher-idn-q9a.de"
    assert verdict.unicode == "www.bücher-idn.de"
    assert (verdict.domain, verdict.registered_domain) == ("xn--bcher-idn-q9a.de",) * 2
    assert verdict.seen == Seen(AT, AT, 1, 1)
    assert verdict.registration == aged(3)
    assert verdict.randomness.freq == (2.0, 1.0)


def test_reasons_stand_gravest_first_with_their_techniques() -> None:
    verdict = judged(age=3, random=True, image=SCRIPT_HOST).verdict

    assert [reason.code for reason in verdict.reasons] == [
        "newly_registered",
        "random_name",
        "unusual_process",
        "first_seen",
    ]
    assert all(reason.attack == REASONS[reason.code].attack for reason in verdict.reasons)


@pytest.mark.parametrize(("age", "words"), [(0, "today"), (1, "1 day ago"), (12, "12 days ago"), (-3, "today")])
def test_young_domains_evidence(age: int, words: str) -> None:
    (reason,) = judged(first=False, age=age).verdict.reasons

    assert f"registered {words} (" in reason.text
    assert "says RDAP" in reason.text
    assert reason.evidence["age_days"] == max(age, 0)
    assert reason.evidence["source"] == "RDAP"
    assert reason.evidence["checked"] == "2026-11-24T02:33:31.250Z"


def test_evidence_names_who_and_what() -> None:
    young, program = judged(age=3, image=SCRIPT_HOST, first=False).verdict.reasons
    assert program.evidence == {"image": SCRIPT_HOST, "kind": "a script host"}
    assert program.text.startswith("wscript.exe asked, a script host")

    (silent,) = judged(first=False, silent=45).verdict.reasons
    assert silent.evidence == {"silent_days": 45}

    (agent,) = judged(first=False, first_for_agent=True, seen=Seen(AT - 9, AT, 8, 3)).verdict.reasons
    assert agent.evidence == {"agents": 3}
    assert "WIN10 had not asked for kestrelvale.com before" in agent.text

    (random,) = judged(first=False, random=True).verdict.reasons
    assert random.evidence == {
        "label": "kestrelvale",
        "score": 0.97,
        "threshold": 0.9,
        "ordinary_percent": 99.95,
        "signs": ["7 consonants in a row"],
    }
    assert random.text.startswith(
        "“kestrelvale” looks machine-made, more so than 99.95 % of ordinary names: 7 consonants in a row. See whether"
    )

    (root,) = judged(name="a.b.onion").verdict.reasons
    assert root.evidence == {"root": "onion"}
    assert young.code == "newly_registered"


def test_a_random_name_in_which_nothing_stands_out() -> None:
    (random,) = judged(first=False, random=True, signs=()).verdict.reasons
    assert "of ordinary names: its letters follow one another as they seldom do" in random.text


def test_the_weak_mark_is_evidence_of_what_it_lifts() -> None:
    (first,) = judged(weak=True).verdict.reasons
    assert first.evidence["random_weak"] is True
    assert "looks somewhat machine-made, more so than 99.5 % of ordinary names: 7 consonants in a row." in first.text

    (young,) = judged(first=False, age=3, weak=True, signs=()).verdict.reasons
    assert young.evidence["random_weak"] is True
    assert young.text.endswith("more so than 99.5 % of ordinary names.")

    (plain,) = judged().verdict.reasons
    assert "random_weak" not in plain.evidence


def test_word_made_is_evidence_of_a_young_domain_only() -> None:
    (young,) = judged(first=False, age=3, words=True).verdict.reasons
    assert young.evidence["word_made"] is True
    assert young.text.endswith("Its name is put together of words, as some generators do.")

    (first,) = judged(words=True).verdict.reasons
    assert "word_made" not in first.evidence


def test_a_first_sight_says_that_it_had_been_looked_up() -> None:
    (before,) = judged(seen=Seen(AT, AT, 1, 1, looked_up=AT - 60)).verdict.reasons
    assert "looked up here on 2026-11-24T02:32:31.250Z" in before.text
    assert before.evidence["looked_up"] == "2026-11-24T02:32:31.250Z"

    (after,) = judged(seen=Seen(AT, AT, 1, 1, looked_up=AT + 60)).verdict.reasons
    assert "looked up" not in after.text


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ({}, "www.kestrelvale.com: first seen here; asked by WIN10 (firefox.exe)"),
        (
            {"age": 3, "image": SCRIPT_HOST, "user": r"CORP\alice"},
            (
                "www.kestrelvale.com: unusual program, first seen here, registered 3 days ago (RDAP); "
                r"asked by WIN10 (wscript.exe, CORP\alice)"
            ),
        ),
        (
            {"registration": Unavailable("timeout", AT + 60), "image": ""},
            "www.kestrelvale.com: first seen here, age unknown (timeout); asked by WIN10",
        ),
        (
            {"registration": Absent(AT), "image": ""},
            "www.kestrelvale.com: first seen here, unknown to its registry; asked by WIN10",
        ),
        (
            {"first": False, "silent": 45, "image": ""},
            "www.kestrelvale.com: active again after 45 days; asked by WIN10",
        ),
        ({"asked": False, "random": True}, "www.kestrelvale.com: looks machine-made"),
        (
            {"asked": False, "age": 3, "random": True},
            "www.kestrelvale.com: looks machine-made, registered 3 days ago (RDAP)",
        ),
    ],
)
def test_summary(told: dict[str, Any], line: str) -> None:
    assert summary(case(**told).asked, judged(**told).verdict, AT) == line


def test_a_burst_is_told_with_its_domains() -> None:
    burst = Burst(tuple(f"kelvor{n}.com" for n in range(7)), AT - 200, AT)
    full = replace(case(status=Status.NXDOMAIN, name="kelvor6.com", first=False, image=""), burst=burst)
    for random, severity, codes in ((False, "medium", ["nx_burst"]), (True, "high", ["nx_burst", "random_name"])):
        verdict = judge(full, facts(random=random), POLICY, AT).verdict
        assert ([reason.code for reason in verdict.reasons], str(verdict.severity)) == (codes, severity)
    reason = verdict.reasons[0]
    assert reason.evidence == {
        "names": 7,
        "minutes": 4,
        "since": rfc3339(AT - 200),
        "domains": [f"kelvor{n}.com" for n in range(7)],
    }
    assert "kelvor4.com and 2 more. " in reason.text
    assert summary(full.asked, verdict, AT) == (
        "kelvor6.com: one of 7 domains within 4 min that don't exist, looks machine-made; asked by WIN10"
    )


def test_the_summary_of_a_domain_that_spreads() -> None:
    told = case(image="")
    assert summary(told.asked, judged(image="").verdict, AT, spread=100) == (
        "www.kestrelvale.com: now 100 agents, first seen here; asked by WIN10"
    )


CASES = st.fixed_dictionaries(
    {
        "first": st.booleans(),
        "first_for_agent": st.booleans(),
        "silent": st.none() | st.integers(30, 400),
        "age": st.integers(0, 60),
        "random": st.booleans(),
        "weak": st.booleans(),
        "words": st.booleans(),
        "popular": st.booleans(),
        "learning": st.booleans(),
        "asked": st.booleans(),
        "image": st.sampled_from([BROWSER, SCRIPT_HOST, ""]),
        "status": st.sampled_from(Status),
        "name": st.sampled_from(["kestrelvale.com", "a.bazar", "printer.office-site", "x.github.io"]),
    }
)


@given(CASES)
def test_severity_keeps_its_bounds(told: dict[str, Any]) -> None:
    verdict = judged(**told).verdict
    alone = max((reason.severity.rank for reason in verdict.reasons), default=0)
    unusual = any(reason.code == "unusual_process" for reason in verdict.reasons)

    assert (verdict.severity is Severity.NONE) is (alone == 0)
    assert alone <= verdict.severity.rank <= alone + 1 + unusual
    if not unusual:
        assert verdict.severity.rank <= Severity.HIGH.rank


@given(CASES)
def test_holding_back_never_makes_it_worse(told: dict[str, Any]) -> None:
    held = judged(**{**told, "learning": True}).verdict
    free = judged(**{**told, "learning": False}).verdict

    assert held.severity.rank <= free.severity.rank
    assert {reason.code for reason in held.reasons} <= {reason.code for reason in free.reasons}
