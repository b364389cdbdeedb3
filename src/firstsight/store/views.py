"""What pages show, read from the file beside whoever writes it: nothing here holds up an event."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from firstsight.core.alertfilter import Term
from firstsight.core.deeds import Deed, DeedFilter
from firstsight.core.reasons import REASONS
from firstsight.core.review import State
from firstsight.core.verdict import Severity
from firstsight.ports.views import (
    AgentFigures,
    AgentSeen,
    AgentView,
    AlertPage,
    DomainView,
    FirstSight,
    HeatRow,
    InVain,
    Listed,
    Packed,
    Program,
)
from firstsight.store.copies import read_only
from firstsight.store.hours import HOUR
from firstsight.store.packed import listed, read_packed
from firstsight.store.picking import pick
from firstsight.store.trail import read_deeds, read_newest_deeds
from firstsight.store.trouble import explained

_MOST_WEIGHED = 5_000  # alerts of a heat table
_AGENTS_SHOWN = 50
_SIGHTS_SHOWN = 50
_SIGHTS_LOOKED_AT = 2_000  # for an agent's programs
_PROGRAMS_SHOWN = 20
_COMMON = 5  # agents that make a program no rare one

HOURS = "SELECT what, hour, sum(n) FROM hour_count WHERE hour >= ? GROUP BY what, hour"
BUSIEST = (
    "SELECT h.agent, coalesce(a.name, ''), h.events FROM (SELECT agent, sum(events) AS events FROM hour_agent "
    "WHERE hour >= ? GROUP BY agent ORDER BY agent = 0, events DESC LIMIT ?) AS h "
    "LEFT JOIN agent AS a ON a.id = h.agent ORDER BY h.agent = 0, h.events DESC"
)
CATEGORIES = "SELECT category, count(*) FROM alert_brief WHERE agent = ? AND time >= ? GROUP BY category"
NEW_BY_AGENT = "SELECT count(*) FROM first_sight WHERE agent = ? AND time >= ?"
WEIGHED = "SELECT name, reasons, severity FROM alert_brief WHERE time >= ? ORDER BY time DESC LIMIT ?"
HEAT = (
    f"WITH newest AS MATERIALIZED ({WEIGHED}), gravest AS (SELECT name, max(severity) AS highest, count(*) AS alerts "  # noqa: S608  # ours
    "FROM newest GROUP BY name ORDER BY highest DESC, alerts DESC, name LIMIT ?) "
    "SELECT g.name, g.highest, g.alerts, n.reasons, count(*) FROM gravest AS g JOIN newest AS n ON n.name = g.name "
    "GROUP BY g.name, n.reasons ORDER BY g.highest DESC, g.alerts DESC, g.name"
)
FIRST_SIGHTS = (
    "SELECT f.seq, f.time, f.domain, coalesce(a.name, ''), f.program, coalesce(u.user, '') FROM first_sight AS f "
    "LEFT JOIN agent AS a ON a.id = f.agent LEFT JOIN domain AS d ON d.name = f.domain "
    "LEFT JOIN account AS u ON u.id = d.account WHERE {where} LIMIT ?"
)
LISTED = (
    "SELECT b.seq, a.body, b.state, b.reviewer, b.reviewed FROM json_each(?) AS wanted "
    "CROSS JOIN alert_brief AS b ON b.seq = wanted.value CROSS JOIN alert AS a ON a.seq = b.seq ORDER BY wanted.key"
)
DOMAIN = (
    "SELECT d.id, coalesce(a.name, ''), coalesce(p.image, ''), coalesce(u.user, '') FROM domain AS d "
    "LEFT JOIN agent AS a ON a.id = d.agent LEFT JOIN process AS p ON p.id = d.process "
    "LEFT JOIN account AS u ON u.id = d.account WHERE d.name = ?"
)
ASKERS = (
    "SELECT a.name, s.first_day, s.last_day FROM sighting AS s JOIN agent AS a ON a.id = s.agent WHERE s.domain = ? "
    "ORDER BY s.first_day DESC, a.name LIMIT ?"
)
AGENT = "SELECT id, first, last FROM agent WHERE name = ? COLLATE NOCASE"
AGENT_USERS = (
    "SELECT DISTINCT u.user FROM (SELECT domain FROM first_sight WHERE agent = ? ORDER BY time DESC LIMIT ?) AS f "
    "JOIN domain AS d ON d.name = f.domain JOIN account AS u ON u.id = d.account"
)
AGENT_REASONS = "SELECT reasons FROM alert_brief WHERE agent = ? ORDER BY seq DESC LIMIT ?"
AGENT_PROGRAMS = (
    "SELECT program, count(*) FROM (SELECT program FROM first_sight WHERE agent = ? ORDER BY time DESC LIMIT ?) "
    "GROUP BY program"
)
NEXT_AGENT = "SELECT min(agent) FROM first_sight WHERE program = ? AND agent > ?"


class SqliteViews:
    """ports.Views on a SQLite file. Each question opens it anew, so any thread may ask.

    Args:
        path: the store's file; SqliteStore has made it and brought it up to date.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        with explained(self._path), closing(read_only(self._path)) as connection:
            yield connection

    def hours(self, since: int) -> dict[str, dict[int, int]]:
        """What was counted, by hour."""
        counts: dict[str, dict[int, int]] = {}
        with self._connection() as connection:
            for what, hour, n in connection.execute(HOURS, (since,)):
                counts.setdefault(what, {})[hour] = n
        return counts

    def busiest(self, since: int, limit: int) -> list[AgentFigures]:
        """The agents with most events since an hour; the last one, without a name, stands for those not kept."""
        with self._connection() as connection:
            return [
                AgentFigures(
                    name,
                    events,
                    connection.execute(NEW_BY_AGENT, (agent, since * HOUR)).fetchone()[0],
                    dict(connection.execute(CATEGORIES, (agent, since * HOUR)).fetchall()),
                )
                for agent, name, events in connection.execute(BUSIEST, (since, limit)).fetchall()
            ]

    def heat(self, since: float, limit: int) -> list[HeatRow]:
        """The names that weigh most."""
        rows: dict[str, HeatRow] = {}
        with self._connection() as connection:
            for name, severity, alerts, mask, n in connection.execute(HEAT, (since, _MOST_WEIGHED, limit)):
                reasons = rows.setdefault(name, HeatRow(name, {}, alerts, severity)).reasons
                for bit in _bits(mask):
                    reasons[bit] = reasons.get(bit, 0) + n
        return list(rows.values())

    def first_sights(self, after: int, limit: int) -> list[FirstSight]:
        """First sightings behind a number, the newest first."""
        with self._connection() as connection:
            return _sights(connection, "f.seq > ? ORDER BY f.seq DESC", after, limit)

    def alerts(self, terms: Sequence[Term], *, now: float, before: int | None, limit: int) -> AlertPage:
        """Alerts that a filter picks."""
        with self._connection() as connection:
            picked = pick(connection, terms, now=now, before=before, limit=limit)
            return AlertPage(_listed(connection, picked.numbers), picked.next, picked.searched)

    def packed(self, terms: Sequence[Term], *, now: float, most: int) -> tuple[list[Packed], bool]:
        """Alerts that a filter picks, read and not unpacked yet."""
        with self._connection() as connection:
            return read_packed(connection, terms, now=now, most=most)

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds in order."""
        with self._connection() as connection:
            return read_deeds(connection, wanted, after=after, limit=limit)

    def newest_deeds(self, wanted: DeedFilter, *, before: int, limit: int) -> list[tuple[int, Deed]]:
        """Deeds, the newest first."""
        with self._connection() as connection:
            return read_newest_deeds(connection, wanted, before=before, limit=limit)

    def decided(self, after: int, limit: int, severity: Severity | None, state: State | None) -> list[Listed]:
        """Alerts in order of decision."""
        with self._connection() as connection:
            sql, values = in_order(severity, state)
            return _listed(connection, [seq for (seq,) in connection.execute(sql, (*values, after, limit))])

    def alert(self, alert_id: str) -> Listed | None:
        """One alert."""
        with self._connection() as connection:
            numbers = [seq for (seq,) in connection.execute("SELECT seq FROM alert WHERE id = ?", (alert_id,))]
            return next(iter(_listed(connection, numbers)), None)

    def domain(self, registrable: str) -> DomainView | None:
        """What is kept of a domain."""
        with self._connection() as connection:
            row = connection.execute(DOMAIN, (registrable,)).fetchone()
            if row is None:
                return None
            number, *first = row
            agents = [AgentSeen(*asker) for asker in connection.execute(ASKERS, (number, _AGENTS_SHOWN))]
            vain = connection.execute(
                "SELECT first, last, nxdomain, failed, agents FROM unresolved WHERE domain = ?", (number,)
            ).fetchone()
            who, program, user = first
            return DomainView(who, program, user, agents, None if vain is None else InVain(*vain))

    def agent(self, name: str) -> AgentView | None:
        """What is kept of the agents of a name: a cluster of managers may have several."""
        with self._connection() as connection:
            rows = connection.execute(AGENT, (name,)).fetchall()
            if not rows:
                return None
            sights: list[FirstSight] = []
            programs: Counter[str] = Counter()
            reasons: Counter[int] = Counter()
            users: set[str] = set()
            for number, _, _ in rows:
                sights += _sights(connection, "f.agent = ? ORDER BY f.time DESC", number, _SIGHTS_SHOWN)
                programs.update(dict(connection.execute(AGENT_PROGRAMS, (number, _SIGHTS_LOOKED_AT)).fetchall()))
                users.update(user for (user,) in connection.execute(AGENT_USERS, (number, _SIGHTS_LOOKED_AT)))
                for (mask,) in connection.execute(AGENT_REASONS, (number, _MOST_WEIGHED)):
                    reasons.update(_bits(mask))
            sights.sort(key=lambda sight: -sight.time)
            return AgentView(
                min((first for _, first, _ in rows if first is not None), default=None),
                max((last for _, _, last in rows if last is not None), default=None),
                sights[:_SIGHTS_SHOWN],
                _rare_first(connection, programs),
                dict(reasons),
                frozenset(users),
            )


def in_order(severity: Severity | None, state: State | None) -> tuple[str, tuple[object, ...]]:
    """A question with its first values (then: after which number, how many)."""
    picks: list[tuple[str, object]] = [] if severity is None else [("severity = ?", severity.rank)]
    if state is not None:  # the first one's index is walked along; most alerts are new, few are anything else
        picks.insert(len(picks) if state is State.NEW else 0, ("state = ?", state))
    picked = "".join(f"{'+' if n else ''}{condition} AND " for n, (condition, _) in enumerate(picks))
    return (
        f"SELECT seq FROM alert_brief WHERE {picked}seq > ? ORDER BY seq LIMIT ?",  # noqa: S608  # ours
        tuple(value for _, value in picks),
    )


def _bits(mask: int) -> list[int]:
    return [kind.bit for kind in REASONS.values() if mask & kind.mask]


def _sights(connection: sqlite3.Connection, where: str, value: int, limit: int) -> list[FirstSight]:
    return [FirstSight(*row) for row in connection.execute(FIRST_SIGHTS.format(where=where), (value, limit))]


def _listed(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Listed]:
    return [listed(row) for row in connection.execute(LISTED, (msgspec.json.encode(numbers).decode(),))]


def _rare_first(connection: sqlite3.Connection, programs: Counter[str]) -> list[Program]:
    """Programs by how many agents made first sights with them, counted by stepping from agent to agent."""
    found = []
    for name, n in programs.items():
        agents, last = 0, -1
        while agents < _COMMON:
            (following,) = connection.execute(NEXT_AGENT, (name, last)).fetchone()
            if following is None:
                break
            agents, last = agents + 1, following
        found.append(Program(name, n, agents))
    found.sort(key=lambda program: (program.agents, program.first_sights, program.name))
    return found[:_PROGRAMS_SHOWN]
