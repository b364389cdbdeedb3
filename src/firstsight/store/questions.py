"""What is still to be known: questions to outsiders, their answers, and the cases that wait for them."""

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from firstsight.core.case import Case
from firstsight.core.facts import Absent, Known, Registration, Unavailable
from firstsight.ports import Answer, Changes, Pending, Question

_encode = msgspec.json.Encoder().encode
_case = msgspec.json.Decoder(Case).decode
_fact = msgspec.json.Decoder(Known[Registration] | Absent | Unavailable).decode


# The roots one by one (the index leads from each to the next), and of each root the first few: a long queue for one
# registry must not hide what others could answer.
_DUE = """
WITH RECURSIVE roots (root) AS (
    SELECT min(root) FROM question
    UNION ALL SELECT (SELECT min(root) FROM question WHERE root > roots.root) FROM roots WHERE root IS NOT NULL
)
SELECT q.registered, q.priority, q.since, q.due, q.tries FROM roots JOIN question AS q ON q.registered IN (
    SELECT registered FROM question WHERE root = roots.root AND (due <= ?1 OR since > ?1)
    ORDER BY priority, since DESC LIMIT ?2
)
ORDER BY q.priority, q.since DESC LIMIT ?3
"""


def root(registered: str) -> str:
    """The top-level domain."""
    return registered.rpartition(".")[2]


def _node(case: Case) -> str:
    return "" if case.asked is None else case.asked.node


class Questions:
    """Questions, answers and pending cases; all by registered domain."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, connection: sqlite3.Connection, changes: Changes) -> None:
        """Write what a decision changes here; inside the caller's transaction."""
        if not (changes.answers or changes.dropped or changes.asked or changes.closed or changes.opened):
            return
        connection.executemany(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)",
            [(answer.registered, answer.fresh_until, _encode(answer.fact)) for answer in changes.answers],
        )
        connection.executemany("DELETE FROM question WHERE registered = ?", [(name,) for name in changes.dropped])
        connection.executemany(
            "INSERT INTO question VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (registered) DO UPDATE SET "
            "priority = min(priority, excluded.priority), due = excluded.due, tries = max(tries, excluded.tries)",
            [(q.registered, root(q.registered), q.priority, q.since, q.due, q.tries) for q in changes.asked],
        )
        connection.executemany("DELETE FROM pending WHERE seq = ?", [(seq,) for seq in changes.closed])
        connection.executemany(
            "INSERT INTO pending (registered, due, opened, body, node) VALUES (?, ?, ?, ?, ?)",
            [(p.registered, p.due, p.opened, _encode(p.case), _node(p.case)) for p in changes.opened],
        )

    def answers(self, registered: Sequence[str]) -> dict[str, Answer]:
        """Stored answers, fresh or not."""
        rows = self._connection.execute(
            "SELECT a.registered, a.body, a.fresh_until FROM json_each(?) AS wanted "
            "JOIN answer AS a ON a.registered = wanted.value",
            (json.dumps(list(registered)),),
        )
        return {name: Answer(name, _fact(body), fresh_until) for name, body, fresh_until in rows}

    def due(self, now: float, limit: int, each: int) -> list[Question]:
        """Questions to ask now: by priority, then the newest; not more than `each` of one top-level domain."""
        return [Question(*row) for row in self._connection.execute(_DUE, (now, each, limit))]

    def open(self) -> int:
        """How many questions are open."""
        return int(self._connection.execute("SELECT count(*) FROM question").fetchone()[0])

    def pending(self, registered: str) -> list[Pending]:
        """Cases that wait for a domain."""
        return self._pending("registered = ?", registered)

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        # Opened in the future: the clock was set back since, and "later" would be too late.
        return self._pending("due IS NOT NULL AND (due <= ?1 OR opened > ?1)", now)

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline."""
        rows = self._connection.execute("SELECT count(*) FROM pending WHERE due IS NOT NULL AND node = ?", (node,))
        return int(rows.fetchone()[0])

    def _pending(self, where: str, value: str | float) -> list[Pending]:
        rows = self._connection.execute(
            f"SELECT registered, body, due, opened, seq FROM pending WHERE {where} ORDER BY seq LIMIT 1000",  # noqa: S608  # texts of ours
            (value,),
        )
        return [Pending(name, _case(body), due, opened, seq) for name, body, due, opened, seq in rows]
