"""Stored alerts in order of decision, of all domains or of some: what the preview of an exception goes through."""

import json
import sqlite3
from collections.abc import Sequence

import msgspec

from firstsight.core.alerts import Alert

_BELOW = "*."
_ALL = "SELECT seq, body FROM alert WHERE seq > ? ORDER BY seq LIMIT ?"
OF_DOMAINS = (
    "SELECT a.seq, a.body FROM (SELECT b.seq FROM json_each(?) AS wanted CROSS JOIN alert_brief AS b "
    "ON b.domain = wanted.value WHERE b.seq > ? ORDER BY b.seq LIMIT ?) AS n CROSS JOIN alert AS a ON a.seq = n.seq "
    "ORDER BY a.seq"
)
# In the order of the table: by the index of domains, which SQLite would choose, each name is somewhere else.
_DOMAINS_BELOW = "SELECT DISTINCT domain FROM alert_brief NOT INDEXED WHERE substr(name, -?) = ? LIMIT ?"
_NEXT = "SELECT seq, at FROM alert WHERE seq >= ? ORDER BY seq LIMIT 1"

_decode = msgspec.json.Decoder(Alert).decode


def domains_of(connection: sqlite3.Connection, pattern: str, most: int) -> list[str] | None:
    """See Store.domains_of."""
    name = pattern.removeprefix(_BELOW)
    if name == pattern:  # it only matches within the registrable domain that owns it, which is the end of it
        labels = name.split(".")
        return [".".join(labels[n:]) for n in range(len(labels))]
    ending = f".{name}"
    found = [domain for (domain,) in connection.execute(_DOMAINS_BELOW, (len(ending), ending, most + 1))]
    return found if len(found) <= most else None


def alerts_in_order(
    connection: sqlite3.Connection, after: int, limit: int, domains: Sequence[str] | None
) -> list[tuple[int, Alert]]:
    """See Store.alerts."""
    if domains is None:
        rows = connection.execute(_ALL, (after, limit))
    else:
        rows = connection.execute(OF_DOMAINS, (json.dumps(list(domains)), after, limit))
    return [(seq, _decode(body)) for seq, body in rows]


def number_since(connection: sqlite3.Connection, at: float) -> int:
    """See Store.alerts_since. Bodies are in the way of looking at the time of each, so the first is searched for."""
    low, high = 1, connection.execute("SELECT coalesce(max(seq), 0) + 1 FROM alert").fetchone()[0]
    while low < high:
        middle = (low + high) // 2
        seq, decided = connection.execute(_NEXT, (middle,)).fetchone()
        if decided < at:
            low = seq + 1
        else:
            high = middle
    return int(connection.execute("SELECT count(*) FROM alert_brief WHERE seq >= ?", (low,)).fetchone()[0])
