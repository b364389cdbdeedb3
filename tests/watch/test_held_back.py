"""What an exception holds back of a known indicator is judged once a window, and nothing else is kept quiet by that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dns_events import DAY, WIN10, WIN11, make_agent
from firstsight.core.case import Case
from firstsight.core.judge import Judgement, judge
from firstsight.watch.outside import IntelRule
from known_indicator import known_to_intelligence, told
from pipeline import Pipeline, bad, rule
from registers_of_tests import ME

HOUR = 3600


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = known_to_intelligence(tmp_path)
    yield pipe
    pipe.close()


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """What is judged from now on."""
    seen: list[Case] = []

    def watched(case: Case, *rest: Any) -> Judgement:
        seen.append(case)
        return judge(case, *rest)

    monkeypatch.setattr("firstsight.watch.decisions.judge", watched)
    return seen


def excepted(pipe: Pipeline, **given: object) -> None:
    pipe.exceptions.add(rule(domain="harbour.com", scope=("first_seen_agent", "known_indicator"), **given), ME)


def held(pipe: Pipeline) -> tuple[int, int]:
    """Alerts that exceptions held back, and the hits of exceptions."""
    return pipe.store.totals().get("held:exception", 0), sum(each["hits"] for each in pipe.exceptions.listed())


def test_what_is_excepted_is_not_judged_for_each_event(pipe: Pipeline, judged: list[Case]) -> None:
    excepted(pipe)
    for seconds in range(60, 80):
        assert told(pipe, WIN11, WIN11, WIN11, seconds=seconds) == []
    assert len(judged) <= 2, "once, by what stands against it and by what is excepted"
    assert held(pipe) == (60, 60), "but each is counted"
    assert told(pipe, WIN11, seconds=25 * HOUR) == []
    assert len(judged) <= 4, "and once more the next day"
    assert held(pipe) == (61, 61)


def test_another_program_host_name_or_agent_is_judged_for_itself(pipe: Pipeline) -> None:
    excepted(pipe, process="chrome.exe")
    chrome, other = r"C:\chrome.exe", r"C:\other.exe"
    assert told(pipe, WIN11, WIN11, image=chrome) == []
    assert told(pipe, WIN11, seconds=61, name="files.harbour.com", image=chrome) == []
    assert told(pipe, WIN11, WIN11, seconds=62, image=other) == [WIN11.name]
    third = make_agent(3)
    assert told(pipe, third, seconds=63, image=other) == [third.name]


def test_an_exception_that_is_gone_holds_nothing_any_more(pipe: Pipeline) -> None:
    excepted(pipe)
    assert told(pipe, WIN11, WIN11) == []
    pipe.exceptions.remove(pipe.exceptions.listed()[0]["id"], ME)
    assert told(pipe, WIN11, WIN11, seconds=61) == [WIN11.name]


def test_what_comes_to_be_known_after_something_else_was_held_back_is_told(tmp_path: Path) -> None:
    pipe = Pipeline(tmp_path / "store.db", intel=IntelRule())
    pipe.exceptions.add(rule(domain="harbour.com"), ME)  # all but known indicators
    assert told(pipe, WIN10, WIN11) == []
    pipe.intel("harbour.com", bad(), stands=30 * DAY)  # it was asked about for another event's sake
    assert told(pipe, WIN10, WIN11, seconds=120) == [WIN10.name, WIN11.name]
    pipe.close()


def test_each_exception_is_hit_by_what_it_holds_back(pipe: Pipeline) -> None:
    first, known = (rule(domain="harbour.com", scope=(code,)) for code in ("first_seen_agent", "known_indicator"))
    for one in (first, known):
        pipe.exceptions.add(one, ME)
    assert told(pipe, WIN11, WIN11, WIN11) == []
    assert {each["id"]: each["hits"] for each in pipe.exceptions.listed()} == {first.id: 1, known.id: 3}
