"""Questions, answers and the cases that wait, through the store."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, DAY, parse
from firstsight.core.case import Case, Sent
from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable
from firstsight.core.verdict import Seen, Severity
from firstsight.ports import Answer, Changes, Pending, Question
from firstsight.store.copies import APPLICATION_ID
from firstsight.store.sqlite import SqliteStore

Crash = Callable[[], SqliteStore]

CASE = Case(
    name=parse("www.harbour.com"),
    seen=Seen(AT - 5, AT, 3, 2, AT - 60),
    asked=make_alert().asked,
    first_here=True,
    first_for_agent=True,
    silent_days=41,
    learning=True,
    told=5,
    sent=Sent("alert-1", Severity.MEDIUM),
)
FACTS = [
    Known(Registration(AT - 3 * DAY, AT + DAY, "RDAP", AT)),
    Known(Registration(AT - 3 * DAY, None, "RDAP", AT)),
    Absent(AT),
    Unavailable("timeout", AT + 60),
    Unavailable("bad_name"),
]


@pytest.fixture
def crash(tmp_path: Path) -> Iterator[Crash]:
    """Opens the store; again and again, with nothing flushed in between."""
    stores: list[SqliteStore] = []

    def reopen() -> SqliteStore:
        for store in stores:
            store.database.close()
        stores[:] = [SqliteStore(tmp_path / "store.db", FakeClock(AT))]
        return stores[0]

    yield reopen
    for store in stores:
        store.close()


def names(questions: list[Question]) -> list[str]:
    return [question.registered for question in questions]


@pytest.mark.parametrize("fact", FACTS)
def test_an_answer_comes_back_as_it_was(crash: Crash, fact: Fact[Registration]) -> None:
    answer = Answer("harbour.com", fact, AT + 7.5)
    crash().apply(Changes(answers=[Answer("harbour.com", Absent(0.0), 0.0)]))
    crash().apply(Changes(answers=[answer]))
    assert crash().answers(["harbour.com", "never.com"]) == {"harbour.com": answer}
    assert crash().answers([]) == {}


@pytest.mark.parametrize("case", [CASE, Case(parse("harbour.com"), Seen())])
def test_a_case_comes_back_as_it_was(crash: Crash, case: Case) -> None:
    crash().apply(Changes(opened=[Pending("harbour.com", case, AT + 4.5, AT)]))
    ((pending),) = crash().pending("harbour.com")
    assert pending == Pending("harbour.com", case, AT + 4.5, AT, pending.seq)


def test_cases_wait_for_their_domain_or_their_deadline(crash: Crash) -> None:
    store = crash()
    due = [Pending("a.com", CASE, AT + 5, AT), Pending("b.com", CASE, None, AT), Pending("a.com", CASE, AT + 9, AT)]
    store.apply(Changes(opened=due))
    assert [pending.due for pending in store.pending("a.com")] == [AT + 5, AT + 9]
    assert store.overdue(AT + 4.9) == []
    assert [pending.due for pending in store.overdue(AT + 5)] == [AT + 5]
    assert [pending.due for pending in store.overdue(AT + 900)] == [AT + 5, AT + 9], "who has no deadline is never late"
    store.apply(Changes(closed=[store.pending("a.com")[0].seq]))
    assert [pending.due for pending in crash().pending("a.com")] == [AT + 9]


def test_cases_of_a_node_that_wait_with_a_deadline(crash: Crash) -> None:
    store = crash()
    of_node = replace(CASE, asked=make_alert(node="a").asked)
    store.apply(
        Changes(
            opened=[
                Pending("a.com", of_node, AT + 5, AT),
                Pending("b.com", of_node, AT + 5, AT),
                Pending("c.com", of_node, None, AT),
                Pending("d.com", CASE, AT + 5, AT),
                Pending("e.com", replace(CASE, asked=None), AT + 5, AT),
            ]
        )
    )
    store = crash()
    assert [store.awaited(node) for node in ("a", "b")] == [2, 0]
    assert store.pending("a.com")[0].case == of_node
    store.apply(Changes(closed=[store.pending("a.com")[0].seq]))
    assert store.awaited("a") == 1


def test_cases_of_before_there_were_nodes(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    body = json.loads(msgspec.json.encode(CASE))
    del body["asked"]["node"]
    with closing(sqlite3.connect(path, isolation_level=None)) as earlier:
        schema = (files("firstsight.store") / "migrations" / "0001_first.sql").read_text()
        earlier.executescript(f"{schema}\nPRAGMA application_id={APPLICATION_ID};\nPRAGMA user_version=1;")
        earlier.execute(
            "INSERT INTO pending (registered, due, opened, body) VALUES (?, ?, ?, ?)",
            ("harbour.com", AT + 5, AT, json.dumps(body).encode()),
        )
    store = SqliteStore(path, FakeClock(AT))
    (pending,) = store.pending("harbour.com")
    assert pending.case == CASE
    store.close()


def test_questions_by_priority_then_the_newest(crash: Crash) -> None:
    store = crash()
    asked = [Question("old.com", 2, AT - 9, AT), Question("new.com", 2, AT, AT), Question("alert.com", 0, AT - 99, AT)]
    store.apply(Changes(asked=asked))
    assert names(crash().questions(AT, 10)) == ["alert.com", "new.com", "old.com"]
    assert crash().questions(AT, 10)[0] == asked[2]
    assert crash().totals()["questions"] == 3


def test_a_question_is_not_asked_before_its_time(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question("a.com", 0, AT, AT + 60, tries=3)]))
    assert store.questions(AT + 59, 10) == []
    assert store.questions(AT + 60, 10) == [Question("a.com", 0, AT, AT + 60, tries=3)]


def test_an_open_question_keeps_its_place_and_gets_the_better_priority(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question("a.com", 2, AT, AT)]))
    store.apply(Changes(asked=[Question("a.com", 0, AT + 60, AT + 60)]))
    store.apply(Changes(asked=[Question("a.com", 2, AT + 90, AT + 90, tries=1)]))
    assert store.questions(AT + 900, 10) == [Question("a.com", 0, AT, AT + 90, tries=1)]


def test_of_alerts_that_wait_the_first_that_came_is_among_the_few(crash: Crash) -> None:
    """However many came later, and however many wait for the others."""
    store = crash()
    store.apply(Changes(asked=[Question(f"a{n}.com", 0, AT + n, AT + n) for n in range(50)]))
    store.apply(Changes(asked=[Question(f"old{n}.com", 2, AT - 99 + n, AT - 99 + n) for n in range(50)]))
    found = names(store.questions(AT + 60, 2))
    assert set(found) == {"a0.com", "a1.com", "a49.com", "a48.com", "old0.com", "old1.com"}


def test_of_each_top_level_domain_a_few_and_only_of_those_wanted(crash: Crash) -> None:
    store = crash()
    asked = [Question(f"d{n}.{root}", 2, AT, AT) for root in ("com", "net", "xn--p1ai") for n in range(9)]
    store.apply(Changes(asked=asked))
    assert store.roots() == ["com", "net", "xn--p1ai"]
    found = names(store.questions(AT, 1, ["net", "nowhere"]))
    assert {name.rpartition(".")[2] for name in found} == {"net"}
    assert len(found) <= 3
    assert store.questions(AT, 9, []) == []


def test_no_questions_have_no_roots(crash: Crash) -> None:
    assert (crash().roots(), crash().least_questions(5)) == ([], [])
    assert crash().totals()["questions_oldest"] == 0


def test_an_alert_that_has_left_gives_its_place_up_unless_another_waits(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question(name, 0, AT, AT) for name in ("a.com", "b.com", "c.com")]))
    store.apply(Changes(opened=[Pending("a.com", CASE, None, AT), Pending("b.com", CASE, AT + 5, AT)]))
    store.apply(Changes(eased=["a.com", "b.com", "never.com"]))
    priorities = {question.registered: question.priority for question in crash().questions(AT, 9)}
    assert priorities == {"a.com": 1, "b.com": 0, "c.com": 0}


def test_how_long_the_oldest_question_waits(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question("later.com", 2, AT, AT + 60)]))
    assert store.totals()["questions_oldest"] == 0
    store.apply(Changes(asked=[Question("a.com", 2, AT - 90, AT - 45), Question("b.com", 0, AT, AT)]))
    assert store.totals()["questions_oldest"] == 45


def test_what_matters_least(crash: Crash) -> None:
    store = crash()
    asked = [Question("learnt.com", 3, AT, AT), Question("older.com", 3, AT - 5, AT), Question("new.com", 2, AT, AT)]
    store.apply(Changes(asked=asked))
    assert names(store.least_questions(2)) == ["older.com", "learnt.com"]


def test_the_pace_of_servers_is_kept(crash: Crash) -> None:
    crash().apply(Changes(paces={"a.test": b"1", "b.test": b"2"}))
    crash().apply(Changes(paces={"b.test": b"3"}))
    assert crash().paces() == {"a.test": b"1", "b.test": b"3"}


def test_a_dropped_question_is_gone(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question("a.com", 2, AT, AT), Question("b.com", 2, AT, AT)]))
    store.apply(Changes(dropped=["a.com", "never.com"]))
    assert names(crash().questions(AT, 10)) == ["b.com"]
