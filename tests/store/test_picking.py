"""Which alerts a filter picks: as a plain look at each alert picks them, and never by walking through all of them."""

import sqlite3
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alert_samples import AT, DAY, FakeClock, make_alert
from firstsight.core.alertfilter import Term, parse_filter
from firstsight.core.alerts import Alert
from firstsight.core.events import Agent
from firstsight.core.facts import Known, Registration, Unavailable
from firstsight.core.process import program
from firstsight.core.review import Review, State
from firstsight.core.verdict import Severity
from firstsight.ports import Changes
from firstsight.store import picking
from firstsight.store.picking import pick, pick_newest, statements
from firstsight.store.sqlite import SqliteStore
from registers_of_tests import ME

AGENTS = ("WIN10", "BÜRO-1", "Reception 2")
PROGRAMS = (r"C:\chrome.exe", r"C:\x\CURL.exe", "", r"C:\a*b.exe")
DOMAINS = ("kestrel.com", "harbour.org", "xn--bcher-kva.example")
REASONS = (("first_seen",), ("first_seen", "random_name"), ("nx_burst",))


def alerts() -> list[Alert]:
    made = []
    for number in range(60):
        domain = DOMAINS[number % 3]
        age = number % 5 * 10
        registration = Known(Registration(AT - age * DAY, None, "RDAP", AT)) if age else Unavailable("timeout")
        made.append(
            make_alert(
                *REASONS[number % 7 % 3],
                number=number,
                severity=[Severity.LOW, Severity.HIGH][number % 11 % 2],
                agent=Agent("wazuh-1", AGENTS[number % 13 % 3]),
                image=PROGRAMS[number % 4],
                domain=domain,
                name=domain if number % 2 else f"www.{domain}",
                registration=registration,
            )
        )
    return made


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    store = SqliteStore(tmp_path_factory.mktemp("picking") / "store.db", FakeClock(AT))
    store.apply(Changes(alerts=alerts()))
    store.review([f"alert-{number}" for number in range(0, 60, 6)], Review(State.REVIEWED, "local", AT), ME)
    yield store.database.connection
    store.close()


def plainly(term: Term) -> Callable[[int, Alert], bool]:
    """What a term means, said in another way."""

    def holds(number: int, alert: Alert) -> bool:
        age = number % 5 * 10
        texts: dict[str, tuple[str, ...]] = {
            "agent": ({"WIN10": "win10", "BÜRO-1": "bÜro-1"}.get(alert.asked.agent.name, "reception 2"),),
            "domain": (alert.verdict.domain, alert.verdict.name),
            "process": (program(alert.asked.process.image),),
            "reason": tuple(reason.code for reason in alert.verdict.reasons),
            "severity": (alert.verdict.severity,),
            "state": ("reviewed" if number % 6 == 0 else "new",),
        }
        if term.key in texts:
            return any(
                text == value or (value.endswith("*") and text.startswith(value[:-1]))
                for text in texts[term.key]
                for value in term.values
            )
        ago = {"age": age * DAY if age else None, "first": 2, "time": 2}[term.key]
        return ago is not None and (ago < term.seconds) == term.younger

    def wanted(number: int, alert: Alert) -> bool:
        unknown = term.key == "age" and number % 5 == 0
        return not unknown and holds(number, alert) != term.exclude

    return wanted


WORDS = st.sampled_from(
    [
        "agent:win10", "agent:WIN*", "agent:nobody", "agent:BÜRO-1", "agent:bÜ*",
        "-agent:win10", 'agent:"reception 2"', "domain:kestrel.com",
        "domain:www.kestrel.com", "-domain:kestrel.com", "domain:k*", "domain:kestrel.com,harbour.org",
        "process:curl.exe", "process:c*", "process:a*b.exe", "process:a[b", "-process:chrome.exe,curl.exe",
        "reason:random_name", "-reason:random_name", "reason:nx_burst,random_name", "severity:high",
        "-severity:high", "severity:low,high",
        "state:new", "state:reviewed", "-state:reviewed", "age:<30d", "age:>20d", "-age:<30d", "first:<1h", "time:>1h",
    ]
)  # fmt: skip


@settings(max_examples=200)
@given(words=st.lists(WORDS, max_size=4), limit=st.integers(1, 70))
def test_it_picks_what_a_plain_look_picks(connection: sqlite3.Connection, words: list[str], limit: int) -> None:
    terms = parse_filter(" ".join(words))
    wanted = [plainly(term) for term in terms]
    every = [number + 1 for number, alert in enumerate(alerts()) if all(holds(number, alert) for holds in wanted)][::-1]

    found: list[int] = []
    before = None
    while True:
        picked = pick(connection, terms, now=AT, before=before, limit=limit)
        found += picked.numbers
        assert len(picked.numbers) <= limit
        assert picked.searched is None
        if picked.next is None:
            break
        before = picked.next
    assert found == every
    assert pick_newest(connection, terms, now=AT, most=limit) == (every[:limit], len(every) <= limit)


def test_a_page_that_is_not_filled_says_how_far_it_looked(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picking, "MOST_WALKED", 25)
    terms = parse_filter("age:>100d")
    first = pick(connection, terms, now=AT, before=None, limit=5)
    assert (first.numbers, first.next, first.searched) == ([], 35, 25)
    second = pick(connection, terms, now=AT, before=first.next, limit=5)
    assert (second.next, second.searched) == (9, 25)
    assert pick(connection, terms, now=AT, before=second.next, limit=5) == picking.Picked([], None)


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("", "PRIMARY KEY"),
        ("agent:win10 severity:high", "alert_brief_agent"),
        ("agent:* age:<30d", "PRIMARY KEY"),
        ("domain:kestrel.com state:new", "alert_brief_domain"),
        ("domain:www.kestrel.com", "alert_brief_name"),
        ("process:curl.exe -agent:win10", "alert_brief_program"),
        ("reason:random_name severity:high", "alert_reason USING PRIMARY KEY|SEARCH r USING PRIMARY KEY"),
        ("severity:high age:<30d", "alert_brief_severity"),
        ("state:new", "alert_brief_state"),
        ("first:<7d time:<1h", "PRIMARY KEY"),
    ],
)
def test_nothing_is_sorted_or_read_through(connection: sqlite3.Connection, text: str, index: str) -> None:
    bottom, page = statements(connection, parse_filter(text), now=AT)
    for (sql, values), more in ((bottom, (99, 9)), (page, (99, 0, 9))):
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", (*values, *more))]
        assert all("TEMP B-TREE" not in step and not step.startswith("SCAN") for step in plan), plan
        assert any(part in step for step in plan for part in index.split("|")), plan
