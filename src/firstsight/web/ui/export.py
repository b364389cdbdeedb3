"""Alerts as files: JSON as the API has them, CSV for spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from firstsight.core.document import reviewed_document
from firstsight.core.times import rfc3339
from firstsight.ports.views import Listed

_COLUMNS = (
    "time", "severity", "name", "domain", "reasons", "age_days", "agent", "image", "user", "answers", "agents",
    "summary", "state", "reviewed_by", "reviewed", "alert_id",
)  # fmt: skip
# What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), blanks before it included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


Pages = AsyncIterator[Sequence[Listed]]
"""Alerts, a page at a time: a file begins at once, however long its alerts take to be found."""


def as_json(pages: Pages) -> Response:
    """An array of alerts."""
    return _file(_json(pages), "application/json", "json")


def as_csv(pages: Pages) -> Response:
    """A line an alert, below a line of names (RFC 4180)."""
    return _file(_csv(pages), "text/csv; charset=utf-8", "csv")


async def _json(pages: Pages) -> AsyncIterator[bytes]:
    before = b"["
    async for rows in pages:
        if rows:
            yield before + await run_in_threadpool(_documents, rows)
            before = b","
    yield b"]" if before == b"," else b"[]"


async def _csv(pages: Pages) -> AsyncIterator[bytes]:
    yield _lines([_COLUMNS])
    async for rows in pages:
        yield await run_in_threadpool(lambda rows: _lines(map(_values, rows)), rows)


def _documents(rows: Sequence[Listed]) -> bytes:
    """Alerts of an array, without its brackets."""
    return msgspec.json.encode([reviewed_document(row.alert, row.review) for row in rows])[1:-1]


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerows([_safe(str(value)) for value in row] for row in rows)
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


def _file(parts: AsyncIterator[bytes], kind: str, ending: str) -> Response:
    name = f'attachment; filename="firstsight-alerts.{ending}"'
    return StreamingResponse(parts, media_type=kind, headers={"Content-Disposition": name})
