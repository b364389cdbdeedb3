"""Alerts that a filter picks: one of its terms is walked along by its index, the others are looked at on the way."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from firstsight.core.alertfilter import Term
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.verdict import Severity

MOST_WALKED = 50_000
"""Alerts that one page looks at; where they don't fill it, the next page goes on behind them."""

_DAY = 86_400
_BY_SELECTIVITY = ("domain", "process", "agent", "reason", "state", "severity")


@dataclass(frozen=True, slots=True)
class _Condition:
    """A term over `alert_brief AS b`; a plus before a column keeps its index out of it.

    Attributes:
        sql: the condition.
        values: its values.
        walk: the same as what can be walked along by an index, in order of number; empty where none can.
    """

    sql: str
    values: tuple[object, ...]
    walk: str = ""


@dataclass(frozen=True, slots=True)
class Picked:
    """Numbers of alerts, the newest first; what to go on before; and how many were looked at, where that ended it."""

    numbers: list[int]
    next: int | None
    searched: int | None = None


def pick(
    connection: sqlite3.Connection, terms: Sequence[Term], *, now: float, before: int | None, limit: int
) -> Picked:
    """Pick a page.

    Args:
        connection: the database.
        terms: what must hold.
        now: seconds since the epoch; spans count back from it.
        before: only alerts with smaller numbers.
        limit: how many at most.
    """
    bottom, page = statements(connection, terms, now=now)
    top = 2**62 if before is None else before
    found = connection.execute(bottom[0], (*bottom[1], top, MOST_WALKED)).fetchone()
    lowest = 0 if found is None else found[0]
    numbers = [seq for (seq,) in connection.execute(page[0], (*page[1], top, lowest, limit + 1))]
    if len(numbers) > limit:
        return Picked(numbers[:limit], numbers[limit - 1])
    return Picked(numbers, None if found is None else lowest, None if found is None else MOST_WALKED)


def pick_newest(
    connection: sqlite3.Connection, terms: Sequence[Term], *, now: float, most: int
) -> tuple[list[int], bool]:
    """Numbers of the newest alerts, however many must be looked at for them; and whether these are all."""
    _, (sql, values) = statements(connection, terms, now=now)
    numbers = [seq for (seq,) in connection.execute(sql, (*values, 2**62, 0, most + 1))]
    return numbers[:most], len(numbers) <= most


def statements(
    connection: sqlite3.Connection, terms: Sequence[Term], *, now: float
) -> tuple[tuple[str, tuple[object, ...]], tuple[str, tuple[object, ...]]]:
    """Two questions with their first values.

    Returns:
        How far down a page looks (then: below which number, how many), and the page (then: below which number, from
        which one on, how many).
    """
    conditions = [(term.key, _condition(connection, term, now)) for term in terms]
    usable = [condition for key in _BY_SELECTIVITY for its, condition in conditions if its == key and condition.walk]
    along = usable[0] if usable else None
    others = [condition for _, condition in conditions if condition is not along]
    tables, walk, seq = "alert_brief AS b", "1", "b.seq"
    if along is not None:
        walk = along.walk
        if walk.startswith("r."):
            tables, seq = "alert_reason AS r CROSS JOIN alert_brief AS b ON b.seq = r.seq", "r.seq"
    first = () if along is None else along.values
    where = " AND ".join([walk, *(condition.sql for condition in others)])
    only = tables.partition(" CROSS")[0]
    return (
        (f"SELECT {seq} FROM {only} WHERE {walk} AND {seq} < ? ORDER BY {seq} DESC LIMIT 1 OFFSET ?", first),  # noqa: S608  # ours
        (
            f"SELECT {seq} FROM {tables} WHERE {where} AND {seq} < ? AND {seq} >= ? ORDER BY {seq} DESC LIMIT ?",  # noqa: S608  # ours
            (*first, *(value for condition in others for value in condition.values)),
        ),
    )


def _condition(connection: sqlite3.Connection, term: Term, now: float) -> _Condition:
    match term.key:
        case "age" | "first" | "time":
            condition = _span(term, now)
        case "reason":
            condition = _reason(term)
        case "agent":
            condition = _agent(connection, term)
        case "domain":
            condition = _domain(connection, term)
        case "process" if any(value.endswith("*") for value in term.values):
            condition = _beginnings("b.program", term)
        case "process":
            condition = _one_of("b.program", term.values, exclude=term.exclude)
        case "severity":
            ranks = tuple(Severity(value).rank for value in term.values)
            condition = _one_of("b.severity", ranks, exclude=term.exclude)
        case _:
            condition = _one_of("b.state", term.values, exclude=term.exclude)
    return condition


def _one_of(column: str, values: tuple[object, ...], *, exclude: bool) -> _Condition:
    if len(values) == 1 and not exclude:
        return _Condition(f"+{column} = ?", values, f"{column} = ?")
    marks = ", ".join("?" * len(values))
    return _Condition(f"coalesce({column}, '') {'NOT ' if exclude else ''}IN ({marks})", values)


def _beginnings(column: str, term: Term) -> _Condition:
    """Any of some texts, of which some are beginnings; as GLOB, with its own signs taken for themselves."""
    globs = tuple(_glob(value) for value in term.values)
    any_of = " OR ".join([f"coalesce({column}, '') GLOB ?"] * len(globs))
    return _Condition(f"{'NOT ' if term.exclude else ''}({any_of})", globs)


def _glob(value: str) -> str:
    beginning = value.removesuffix("*")
    literal = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in beginning)
    return literal + ("*" if value != beginning else "")


def _reason(term: Term) -> _Condition:
    mask = (mask_of(term.values),)
    if term.exclude:
        return _Condition("b.reasons & ? = 0", mask)
    if len(term.values) > 1:
        return _Condition("b.reasons & ? <> 0", mask)
    bit = REASONS[term.values[0]].bit  # a number of ours
    return _Condition(f"(b.reasons >> {bit}) & 1", (), f"r.reason = {bit}")


def _agent(connection: sqlite3.Connection, term: Term) -> _Condition:
    """Agents are named without regard to case; they are few, so their numbers are found first."""
    wanted = _beginnings("lower(name)", Term(term.key, term.values))
    if any(value.endswith("*") for value in term.values):
        numbers = [n for (n,) in connection.execute(f"SELECT id FROM agent WHERE {wanted.sql}", wanted.values)]  # noqa: S608  # ours
    else:
        marks = ", ".join("?" * len(term.values))
        named = f"SELECT id FROM agent WHERE name COLLATE NOCASE IN ({marks})"  # noqa: S608  # ours
        numbers = [n for (n,) in connection.execute(named, term.values)]
    if len(numbers) == 1 and not term.exclude:
        return _Condition("+b.agent = ?", tuple(numbers), "b.agent = ?")
    listed = ", ".join(map(str, numbers))  # numbers of ours; more of them than values may be
    return _Condition(f"coalesce(b.agent, -1) {'NOT ' if term.exclude else ''}IN ({listed})", ())


def _domain(connection: sqlite3.Connection, term: Term) -> _Condition:
    """A registrable domain stands for all below it; any other name for itself."""
    if len(term.values) == 1 and not term.exclude and not term.values[0].endswith("*"):
        known = connection.execute("SELECT 1 FROM alert_brief WHERE domain = ? LIMIT 1", term.values).fetchone()
        column = "b.domain" if known else "b.name"
        return _Condition(f"+{column} = ?", term.values, f"{column} = ?")
    either = [_beginnings(column, Term(term.key, term.values)) for column in ("b.domain", "b.name")]
    return _Condition(
        f"{'NOT ' if term.exclude else ''}({either[0].sql} OR {either[1].sql})", either[0].values + either[1].values
    )


def _span(term: Term, now: float) -> _Condition:
    """`age` in whole days, of those whose age is known; `first` and `time` as how long ago."""
    younger = term.younger != term.exclude
    if term.key == "age":
        sign = "<" if younger else ">="
        return _Condition(f"(b.age_days IS NOT NULL AND b.age_days {sign} ?)", (term.seconds / _DAY,))
    sign = ">" if younger else "<="
    return _Condition(f"+b.{term.key} {sign} ?", (now - term.seconds,))
