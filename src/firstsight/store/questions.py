"""What is still to be known: questions to outsiders, their answers, the cases that wait, the pace of who is asked."""

import json
import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from firstsight.core.case import Case
from firstsight.core.facts import Absent, Intel, Known, Registration, Unavailable
from firstsight.ports import Answer, Changes, Pending, Question, Subject, Topic

_encode = msgspec.json.Encoder().encode
_case = msgspec.json.Decoder(Case).decode
_registration = msgspec.json.Decoder(Known[Registration] | Absent | Unavailable).decode
_intel = msgspec.json.Decoder(Known[Intel] | Absent | Unavailable).decode


# The roots one by one: the index leads from each to the next.
_ROOTS = """
WITH RECURSIVE roots (root) AS (
    SELECT min(root) FROM question WHERE topic = ?1
    UNION ALL
    SELECT (SELECT min(root) FROM question WHERE topic = ?1 AND root > roots.root) FROM roots WHERE root IS NOT NULL
)
SELECT root FROM roots WHERE root IS NOT NULL
"""

_OLDEST = (
    "SELECT min((SELECT min(due) FROM question WHERE topic = ?1 AND root = of.root)) "  # noqa: S608  # ours
    f"FROM ({_ROOTS}) AS of"
)

# Of each root the first few: of alerts that wait the oldest, as its deadline is next; of the others the newest, by
# priority; and those that have waited longest. A long queue for one registry hides nothing of the others'.
_DUE = """
SELECT q.name, q.priority, q.since, q.due, q.tries, q.topic
FROM json_each(?3) AS wanted JOIN question AS q ON q.topic = ?4 AND q.name IN (
    SELECT * FROM (
        SELECT name FROM question
        WHERE topic = ?4 AND root = wanted.value AND priority = 0 AND (due <= ?1 OR since > ?1) ORDER BY since LIMIT ?2
    ) UNION SELECT * FROM (
        SELECT name FROM question WHERE topic = ?4 AND root = wanted.value AND (due <= ?1 OR since > ?1)
        ORDER BY priority, since DESC LIMIT ?2
    ) UNION SELECT * FROM (
        SELECT name FROM question WHERE topic = ?4 AND root = wanted.value AND due <= ?1 ORDER BY due LIMIT ?2
    )
)
ORDER BY q.priority, q.since DESC
"""

# An alert has left, or its question failed: who still waits keeps the place.
_EASED = """
UPDATE question SET priority = 1 WHERE topic = ?1 AND name = ?2 AND priority = 0
AND NOT EXISTS (
    SELECT 1 FROM lacking JOIN pending ON pending.seq = lacking.pending
    WHERE lacking.topic = ?1 AND lacking.name = ?2 AND pending.due IS NOT NULL
)
"""


def root(question: Question) -> str:
    """The top-level domain, which says who is asked for a registration; one server knows all about the rest."""
    return question.name.rpartition(".")[2] if question.topic is Topic.REGISTRATION else ""


def _node(case: Case) -> str:
    return "" if case.asked is None else case.asked.node


class Questions:
    """Questions, answers and pending cases."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def write(self, connection: sqlite3.Connection, changes: Changes) -> None:
        """Write what a decision changes here; inside the caller's transaction."""
        if not (
            changes.answers or changes.intel or changes.dropped or changes.asked or changes.closed or changes.opened
            or changes.eased or changes.paces
        ):  # fmt: skip
            return
        connection.executemany("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)", _answers(changes))
        connection.executemany("DELETE FROM question WHERE topic = ? AND name = ?", changes.dropped)
        connection.executemany(
            "INSERT INTO question VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic, name) DO UPDATE SET "
            "priority = min(priority, excluded.priority), tries = max(tries, excluded.tries), "
            "due = iif(excluded.tries > tries, excluded.due, min(due, excluded.due))",
            [(q.topic, q.name, root(q), q.priority, q.since, q.due, q.tries) for q in changes.asked],
        )
        closed = [(seq,) for seq in changes.closed]
        connection.executemany("DELETE FROM pending WHERE seq = ?", closed)
        connection.executemany("DELETE FROM lacking WHERE pending = ?", closed)
        for case in changes.opened:
            self._open(connection, case)
        connection.executemany(_EASED, changes.eased)
        connection.executemany(
            "INSERT OR REPLACE INTO server VALUES (?, ?, ?)",
            [(*server, pace) for server, pace in changes.paces.items()],
        )

    @staticmethod
    def _open(connection: sqlite3.Connection, pending: Pending) -> None:
        row = connection.execute(
            "INSERT INTO pending (due, opened, body, node) VALUES (?, ?, ?, ?)",
            (pending.due, pending.opened, _encode(pending.case), _node(pending.case)),
        )
        connection.executemany(
            "INSERT INTO lacking VALUES (?, ?, ?)", [(*subject, row.lastrowid) for subject in pending.lacks]
        )

    def answers(self, registered: Sequence[str]) -> dict[str, Answer[Registration]]:
        """Stored answers of registries, fresh or not."""
        rows = self._stored(Topic.REGISTRATION, registered)
        return {name: Answer(name, _registration(body), fresh_until) for name, body, fresh_until in rows}

    def intel(self, names: Sequence[str]) -> dict[str, Answer[Intel]]:
        """Stored answers of threat intelligence, fresh or not."""
        rows = self._stored(Topic.INTEL, names)
        return {name: Answer(name, _intel(body), fresh_until) for name, body, fresh_until in rows}

    def _stored(self, topic: Topic, names: Sequence[str]) -> sqlite3.Cursor:
        return self._connection.execute(
            "SELECT a.name, a.body, a.fresh_until FROM json_each(?) AS wanted "
            "JOIN answer AS a ON a.topic = ? AND a.name = wanted.value",
            (json.dumps(list(names)), topic),
        )

    def roots(self, topic: Topic) -> list[str]:
        """The top-level domains that questions are open for."""
        return [root for (root,) in self._connection.execute(_ROOTS, (topic,))]

    def due(self, now: float, limit: int, roots: Sequence[str], topic: Topic) -> list[Question]:
        """Questions to ask now; see `_DUE`."""
        return _questions(self._connection.execute(_DUE, (now, limit, json.dumps(list(roots)), topic)))

    def least(self, limit: int, topic: Topic) -> list[Question]:
        """The questions that matter least, those that have been open longest first."""
        return _questions(
            self._connection.execute(
                "SELECT name, priority, since, due, tries, topic FROM question WHERE topic = ? "
                "ORDER BY priority DESC, since LIMIT ?",
                (topic, limit),
            )
        )

    def oldest_waits(self, now: float, topic: Topic) -> int:
        """For how many seconds the question waits that could have been asked first; 0 where none waits."""
        due = self._connection.execute(_OLDEST, (topic,)).fetchone()[0]
        return 0 if due is None else max(0, int(now - due))

    def paces(self, topic: Topic) -> dict[str, bytes]:
        """What was kept of servers."""
        return dict(self._connection.execute("SELECT name, pace FROM server WHERE topic = ?", (topic,)))

    def open(self, topic: Topic) -> int:
        """How many questions are open."""
        return int(self._connection.execute("SELECT count(*) FROM question WHERE topic = ?", (topic,)).fetchone()[0])

    def pending(self, subject: Subject) -> list[Pending]:
        """Cases that wait for an answer."""
        return self._pending("seq IN (SELECT pending FROM lacking WHERE topic = ? AND name = ?)", *subject)

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        # Opened in the future: the clock was set back since, and "later" would be too late.
        return self._pending("due IS NOT NULL AND (due <= ?1 OR opened > ?1)", now)

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline."""
        rows = self._connection.execute("SELECT count(*) FROM pending WHERE due IS NOT NULL AND node = ?", (node,))
        return int(rows.fetchone()[0])

    def _pending(self, where: str, *values: str | float) -> list[Pending]:
        rows = self._connection.execute(
            f"SELECT body, due, opened, seq FROM pending WHERE {where} ORDER BY seq LIMIT 1000",  # noqa: S608  # texts of ours
            values,
        )
        return [Pending(self._lacks(seq), _case(body), due, opened, seq) for body, due, opened, seq in rows]

    def _lacks(self, seq: int) -> tuple[Subject, ...]:
        rows = self._connection.execute("SELECT topic, name FROM lacking WHERE pending = ?", (seq,))
        return tuple(Subject(Topic(topic), name) for topic, name in rows)


def _answers(changes: Changes) -> Iterator[tuple[str, str, float, bytes]]:
    for topic, answers in ((Topic.REGISTRATION, changes.answers), (Topic.INTEL, changes.intel)):
        for answer in answers:
            yield topic, answer.name, answer.fresh_until, _encode(answer.fact)


def _questions(rows: sqlite3.Cursor) -> list[Question]:
    return [
        Question(name, priority, since, due, tries, Topic(topic)) for name, priority, since, due, tries, topic in rows
    ]
