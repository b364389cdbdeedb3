"""Exceptions, where many names or many agents are told in one alert: bursts, and notes of a domain that spreads."""

from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN10, WIN11, make_agent, make_event
from firstsight.core.events import Agent, DnsEvent, Status
from firstsight.core.preview import Preview
from pipeline import Pipeline, codes, registered, rule
from registers_of_tests import ME

HOUR = 3600.0
RANDOM = tuple(f"xkqzvwjqpv{letter}n.com" for letter in "bcdfghjklmpqrst")
WORDS = tuple(f"{word}market.net" for word in "amber birch cedar delta ember flint grove heron iris jade kelp".split())


def in_vain(*names: str, agent: Agent = WIN10, at: float = AT, status: Status = Status.NXDOMAIN) -> list[DnsEvent]:
    return [make_event(name, agent=agent, at=at + n, status=status) for n, name in enumerate(names)]


def counted(pipe: Pipeline) -> tuple[int, int]:
    """What exceptions held back, and their hits."""
    hits = sum(each["hits"] for each in pipe.exceptions.listed())
    return pipe.store.totals().get("held:exception", 0), hits


# -- bursts ------------------------------------------------------------------------------------------------------------


def test_the_burst_of_an_excepted_agent_is_held_back_once(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(agent="WIN10", scope=["nx_burst"]), ME)
    assert pipe.see(*in_vain(*WORDS)) == []
    assert counted(pipe) == (1, 1)
    (alert,) = pipe.see(*in_vain(*WORDS, agent=WIN11, at=AT + 60))
    assert (codes(alert), alert.asked.agent) == ({"nx_burst"}, WIN11)


def test_to_a_burst_that_was_held_back_no_random_name_belongs(pipe: Pipeline) -> None:
    """They are not of its scope, and nobody was told of what they would be folded into."""
    pipe.exceptions.add(rule(agent="WIN10", scope=["nx_burst"]), ME)
    assert [codes(alert) for alert in pipe.see(*in_vain(*RANDOM))] == [{"random_name"}] * len(RANDOM)
    assert pipe.store.totals().get("held:nx_burst", 0) == 0


@pytest.mark.parametrize("given", [{"domain": WORDS[9]}, {"agent": "WIN10", "process": "browser.exe"}])
def test_a_burst_is_of_no_single_domain_and_of_no_known_program(pipe: Pipeline, given: dict[str, str]) -> None:
    pipe.exceptions.add(rule(**given), ME)
    (alert,) = pipe.see(*in_vain(*WORDS))
    assert (codes(alert), alert.verdict.domain) == ({"nx_burst"}, WORDS[9])
    assert counted(pipe) == (0, 0)


def test_when_the_exception_has_ended_ten_more_names_are_told(pipe: Pipeline) -> None:
    made = pipe.exceptions.add(rule(agent="WIN10"), ME)
    assert pipe.see(*in_vain(*WORDS)) == []
    pipe.exceptions.remove(made["id"], ME)
    more = [name.replace("market", "harvest") for name in WORDS]
    assert pipe.see(*in_vain(*more[:9], at=AT + HOUR)) == []
    (alert,) = pipe.see(*in_vain(*more[9:], at=AT + HOUR + 9))
    assert codes(alert) == {"nx_burst"}


def test_a_burst_that_was_told_stays_told(pipe: Pipeline) -> None:
    (alert,) = pipe.see(*in_vain(*WORDS))
    assert codes(alert) == {"nx_burst"}
    pipe.exceptions.add(rule(agent="WIN10", scope=["nx_burst"]), ME)
    assert pipe.see(*in_vain(*RANDOM, at=AT + HOUR)) == []
    assert pipe.store.totals()["held:nx_burst"] == len(RANDOM)


# -- asked in vain -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.NXDOMAIN, Status.FAILED])
def test_another_agent_in_the_same_batch_asks_in_vain(pipe: Pipeline, status: Status) -> None:
    pipe.exceptions.add(rule(domain=RANDOM[0], agent="WIN10"), ME)
    (alert,) = pipe.see(*in_vain(RANDOM[0], status=status), *in_vain(RANDOM[0], agent=WIN11, status=status))
    assert (codes(alert), alert.asked.agent) == ({"random_name"}, WIN11)


def test_another_agent_asks_in_vain_for_what_was_seen(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain=RANDOM[0], agent="WIN10"), ME)
    assert pipe.see(make_event(RANDOM[0])) == []
    (alert,) = pipe.see(*in_vain(RANDOM[0], agent=WIN11, at=AT + 1))
    assert (codes(alert), alert.asked.agent) == ({"random_name"}, WIN11)


# -- notes -------------------------------------------------------------------------------------------------------------


def asked_by(agents: range, at: float = AT + 60) -> list[DnsEvent]:
    """One event of each agent, from `WS000` on."""
    return [make_event("www.harbour.com", agent=make_agent(number), at=at + number) for number in agents]


def test_a_domain_of_which_something_is_held_back_counts_its_agents(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(domain="harbour.com", scope=["first_seen"]), ME)
    pipe.answer("harbour.com", registered(3))
    (first,) = pipe.see(*asked_by(range(1)))
    assert codes(first) == {"newly_registered"}
    notes = pipe.see(*asked_by(range(1, 120)))
    assert [(note.follows, note.verdict.seen.agents) for note in notes] == [(first.id, 10), (first.id, 100)]
    assert [codes(note) for note in notes] == [{"newly_registered"}] * 2


def test_whoever_makes_it_ten_raises_an_alert_or_a_note_never_both(pipe: Pipeline) -> None:
    excepted = pipe.exceptions.add(rule(agent="WS00*"), ME)
    pipe.answer("harbour.com", registered(3))
    assert pipe.see(*asked_by(range(9))) == []
    pipe.exceptions.remove(excepted["id"], ME)
    (alert,) = pipe.see(*asked_by(range(9, 12)))
    assert (alert.follows, alert.verdict.seen.agents) == (None, 10)
    assert codes(alert) == {"newly_registered", "first_seen_agent"}


@pytest.mark.parametrize(
    ("scope", "left"),
    [([], None), (["newly_registered"], {"first_seen"}), (["random_name"], {"first_seen", "newly_registered"})],
)
def test_a_note_is_held_back_like_any_alert_and_previewed_so(
    pipe: Pipeline, tmp_path: Path, scope: list[str], left: set[str] | None
) -> None:
    made = rule(agent="WS009", scope=scope)
    plain = Pipeline(tmp_path / "plain.db")
    plain.answer("harbour.com", registered(3))
    first, note = plain.see(*asked_by(range(20)))
    plain.close()
    preview = Preview(made, 0)
    assert preview.take(first) == codes(first)
    assert preview.take(note) == (left or set())
    assert (preview.silenced, preview.lowered) == (int(left is None), int(scope == ["newly_registered"]))

    pipe.exceptions.add(made, ME)
    pipe.answer("harbour.com", registered(3))
    notes = pipe.see(*asked_by(range(20)))[1:]
    assert [codes(note) for note in notes] == ([] if left is None else [left])
    assert counted(pipe) == ((0, 0) if scope == ["random_name"] else (1, 1))


def test_in_a_preview_a_note_falls_with_the_alert_that_it_follows(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(3))
    first, note = pipe.see(*asked_by(range(20)))
    preview = Preview(rule(agent="WS000"), 0)
    assert [preview.take(first), preview.take(note)] == [frozenset(), frozenset()]
    assert [(row.agent, row.silenced, row.reasons) for row in preview.rows] == [
        ("WS000", 1, codes(first)),
        ("WS009", 1, codes(note)),
    ]


def test_a_note_is_told_anew_at_the_next_step(pipe: Pipeline) -> None:
    pipe.exceptions.add(rule(agent="WS009", expires="1h"), ME)
    pipe.answer("harbour.com", registered(3))
    assert len(pipe.see(*asked_by(range(20)))) == 1
    pipe.clock.at += DAY / 2
    (note,) = pipe.see(*asked_by(range(20, 120), at=AT + DAY / 2))
    assert note.verdict.seen.agents == 100
