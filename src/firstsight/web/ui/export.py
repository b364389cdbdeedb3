"""Alerts as files: JSON as the API has them, CSV for spreadsheets."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from firstsight.core.disguise import held_by, held_in_words
from firstsight.core.document import Document, reviewed_document
from firstsight.core.times import rfc3339
from firstsight.ports.views import Listed, Packed

_COLUMNS = (
    "time", "severity", "name", "domain", "reasons", "age_days", "agent", "image", "user", "answers", "agents",
    "summary", "state", "reviewed_by", "reviewed", "alert_id",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), blanks before it included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_PORTION = 25  # alerts


Parts = Iterator[tuple[int, bytes]]
"""A file's bytes in order; with each part, how many alerts there are up to its end."""


@dataclass(frozen=True, slots=True)
class Export:
    """Alerts that leave the house, and what must be known of them.

    Attributes:
        rows: the alerts, the newest first.
        complete: whether these are all that the filter picks.
        q: the filter.
        by: who asked for them, as the audit trail names it.
        at: when, seconds since the epoch.
    """

    rows: Sequence[Packed]
    complete: bool
    q: str
    by: str
    at: float

    def head(self) -> Document:
        """What it holds: `users` says whether there are names of people in it, or pseudonyms."""
        times = [row.time for row in self.rows]
        return {
            "made": rfc3339(int(self.at)),
            "by": self.by,
            "filter": self.q,
            "users": held_in_words(held_by(row.process for row in self.rows)),
            "first": rfc3339(int(min(times))) if times else None,
            "last": rfc3339(int(max(times))) if times else None,
            "alerts": len(self.rows),
            "complete": self.complete,
        }


def as_json(head: Document, rows: Sequence[Packed]) -> Parts:
    """An object: the head, and the alerts."""
    yield 0, b'{"export":' + msgspec.json.encode(head) + b',"alerts":['
    for given, listed in _unpacked(rows):
        documents = [msgspec.json.encode(reviewed_document(row.alert, row.review)) for row in listed]
        yield given, (b"," if given > len(listed) else b"") + b",".join(documents)
    yield len(rows), b"]}"


def as_csv(_: Document, rows: Sequence[Packed]) -> Parts:
    """A line an alert, below a line of names (RFC 4180). A line of another kind would be read as an alert by most."""
    yield 0, _lines([_COLUMNS])
    for given, listed in _unpacked(rows):
        yield given, _lines([[_safe(str(value)) for value in _values(row)] for row in listed])


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its media type, the ending of its name, and what makes it of a head and its alerts."""

    media_type: str
    ending: str
    parts: Callable[[Document, Sequence[Packed]], Parts]


JSON = Form("application/json", "json", as_json)
CSV = Form("text/csv; charset=utf-8", "csv", as_csv)


def file_name(head: Document, form: Form) -> str:
    """The head again, for a file that is found a year later."""
    times = [time.replace("-", "").replace(":", "") for time in (head["first"], head["last"]) if time]
    parts = ["firstsight-alerts", *times, f"{head['alerts']}-alerts", head["users"], f"by-{head['by']}"]
    whole = "_".join(parts) + ("" if head["complete"] else "_incomplete")
    return f"{re.sub(r'[^A-Za-z0-9._-]', '-', whole)}.{form.ending}"


def _unpacked(rows: Sequence[Packed]) -> Iterator[tuple[int, list[Listed]]]:
    """A portion after another, each only when it is asked for; and how many alerts there are up to its end."""
    for start in range(0, len(rows), _PORTION):
        listed = [row.unpack() for row in rows[start : start + _PORTION]]
        yield start + len(listed), listed


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue().encode()


def _values(row: Listed) -> list[object]:
    alert = reviewed_document(row.alert, row.review)
    event, verdict = alert["event"], alert["verdict"]
    values = [
        event["time"],
        alert["severity"],
        verdict["name"],
        verdict["domain"],
        " ".join(reason["code"] for reason in verdict["reasons"]),
        verdict["registration"]["age_days"],
        event["agent"]["name"],
        event["process"]["image"],
        event["process"]["user"],
        " ".join(event["answers"]),
        verdict["seen"]["agents"],
        alert["summary"],
        row.review.state,
        row.review.by,
        rfc3339(row.review.at),
        alert["alert_id"],
    ]
    return ["" if value is None else value for value in values]


def _safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; without NUL, at which some stop reading."""
    cell = cell.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
