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
    assert names(crash().questions(AT, 1)) == ["alert.com"]
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


def test_a_dropped_question_is_gone(crash: Crash) -> None:
    store = crash()
    store.apply(Changes(asked=[Question("a.com", 2, AT, AT), Question("b.com", 2, AT, AT)]))
    store.apply(Changes(dropped=["a.com", "never.com"]))
    assert names(crash().questions(AT, 10)) == ["b.com"]
