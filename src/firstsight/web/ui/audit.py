"""Who did what: the trail as a page for administrators, the newest first."""

from datetime import UTC, date, datetime, time, timedelta
from math import inf
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from firstsight.core.deeds import DEEDS, DeedFilter
from firstsight.core.times import rfc3339
from firstsight.service import Service
from firstsight.web.ui.asked import whole_number
from firstsight.web.ui.rendering import render

SHOWN = 100
_NEWEST = 2**62  # before every entry's number


class AuditPage:
    """The page.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def listed(self, request: Request) -> Response:
        """`GET /ui/audit?who=PART&what=WORD&since=DATE&until=DATE&before=N`; runs in a thread of its own."""
        asked = {key: request.query_params.get(key, "").strip()[:200] for key in ("who", "what", "since", "until")}
        rows, amiss = [], ""
        wanted = DeedFilter()
        try:
            wanted = _filter(asked)
        except ValueError:
            amiss = "A day is written as 2026-11-24, and what was done is one of the list. Nothing was looked for."
        else:
            before = whole_number(request.query_params.get("before"))
            rows = self._service.views.newest_deeds(wanted, before=_NEWEST if before is None else before, limit=SHOWN)
        given = {key: text for key, text in asked.items() if text}
        values = {
            "here": "audit",
            "rows": rows,
            "asked": asked,
            "amiss": amiss,
            "deeds": DEEDS,
            "older": urlencode({**given, "before": rows[-1][0]}) if len(rows) == SHOWN else "",
            "export": urlencode(_as_api(wanted)),
        }
        return render(request, "audit.html", values, 400 if amiss else 200)


def _filter(asked: dict[str, str]) -> DeedFilter:
    """What is asked for; a day counts from its beginning, or to its end. ValueError: it can't be read."""
    if asked["what"] and asked["what"] not in DEEDS:
        raise ValueError(asked["what"])
    since = _midnight(asked["since"]) if asked["since"] else 0.0
    until = _midnight(asked["until"], 1) if asked["until"] else inf
    return DeedFilter(asked["what"], asked["who"], since, until)


def _midnight(day: str, later: int = 0) -> float:
    """The beginning of a day, or of one later, UTC, seconds since the epoch; ValueError: there is no such day."""
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=later), time(), UTC).timestamp()
    except OverflowError as error:
        raise ValueError(day) from error


def _as_api(wanted: DeedFilter) -> dict[str, str]:
    """The same as `/v1/audit/export` is asked for it."""
    found = {"what": wanted.what, "who": wanted.who}
    found["since"] = (rfc3339(wanted.since) or "") if wanted.since else ""
    found["until"] = "" if wanted.until == inf else rfc3339(wanted.until) or ""
    return {key: text for key, text in found.items() if text}
