"""Alerts read whole and unpacked later: reading ten thousand takes a moment, unpacking them takes seconds."""

import sqlite3
from collections.abc import Sequence
from functools import partial

import msgspec

from firstsight.core.alertfilter import Term
from firstsight.core.alerts import Alert
from firstsight.core.events import Process
from firstsight.core.review import Review, State
from firstsight.ports.views import Listed, Packed
from firstsight.store.picking import pick_newest

# Without an order of its own, which would carry the bodies through a sort.
_READ = (
    "SELECT b.seq, a.body, b.state, b.reviewer, b.reviewed FROM json_each(?) AS wanted "
    "CROSS JOIN alert_brief AS b ON b.seq = wanted.value CROSS JOIN alert AS a ON a.seq = b.seq"
)

Row = tuple[int, bytes, str, str | None, float | None]
"""An alert's number, body, state, by whom and when."""


class _Who(msgspec.Struct):
    image: str
    user: str


class _Asked(msgspec.Struct):
    time: float
    process: _Who


class _Outline(msgspec.Struct):
    """What of a body is looked at before it is unpacked; the rest is passed over."""

    asked: _Asked


_outline = msgspec.json.Decoder(_Outline).decode
_alert = msgspec.json.Decoder(Alert).decode


def listed(row: Row) -> Listed:
    """Unpack an alert."""
    seq, body, state, by, at = row
    return Listed(seq, _alert(body), Review(State(state), by, at))


def read_packed(
    connection: sqlite3.Connection, terms: Sequence[Term], *, now: float, most: int
) -> tuple[list[Packed], bool]:
    """See Views.packed."""
    connection.execute("BEGIN")  # what is picked is what is read
    numbers, complete = pick_newest(connection, terms, now=now, most=most)
    rows: list[Row] = connection.execute(_READ, (msgspec.json.encode(numbers).decode(),)).fetchall()
    connection.execute("COMMIT")
    rows.sort(key=lambda row: -row[0])
    return [_packed(row) for row in rows], complete


def _packed(row: Row) -> Packed:
    asked = _outline(row[1]).asked
    return Packed(asked.time, Process(image=asked.process.image, user=asked.process.user), partial(listed, row))
