"""Alerts as files: JSON as the API has them, CSV for spreadsheets."""

import csv
import io
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from firstsight.core.document import reviewed_document
from firstsight.core.times import rfc3339
from firstsight.ports.views import Listed

_COLUMNS = (
    "time", "severity", "name", "domain", "reasons", "age_days", "agent", "image", "user", "answers", "agents",
    "summary", "state", "reviewed_by", "reviewed", "alert_id",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), blanks before it included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def as_json(rows: Sequence[Listed]) -> Response:
    """An array of alerts."""
    documents = [reviewed_document(row.alert, row.review) for row in rows]
    return _file(msgspec.json.encode(documents), "application/json", "json")


def as_csv(rows: Sequence[Listed]) -> Response:
    """A line an alert, below a line of names (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_safe(str(value)) for value in _values(row)])
    return _file(out.getvalue().encode(), "text/csv; charset=utf-8", "csv")


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


def _file(body: bytes, kind: str, ending: str) -> Response:
    name = f'attachment; filename="firstsight-alerts.{ending}"'
    return Response(body, media_type=kind, headers={"Content-Disposition": name})
