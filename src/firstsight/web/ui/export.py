"""Alerts as files: JSON as the API has them, CSV for spreadsheets."""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from starlette.responses import Response

from firstsight.core.disguise import held_in_words, holding
from firstsight.core.document import Document, reviewed_document
from firstsight.core.times import rfc3339
from firstsight.ports.views import Listed

_COLUMNS = (
    "time", "severity", "name", "domain", "reasons", "age_days", "agent", "image", "user", "answers", "agents",
    "summary", "state", "reviewed_by", "reviewed", "alert_id",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), blanks before it included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


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

    rows: Sequence[Listed]
    complete: bool
    q: str
    by: str
    at: float

    @property
    def head(self) -> Document:
        """What it holds: `users` says whether there are names of people in it, or pseudonyms."""
        times = [row.alert.asked.time for row in self.rows]
        return {
            "made": rfc3339(int(self.at)),
            "by": self.by,
            "filter": self.q,
            "users": held_in_words({holding(row.alert.asked.process) for row in self.rows}),
            "first": rfc3339(int(min(times))) if times else None,
            "last": rfc3339(int(max(times))) if times else None,
            "alerts": len(self.rows),
            "complete": self.complete,
        }


def as_json(export: Export) -> Response:
    """An object: the head, and the alerts."""
    documents = [reviewed_document(row.alert, row.review) for row in export.rows]
    head = export.head
    body = msgspec.json.encode({"export": head, "alerts": documents})
    return _file(export, head, body, "application/json", "json")


def as_csv(export: Export) -> Response:
    """A line an alert, below a line of names (RFC 4180). A line of another kind would be read as an alert by most."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in export.rows:
        writer.writerow([_safe(str(value)) for value in _values(row)])
    return _file(export, export.head, out.getvalue().encode(), "text/csv; charset=utf-8", "csv")


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


def _file(export: Export, head: Document, body: bytes, kind: str, ending: str) -> Response:
    """The head is in the name too, for a file that is found a year later, and in a header for programs."""
    times = [time.replace("-", "").replace(":", "") for time in (head["first"], head["last"]) if time]
    parts = ["firstsight-alerts", *times, f"{head['alerts']}-alerts", head["users"], f"by-{export.by}"]
    name = re.sub(r"[^A-Za-z0-9._-]", "-", "_".join(parts) + ("" if export.complete else "_incomplete"))
    return Response(
        body,
        media_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{ending}"',
            "Firstsight-Export": json.dumps(head),  # ASCII, whatever the filter holds
        },
    )
