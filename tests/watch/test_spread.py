"""More agents ask for a domain that has alerted: told at ten, a hundred and a thousand."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_samples import make_alert
from dns_events import AT, DAY, make_agent, make_event
from firstsight.core.alerts import Alert
from firstsight.core.events import DnsEvent, Status
from firstsight.core.popular import Popular
from firstsight.core.verdict import Severity
from firstsight.ports import Changes
from pipeline import Pipeline, codes, registered

RANDOM = "xkqzvwjqpvbn.com"


def asked_by(
    agents: range, name: str = "www.harbour.com", at: float = AT + 60, status: Status = Status.ANSWERED
) -> list[DnsEvent]:
    """One event of each agent."""
    return [make_event(name, agent=make_agent(number), at=at + number, status=status) for number in agents]


def first_alert(pipe: Pipeline, days: float = 3) -> Alert:
    """Agent 0 asks for harbour.com, which is young."""
    pipe.answer("harbour.com", registered(days))
    (alert,) = pipe.see(*asked_by(range(1), "harbour.com"))
    return alert


def steps(alerts: list[Alert]) -> list[int]:
    return [alert.verdict.seen.agents for alert in alerts]


def test_it_is_told_at_ten_a_hundred_and_a_thousand(pipe: Pipeline) -> None:
    first = first_alert(pipe)
    assert pipe.see(*asked_by(range(1, 9))) == []
    (note,) = pipe.see(*asked_by(range(9, 99)))
    assert (note.follows, note.verdict.seen.agents) == (first.id, 10)
    assert (codes(note), note.verdict.severity) == (codes(first), first.verdict.severity)
    assert (note.asked.agent.name, note.verdict.name) == ("WS009", "www.harbour.com"), "who made it ten"
    assert note.summary.startswith("www.harbour.com: now 10 agents, first seen here, registered 3 days ago")
    assert steps(pipe.see(*asked_by(range(99, 1100)))) == [100, 1000]
    assert pipe.see(*asked_by(range(1100))) == [], "they have all asked before"


def test_after_the_window_nothing_more_is_told(pipe: Pipeline) -> None:
    first_alert(pipe)
    assert pipe.see(*asked_by(range(1, 9))) == []
    assert len(pipe.see(*asked_by(range(9, 10), at=AT + 60 + DAY - 9))) == 1, "the last second of it"
    assert pipe.see(*asked_by(range(10, 200), at=AT + 61 + DAY)) == []


def test_the_window_counts_from_the_alert_that_lies_in_it(pipe: Pipeline) -> None:
    first_alert(pipe)
    pipe.see(*asked_by(range(1, 8)))
    pipe.clock.at = at = AT + 60 * DAY
    pipe.answer("harbour.com", registered(63, now=at))
    (again,) = pipe.see(make_event("harbour.com", at=at))
    assert codes(again) == {"newly_active", "first_seen_agent"}
    (note,) = pipe.see(*asked_by(range(8, 12), at=at))
    assert (note.follows, codes(note)) == (again.id, codes(again))


@pytest.mark.parametrize("window", [0, 3600])
def test_another_window(tmp_path: Path, window: float) -> None:
    pipe = Pipeline(tmp_path / "store.db", window=window)
    first_alert(pipe)
    pipe.see(*asked_by(range(1, 9)))
    assert len(pipe.see(*asked_by(range(9, 12), at=AT + 3600))) == bool(window)
    assert pipe.see(*asked_by(range(12, 120), at=AT + 7200)) == []
    pipe.close()


def test_a_domain_that_has_not_alerted_is_not_told(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", learning_days=14)
    pipe.answer("harbour.com", registered(4000))
    assert pipe.see(*asked_by(range(1200))) == []
    pipe.close()


def test_one_batch_may_hold_all_of_it(pipe: Pipeline) -> None:
    pipe.answer("harbour.com", registered(3))
    first, *notes = pipe.see(*asked_by(range(120)))
    assert steps(notes) == [10, 100]
    assert {note.follows for note in notes} == {first.id}


def test_agents_that_ask_while_the_first_alert_waits_are_in_it(pipe: Pipeline) -> None:
    assert pipe.see(*asked_by(range(12))) == []
    (alert,) = pipe.answer("harbour.com", registered(3))
    assert alert.verdict.seen.agents == 12
    assert steps(pipe.see(*asked_by(range(12, 100)))) == [100]


def test_it_says_the_gravest_that_was_told(pipe: Pipeline) -> None:
    pipe.see(*asked_by(range(1)))
    (first,) = pipe.after(5)
    (follow_up,) = pipe.answer("harbour.com", registered(3))
    (note,) = pipe.see(*asked_by(range(1, 10)))
    assert (first.verdict.severity, follow_up.verdict.severity) == (Severity.LOW, Severity.HIGH)
    assert (note.verdict.severity, note.follows, codes(note)) == (Severity.HIGH, first.id, codes(follow_up))


def test_names_that_do_not_exist_spread_too(pipe: Pipeline) -> None:
    (first,) = pipe.see(*asked_by(range(1), RANDOM, status=Status.NXDOMAIN))
    (note,) = pipe.see(*asked_by(range(1, 20), f"www.{RANDOM}", status=Status.NXDOMAIN))
    assert (note.follows, note.verdict.seen.agents, note.asked.status) == (first.id, 10, Status.NXDOMAIN)


def test_what_has_become_popular_is_held_back(pipe: Pipeline) -> None:
    first_alert(pipe)
    pipe.lens.popular = (Popular("imported", {"harbour.com": 7}), *pipe.lens.popular)
    assert pipe.see(*asked_by(range(1, 20))) == []
    assert pipe.store.totals()["held:popular"] == 1


def test_a_note_is_no_news_of_the_event(pipe: Pipeline) -> None:
    """Who hands events over hears verdicts of news; that an agent is the tenth is none."""
    first_alert(pipe)
    pipe.source.add(*asked_by(range(1, 12)))
    assert pipe.watch.ingest([pipe.source.batches.pop()]) == []
    assert len(pipe.run()) == 1


def test_the_store_gives_all_alerts_of_a_domain_in_order(pipe: Pipeline) -> None:
    alerts = [make_alert(number=number) for number in (3, 1, 2)]
    other = replace(alerts[0], id="other", verdict=replace(alerts[0].verdict, domain="other.example"))
    pipe.store.apply(Changes(alerts=[*alerts, other]))
    assert [alert.id for alert in pipe.store.alerts_of("xk7.example")] == ["alert-3", "alert-1", "alert-2"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 130), st.sampled_from(["", "", "flush", "crash"])), max_size=12), st.booleans()
)
def test_each_step_is_told_once_whatever_happens(script: list[tuple[int, str]], waits: bool) -> None:
    """Crashes read events anew: the same steps come out, each under one id, and none is left out."""
    with tempfile.TemporaryDirectory(prefix="fs") as folder:
        pipe = Pipeline(Path(folder) / "store.db")
        if not waits:
            pipe.answer("harbour.com", registered(3))
        heard = pipe.see(*asked_by(range(1)))
        heard += pipe.after(5)
        agents = 1
        for more, mishap in script:
            heard += pipe.see(*asked_by(range(agents, agents + more)))
            agents += more
            if mishap == "flush":
                pipe.store.flush()
            elif mishap == "crash":
                pipe.crash()
                heard += pipe.run()
        stored = pipe.store.alerts_of("harbour.com")
        assert {alert.id for alert in heard} == {alert.id for alert in stored}
        assert steps(stored[1:]) == [step for step in (10, 100, 1000) if step <= agents]
        assert {note.follows for note in stored[1:]} <= {stored[0].id}
        pipe.close()
