"""The past of a store: ninety days of alerts, what somebody thought of them, first sights, and figures by the hour.

Alerts and first sights are written by the store's own writers, so that they lie as a service leaves them.
"""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from random import Random

from bench.lines import MANAGER, NOON, agent_name, domain
from firstsight.core.alerts import Alert, Asked
from firstsight.core.disguise import as_it_is
from firstsight.core.events import Agent, Detail, DnsEvent, Process, Status
from firstsight.core.facts import NOT_ASKED, PENDING, Known, Popularity, Registration
from firstsight.core.ids import stable_id
from firstsight.core.names import Kind
from firstsight.core.reasons import REASONS
from firstsight.core.review import Review, State
from firstsight.core.verdict import Randomness, Reason, Seen, Severity, Verdict
from firstsight.store.alerts import Alerts
from firstsight.store.briefs import review
from firstsight.store.firsts import write_first_sights

DAYS = 90
PROGRAMS = 500
INDICATORS = 50
"""Domains that threat intelligence knows: each alerts again and again."""

_DAY = 86_400
_START = NOON - DAYS * _DAY
_FIRST_SIGHTS = 2.5  # for each alert; the others were learnt, or popular
_AGENTS_AN_HOUR = 400  # as store/hours.py keeps
_EVENTS_AN_HOUR = 2_000 * 3600
_AT_ONCE = 2_000
_COMMON = ("chrome.exe", "msedge.exe", "firefox.exe", "teams.exe", "svchost.exe")
# How often of 100: what was decided, how grave, by which reasons.
_SHAPES: tuple[tuple[int, Severity, tuple[str, ...]], ...] = (
    (62, Severity.LOW, ("first_seen",)),
    (6, Severity.LOW, ("newly_active",)),
    (10, Severity.MEDIUM, ("random_name", "first_seen")),
    (10, Severity.MEDIUM, ("newly_registered",)),
    (6, Severity.HIGH, ("newly_registered", "first_seen")),
    (5, Severity.HIGH, ("known_indicator",)),
    (1, Severity.CRITICAL, ("known_indicator", "newly_registered", "unusual_process", "first_seen")),
)
_OF_A_HUNDRED = [(severity, codes) for often, severity, codes in _SHAPES for _ in range(often)]
# Of the alerts older than a week.
_THOUGHT_OF = ((0.30, State.REVIEWED), (0.49, State.FALSE_ALARM), (0.50, State.CONFIRMED))


def fill(connection: sqlite3.Connection, domains: int, agents: int, alerts: int) -> None:
    """Give a store its past; inside the caller's transaction.

    Args:
        connection: the store, with its domains and agents.
        domains: ranks 1 to `domains` are stored, a domain's id is its rank.
        agents: an agent's id is its number.
        alerts: how many.
    """
    _alerts(connection, domains, agents, alerts)
    _first_sights(connection, domains, agents, int(alerts * _FIRST_SIGHTS))
    _hours(connection, agents)


def program_name(rank: int) -> str:
    """A program's file name; the first few make most first sights."""
    return _COMMON[rank - 1] if rank <= len(_COMMON) else f"tool{rank}.exe"


def _alerts(connection: sqlite3.Connection, domains: int, agents: int, count: int) -> None:
    writer, rng = Alerts(connection, (), ()), Random(count)
    made = _decided(rng, domains, agents, count)
    while part := list(islice(made, _AT_ONCE)):
        ranks = {alert.verdict.domain: rank for rank, alert in part}
        numbers = {alert.id: int(alert.asked.agent.id) for _, alert in part}
        writer.write(connection, [alert for _, alert in part], ranks, numbers)
        thought: dict[State, list[str]] = {}
        for _, alert in part:
            state = _thought(rng.random())
            if state is not None and alert.at < NOON - 7 * _DAY:
                thought.setdefault(state, []).append(alert.id)
        for state, ids in thought.items():
            review(connection, ids, Review(state, "analyst", NOON - _DAY))


def _thought(chance: float) -> State | None:
    return next((state for below, state in _THOUGHT_OF if chance < below), None)


def _decided(rng: Random, domains: int, agents: int, count: int) -> Iterator[tuple[int, Alert]]:
    """Alerts in order of decision, each with its domain's rank."""
    for n in range(count):
        at = _START + (n + rng.random()) * DAYS * _DAY / count
        severity, codes = _OF_A_HUNDRED[int(rng.random() * 100)]
        some = INDICATORS if "known_indicator" in codes else domains
        yield (rank := int(rng.random() * some) + 1), _alert(rng, n, at, rank, _agent(rng, agents), severity, codes)


def _agent(rng: Random, agents: int) -> int:
    """Any agent; one time in ten one of those that ask for more than others."""
    return int(rng.random() * agents) + 1 if rng.random() < 0.9 else int((agents + 1) ** rng.random())


def _image(rng: Random) -> str:
    rank = int(rng.random() * len(_COMMON)) + 1 if rng.random() < 0.9 else int((PROGRAMS + 1) ** rng.random())
    return rf"C:\Program Files\Software\{program_name(rank)}"


def _alert(rng: Random, n: int, at: float, rank: int, agent: int, severity: Severity, codes: tuple[str, ...]) -> Alert:
    name = domain(rank)
    asked = at - (rng.random() * 3 * _DAY if rng.random() < 0.01 else 2)  # some laptops come late
    age = rng.random() * (30 if "newly_registered" in codes else 5000) * _DAY
    known = rng.random() < 0.8
    reasons = tuple(
        Reason(code, REASONS[code].alone, REASONS[code].meaning, REASONS[code].attack, {"agents": 1}) for code in codes
    )
    verdict = Verdict(
        name=f"www.{name}",
        unicode=f"www.{name}",
        kind=Kind.PUBLIC,
        domain=name,
        registered_domain=name,
        severity=severity,
        reasons=reasons,
        missing=("intel",),
        seen=Seen(asked, asked, 1, 1),
        registration=Known(Registration(at - age, at + 400 * _DAY, "RDAP", at)) if known else PENDING,
        randomness=Randomness(score=0.31, threshold=0.93, freq=(6.1, 5.3), label=name.partition(".")[0]),
        intel=NOT_ASKED,
        popularity=Known(Popularity("tranco", rank)) if rank % 10 == 0 else NOT_ASKED,
    )
    return Alert(
        id=stable_id(name, str(n), at=asked),
        at=at,
        asked=Asked(
            time=asked,
            source="bench",
            event_id=f"1793534400.{n}",
            status=Status.ANSWERED,
            agent=Agent(MANAGER, agent_name(agent), str(agent), "192.0.2.17"),
            process=Process(_image(rng), "{5ab1c0de-0001-6915-0c00-000000000001}", "7412", rf"EXAMPLE\user{agent}"),
            computer=f"{agent_name(agent)}.example.com",
            answers=("edge.cdn.example.net", "203.0.113.1", "203.0.113.2", "203.0.113.3"),
        ),
        verdict=verdict,
        summary=f"www.{name}: first seen here; asked by {agent_name(agent)}",
        category="NEW" if known and age < 730 * _DAY else "ESTABLISHED" if known else "UNKNOWN",
    )


def _first_sights(connection: sqlite3.Connection, domains: int, agents: int, count: int) -> None:
    rng = Random(domains)
    for first in range(0, count, _AT_ONCE):
        some = []
        for n in range(first, min(first + _AT_ONCE, count)):
            agent, detail = _agent(rng, agents), Detail(Process(_image(rng)))
            event = DnsEvent(
                name="",
                time=_START + n * DAYS * _DAY / count,
                status=Status.ANSWERED,
                agent=Agent(MANAGER, agent_name(agent)),
                detail=lambda detail=detail: detail,  # type: ignore[misc]  # bound now
            )
            some.append((domain(n % domains + 1), event, agent))
        write_first_sights(connection, some, as_it_is)


def _hours(connection: sqlite3.Connection, agents: int) -> None:
    """What sources and agents were counted for, hour by hour."""
    rng, hours = Random(agents), range(_START // 3600, NOON // 3600)
    outcomes = {"lines": 1.0, "events": 1.0, "seen": 0.9, "nxdomain": 0.05, "failed": 0.02, "internal": 0.02,
                "reverse": 0.01}  # fmt: skip
    connection.executemany(
        "INSERT INTO hour_count VALUES (?, 'bench', ?, ?)",
        ((hour, what, int(share * _EVENTS_AN_HOUR)) for hour in hours for what, share in sorted(outcomes.items())),
    )
    kept = min(agents, _AGENTS_AN_HOUR)
    connection.executemany(
        "INSERT INTO hour_agent VALUES (?, ?, ?)",
        (
            (hour, agent, int(rng.random() * 2 * _EVENTS_AN_HOUR / agents))
            for hour in hours
            for agent in [0, *sorted(rng.sample(range(1, agents + 1), kept))]
        ),
    )
