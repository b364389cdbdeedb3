"""Alerts, and the outboxes by which they and notices leave."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.nodes import PREFIX, kept_by
from firstsight.core.process import program
from firstsight.ports import Outgoing, Uncollected
from firstsight.store import notices
from firstsight.store.briefs import write_briefs

_OF_DOMAIN = "SELECT a.body FROM domain AS d JOIN alert AS a ON a.domain = d.id WHERE d.name = ? ORDER BY a.seq"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Alert).decode

_UNCOLLECTED = """
WITH waiting AS (
    SELECT sink, count(*) AS number, min(seq) AS front FROM outbox WHERE sink > ?1 AND sink < ?2
    GROUP BY sink ORDER BY number DESC LIMIT ?3
)
SELECT w.sink, w.number, a.at FROM waiting AS w JOIN outbox AS o ON o.seq = w.front JOIN alert AS a ON a.seq = o.alert
ORDER BY w.number DESC, w.sink
"""


class Alerts:
    """Stored alerts, and one outbox a sink. What a sink has sent leaves its outbox with the next commit.

    Args:
        connection: the database.
        sinks: names of the sinks that every alert goes to.
        local: those of them that don't take alerts of a node's events: these leave through that node instead.
    """

    def __init__(self, connection: sqlite3.Connection, sinks: Sequence[str], local: Collection[str]) -> None:
        self._connection = connection
        self._sinks = tuple(sinks)
        self._beside_nodes = tuple(sink for sink in sinks if sink not in local)
        self._sent: dict[str, int] = {}
        self._cleared: dict[str, int] = {}
        self._empty: set[str] = set()  # outboxes known to hold nothing unsent

    def write(
        self,
        connection: sqlite3.Connection,
        alerts: Sequence[Alert],
        domains: Mapping[str, int],
        agents: Mapping[str, int | None],
    ) -> list[Alert]:
        """Store alerts and put them into every outbox; inside the caller's transaction.

        An alert whose id is stored already is the same one decided again (after a crash): it is left as it is.

        Args:
            connection: the database, in a transaction.
            alerts: in order of decision.
            domains: ids of their domains, by registrable domain.
            agents: numbers of the agents that asked, by id of the alert.

        Returns:
            Those that were not stored before.
        """
        if not alerts:
            return []
        self._empty.clear()
        by_id = {alert.id: alert for alert in alerts}
        for (stored,) in connection.execute(
            "SELECT a.id FROM json_each(?) AS wanted JOIN alert AS a ON a.id = wanted.value", (json.dumps(list(by_id)),)
        ):
            del by_id[stored]
        written = list(by_id.values())
        (last,) = connection.execute("SELECT coalesce(max(seq), 0) FROM alert").fetchone()
        connection.executemany(
            "INSERT INTO alert (seq, id, at, domain, severity, follows, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (seq, a.id, a.at, domains[a.verdict.domain], a.verdict.severity.rank, a.follows, _encode(a))
                for seq, a in enumerate(written, last + 1)
            ],
        )
        write_briefs(connection, list(enumerate(written, last + 1)), agents)
        connection.executemany(
            "INSERT INTO outbox (sink, alert) VALUES (?, ?)",
            [(way, seq) for seq, alert in enumerate(written, last + 1) for way in self._ways(alert)],
        )
        return written

    def _ways(self, alert: Alert) -> tuple[str, ...]:
        node = alert.asked.node
        return (kept_by(node), *self._beside_nodes) if node else self._sinks

    def send_notices(self, connection: sqlite3.Connection, places: Sequence[int]) -> None:
        """Put stored notices into every outbox of this machine; inside the caller's transaction."""
        if places:
            self._empty.clear()
        connection.executemany(
            "INSERT INTO outbox (sink, notice) VALUES (?, ?)",
            [(sink, place) for place in places for sink in self._sinks],
        )

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Outgoing]]:
        """The next alerts and notices of an outbox, in order, with their place in it."""
        if sink in self._empty:
            return []
        rows = self._connection.execute(
            "SELECT o.seq, a.body, n.body FROM outbox AS o LEFT JOIN alert AS a ON a.seq = o.alert "
            "LEFT JOIN notice AS n ON n.seq = o.notice WHERE o.seq > ? AND o.sink = ? ORDER BY o.seq LIMIT ?",
            (self._sent.get(sink, 0), sink, limit),
        )
        found: list[tuple[int, Outgoing]] = [
            (place, notices.decode(notice) if alert is None else _decode(alert)) for place, alert, notice in rows
        ]
        if not found:
            self._empty.add(sink)
        return found

    def sent(self, sink: str, place: int) -> None:
        """Remember what a sink has delivered."""
        self._sent[sink] = place

    @property
    def to_clear(self) -> bool:
        """Whether something sent still stands in an outbox."""
        return self._sent != self._cleared

    def clear(self, connection: sqlite3.Connection) -> None:
        """Take what is sent out of the outboxes; inside the caller's transaction."""
        for sink, place in self._sent.items():
            if self._cleared.get(sink) != place:
                connection.execute("DELETE FROM outbox WHERE seq <= ? AND sink = ?", (place, sink))

    def cleared(self) -> None:
        """That is committed."""
        self._cleared = dict(self._sent)

    def waiting(self, sink: str) -> int:
        """Alerts and notices in an outbox that are not delivered yet."""
        row = self._connection.execute(
            "SELECT count(*) FROM outbox WHERE seq > ? AND sink = ?", (self._sent.get(sink, 0), sink)
        ).fetchone()
        return int(row[0])

    def waiting_here(self) -> int:
        """Alerts and notices that this machine's sinks have not delivered yet, over all of them."""
        return sum(map(self.waiting, self._sinks))

    def uncollected(self, limit: int) -> list[Uncollected]:
        """The fullest outboxes of nodes."""
        rows = self._connection.execute(_UNCOLLECTED, (PREFIX, PREFIX + "\x7f", limit))
        return [Uncollected(way.removeprefix(PREFIX), number, since) for way, number, since in rows]

    def all_of(self, registrable: str) -> list[Alert]:
        """All alerts of a domain, in order of decision."""
        rows = self._connection.execute(_OF_DOMAIN, (registrable,))
        return [_decode(body) for (body,) in rows]

    def newest_of(self, registrable: str) -> Alert | None:
        """The newest alert of a domain."""
        return next(iter(self.of(registrable, 1)), None)

    def of(self, registrable: str, limit: int = 100) -> list[Alert]:
        """Alerts of a domain, the newest first."""
        rows = self._connection.execute(f"{_OF_DOMAIN} DESC LIMIT ?", (registrable, limit))
        return [_decode(body) for (body,) in rows]


def write_again(connection: sqlite3.Connection, seq: int, alert: Alert) -> None:
    """Write a stored alert anew, with other evidence; inside the caller's transaction."""
    name = program(alert.asked.process.image)
    connection.execute("UPDATE alert SET body = ? WHERE seq = ?", (_encode(alert), seq))
    connection.execute("UPDATE alert_brief SET program = ? WHERE seq = ? AND program <> ?", (name, seq, name))
