"""What pages show, over a store that goes on being written to."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alert_samples import make_alert
from dns_events import AT, DAY, WIN11, make_agent, make_event
from firstsight.core.errors import StoreError
from firstsight.core.events import Status
from firstsight.core.reasons import REASONS
from firstsight.core.review import Review, State
from firstsight.core.verdict import Severity
from firstsight.ports import Changes
from firstsight.ports.views import AgentFigures, AgentSeen, HeatRow, InVain, Program
from firstsight.store import views as module
from firstsight.store.views import SqliteViews
from pipeline import Pipeline
from registers_of_tests import ME

HOUR = int(AT) // 3600
FIRST_SEEN = REASONS["first_seen"].bit


@pytest.fixture
def views(pipe: Pipeline) -> SqliteViews:
    return SqliteViews(pipe.path)


def test_first_sights_are_there_with_their_decision(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(make_event("www.harbour.com"), make_event("garden.com", agent=WIN11, image="/usr/bin/CURL"))
    pipe.see(make_event("www.harbour.com", agent=WIN11))

    garden, harbour = views.first_sights(0, 10)
    assert (garden.domain, garden.agent, garden.program, garden.time) == ("garden.com", "WIN11", "curl", AT)
    assert (harbour.domain, harbour.agent, harbour.program) == ("harbour.com", "WIN10", "browser.exe")
    assert views.first_sights(harbour.seq, 10) == [garden]
    assert views.first_sights(garden.seq, 10) == []


def test_hours_and_agents(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(make_event("harbour.com"), make_event("harbour.com", agent=WIN11), make_event("harbour.com"))
    pipe.after(10)
    pipe.store.flush()

    counts = views.hours(HOUR)
    assert counts["events"] == {HOUR: 3}
    assert counts["new"] == counts["reason:first_seen"] == {HOUR: 1}
    assert views.hours(HOUR + 1) == {}
    assert views.busiest(HOUR, 5) == [AgentFigures("WIN10", 2, 1, {"UNKNOWN": 1}), AgentFigures("WIN11", 1, 0, {})]
    assert views.busiest(HOUR, 1) == views.busiest(HOUR, 5)[:1]


def test_the_gravest_names_come_first(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(make_event("harbour.com"), make_event("garden.com"), make_event("xkqzvbtrwpljhf.com"))
    pipe.after(10)

    rows = views.heat(AT - 60, 2)
    assert [row.name for row in rows] == ["xkqzvbtrwpljhf.com", "garden.com"]
    assert rows[1] == HeatRow("garden.com", {FIRST_SEEN: 1}, 1, Severity.LOW.rank)
    assert views.heat(AT + 60, 2) == []


def test_a_name_weighs_by_its_gravest_alert_and_counts_each_reason(pipe: Pipeline, views: SqliteViews) -> None:
    shapes = [(("first_seen", "random_name"), Severity.LOW), (("first_seen",), Severity.HIGH)]
    alerts = [
        make_alert(*codes, number=n, name=name, severity=severity)
        for n, ((codes, severity), name) in enumerate(
            [*[(shape, "often.com") for shape in [*shapes, shapes[0]]], (shapes[1], "once.com"), (shapes[0], "low.com")]
        )
    ]
    pipe.store.apply(Changes(alerts=alerts))
    high, random = Severity.HIGH.rank, REASONS["random_name"].bit
    assert views.heat(AT - DAY, 9) == [
        HeatRow("often.com", {FIRST_SEEN: 3, random: 2}, 3, high),
        HeatRow("once.com", {FIRST_SEEN: 1}, 1, high),
        HeatRow("low.com", {FIRST_SEEN: 1, random: 1}, 1, Severity.LOW.rank),
    ]


def test_a_domain(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(make_event("harbour.com", at=AT - DAY), make_event("harbour.com", agent=WIN11))
    pipe.see(make_event("harbour.com", status=Status.FAILED))
    pipe.store.flush()

    day = int(AT) // DAY
    view = views.domain("harbour.com")
    assert view is not None
    assert (view.first_agent, view.first_program, view.first_user) == (
        "WIN10", r"C:\Program Files\Browser\browser.exe", r"CORP\alice",
    )  # fmt: skip
    assert view.agents == [AgentSeen("WIN11", day, day), AgentSeen("WIN10", day - 1, day - 1)]
    assert view.in_vain == InVain(int(AT), int(AT), 0, 1, 1)
    assert views.domain("never.com") is None


def test_an_agent_and_its_rare_programs(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(*(make_event(f"common-{n}.com", agent=make_agent(n), image="chrome.exe", record=1) for n in range(7)))
    pipe.see(
        make_event("harbour.com", image=r"C:\x\odd.exe", record=1),
        make_event("garden.com", image="chrome.exe", record=2),
    )
    pipe.after(10)
    pipe.store.flush()

    view = views.agent("win10")
    assert view is not None
    assert view.programs == [Program("odd.exe", 1, 1), Program("chrome.exe", 1, 5)]
    assert {sight.domain for sight in view.first_sights} == {"garden.com", "harbour.com"}
    assert view.reasons == {FIRST_SEEN: 2}
    assert view.last == HOUR * 3600
    assert views.agent("nobody") is None


def test_an_alert_with_what_is_thought_of_it(pipe: Pipeline, views: SqliteViews) -> None:
    pipe.see(make_event("harbour.com"))
    (alert,) = pipe.after(10)
    listed = views.alert(alert.id)
    assert listed is not None
    assert (listed.alert, listed.review.state) == (alert, "new")
    assert views.alerts([], now=AT, before=None, limit=5).rows == [listed]
    assert views.alert("alert-9") is None


def test_alerts_in_order_of_decision(pipe: Pipeline, views: SqliteViews) -> None:
    grades = [Severity.LOW, Severity.HIGH, Severity.LOW, Severity.HIGH, Severity.HIGH]
    pipe.store.apply(Changes(alerts=[make_alert(number=n, severity=grade) for n, grade in enumerate(grades)]))
    pipe.store.review(["alert-2", "alert-3", "alert-4"], Review(State.CONFIRMED, "local", AT), ME)

    def page(severity: Severity | None = None, state: State | None = None, after: int = 0) -> list[str]:
        return [row.alert.id for row in views.decided(after, 2, severity, state)]

    assert page() == ["alert-0", "alert-1"]
    assert page(after=views.decided(0, 2, None, None)[-1].seq) == ["alert-2", "alert-3"]
    assert page(Severity.HIGH) == ["alert-1", "alert-3"]
    assert page(state=State.CONFIRMED) == ["alert-2", "alert-3"]
    assert page(Severity.HIGH, State.CONFIRMED) == ["alert-3", "alert-4"]
    assert page(Severity.LOW, State.NEW) == ["alert-0"]
    assert page(Severity.CRITICAL) == page(state=State.REVIEWED) == []


@pytest.mark.parametrize(
    ("severity", "state", "way"),
    [
        (None, None, "PRIMARY KEY"),
        (Severity.HIGH, None, "alert_brief_severity"),
        (None, State.NEW, "alert_brief_state"),
        (Severity.LOW, State.NEW, "alert_brief_severity"),
        (Severity.LOW, State.CONFIRMED, "alert_brief_state"),
    ],
)
def test_that_order_is_walked_along(pipe: Pipeline, severity: Severity | None, state: State | None, way: str) -> None:
    sql, values = module.in_order(severity, state)
    with closing(sqlite3.connect(pipe.path)) as connection:
        (step,) = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, 1, 1))]
    assert step.startswith("SEARCH"), step
    assert way in step, step


def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        SqliteViews(tmp_path / "none.db").hours(0)


@pytest.mark.parametrize(
    ("sql", "values", "sorted_groups"),
    [
        (module.HOURS, (1,), True),
        (module.BUSIEST, (1, 5), True),
        (module.CATEGORIES, (1, 1), True),
        (module.NEW_BY_AGENT, (1, 1), False),
        (module.WEIGHED, (1, 5), False),
        (module.HEAT, (1, 5, 2), True),
        (module.FIRST_SIGHTS.format(where="f.seq > ? ORDER BY f.seq DESC"), (1, 5), False),
        (module.FIRST_SIGHTS.format(where="f.agent = ? ORDER BY f.time DESC"), (1, 5), False),
        (module.DOMAIN, ("a",), False),
        (module.ASKERS, (1, 5), True),
        (module.AGENT, ("a",), False),
        (module.AGENT_REASONS, (1, 5), False),
        (module.NEXT_AGENT, ("a", 1), False),
    ],
)
def test_every_question_has_its_index(
    pipe: Pipeline, sql: str, values: tuple[object, ...], *, sorted_groups: bool
) -> None:
    """What is grouped is a span's rows, or a domain's: those may be sorted. Nothing reads a whole table."""
    with closing(sqlite3.connect(pipe.path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    few = ("SCAN CONSTANT ROW", "SCAN h", "SCAN newest", "SCAN g", "SCAN n")  # the others are of subqueries
    assert [step for step in plan if step.startswith("SCAN") and step not in few] == []
    assert sorted_groups or not any("TEMP B-TREE" in step for step in plan), plan
