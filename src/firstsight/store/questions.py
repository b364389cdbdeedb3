"""What is still to be known: questions to outsiders, their answers, the cases that wait, the pace of who is asked."""

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


# The roots one by one: the index leads from each to the next.
_ROOTS = """
WITH RECURSIVE roots (root) AS (
    SELECT min(root) FROM question
    UNION ALL SELECT (SELECT min(root) FROM question WHERE root > roots.root) FROM roots WHERE root IS NOT NULL
)
SELECT root FROM roots WHERE root IS NOT NULL
"""

_OLDEST = f"SELECT min((SELECT min(due) FROM question WHERE root = of.root)) FROM ({_ROOTS}) AS of"  # noqa: S608  # ours

# Of each root the first few: of alerts that wait the oldest, as its deadline is next; of the others the newest, by
# priority; and those that have waited longest. A long queue for one registry hides nothing of the others'.
_DUE = """
SELECT q.registered, q.priority, q.since, q.due, q.tries
FROM json_each(?3) AS wanted JOIN question AS q ON q.registered IN (
    SELECT * FROM (
        SELECT registered FROM question WHERE root = wanted.value AND priority = 0 AND (due <= ?1 OR since > ?1)
        ORDER BY since LIMIT ?2
    ) UNION SELECT * FROM (
        SELECT registered FROM question WHERE root = wanted.value AND (due <= ?1 OR since > ?1)
        ORDER BY priority, since DESC LIMIT ?2
    ) UNION SELECT * FROM (
        SELECT registered FROM question WHERE root = wanted.value AND due <= ?1 ORDER BY due LIMIT ?2
    )
)
ORDER BY q.priority, q.since DESC
"""

# An alert has left, or its question failed: who still waits keeps the place.
_EASED = """
UPDATE question SET priority = 1 WHERE registered = ?1 AND priority = 0
AND NOT EXISTS (SELECT 1 FROM pending WHERE registered = ?1 AND due IS NOT NULL)
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
        if not (
            changes.answers or changes.dropped or changes.asked or changes.closed or changes.opened
            or changes.eased or changes.paces
        ):  # fmt: skip
            return
        connection.executemany(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?)",
            [(answer.registered, answer.fresh_until, _encode(answer.fact)) for answer in changes.answers],
        )
        connection.executemany("DELETE FROM question WHERE registered = ?", [(name,) for name in changes.dropped])
        connection.executemany(
            "INSERT INTO question VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (registered) DO UPDATE SET "
            "priority = min(priority, excluded.priority), tries = max(tries, excluded.tries), "
            "due = iif(excluded.tries > tries, excluded.due, min(due, excluded.due))",
            [(q.registered, root(q.registered), q.priority, q.since, q.due, q.tries) for q in changes.asked],
        )
        connection.executemany("DELETE FROM pending WHERE seq = ?", [(seq,) for seq in changes.closed])
        connection.executemany(
            "INSERT INTO pending (registered, due, opened, body, node) VALUES (?, ?, ?, ?, ?)",
            [(p.registered, p.due, p.opened, _encode(p.case), _node(p.case)) for p in changes.opened],
        )
        connection.executemany(_EASED, [(name,) for name in changes.eased])
        connection.executemany("INSERT OR REPLACE INTO server VALUES (?, ?)", changes.paces.items())

    def answers(self, registered: Sequence[str]) -> dict[str, Answer]:
        """Stored answers, fresh or not."""
        rows = self._connection.execute(
            "SELECT a.registered, a.body, a.fresh_until FROM json_each(?) AS wanted "
            "JOIN answer AS a ON a.registered = wanted.value",
            (json.dumps(list(registered)),),
        )
        return {name: Answer(name, _fact(body), fresh_until) for name, body, fresh_until in rows}

    def roots(self) -> list[str]:
        """The top-level domains that questions are open for."""
        return [root for (root,) in self._connection.execute(_ROOTS)]

    def due(self, now: float, limit: int, roots: Sequence[str]) -> list[Question]:
        """Questions to ask now; see `_DUE`."""
        return [Question(*row) for row in self._connection.execute(_DUE, (now, limit, json.dumps(list(roots))))]

    def least(self, limit: int) -> list[Question]:
        """The questions that matter least, those that have been open longest first."""
        rows = self._connection.execute(
            "SELECT registered, priority, since, due, tries FROM question ORDER BY priority DESC, since LIMIT ?",
            (limit,),
        )
        return [Question(*row) for row in rows]

    def oldest_waits(self, now: float) -> int:
        """For how many seconds the question waits that could have been asked first; 0 where none waits."""
        due = self._connection.execute(_OLDEST).fetchone()[0]
        return 0 if due is None else max(0, int(now - due))

    def paces(self) -> dict[str, bytes]:
        """What was kept of servers."""
        return dict(self._connection.execute("SELECT name, pace FROM server"))

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
