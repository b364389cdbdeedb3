"""Exceptions: what is in force, what has ended or soon will, and what each has held back; ended or given more time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from firstsight.core.errors import InputError
from firstsight.core.exceptions import NEVER, ExceptionRefusedError, ExceptionRule, parse_expiry
from firstsight.core.times import rfc3339
from firstsight.ports import Hits
from firstsight.service import Service
from firstsight.watch.exceptions import Counted
from firstsight.web.asker import asker
from firstsight.web.forms import fields
from firstsight.web.ui.rendering import amiss, render

SOON = 7 * 86_400.0
"""Seconds before its end in which an exception is said to end soon."""

_MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Row:
    """An exception as it is shown; `state` is one of STATES."""

    rule: ExceptionRule
    hits: Hits
    state: str

    @property
    def said(self) -> str:
        """Its state in words."""
        return STATES[self.state]


STATES = {"soon": "ends soon", "expired": "expired", "active": "in force"}
"""How far an exception has come: first what needs somebody."""

_VIEWS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "": ("all", lambda _: True),
    "active": ("in force", lambda row: row.state != "expired"),
    "soon": ("ends within 7 days", lambda row: row.state == "soon"),
    "expired": ("expired", lambda row: row.state == "expired"),
    "idle": ("without a hit", lambda row: not row.hits.count),
}


class ExceptionPages:
    """The pages.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def listed(self, request: Request) -> Response:
        """`GET /ui/exceptions?q=WORDS&show=VIEW`; asked in the service's own thread, drawn in another."""
        asked, now = request.query_params, self._service.clock.now()
        rows = rows_of(self._service.exceptions.counted(), now)
        q = asked.get("q", "")
        show = asked.get("show", "") if asked.get("show", "") in _VIEWS else ""
        found = [row for row in rows if _VIEWS[show][1](row) and _says(row.rule, q)]
        values = {
            "here": "exceptions",
            "now": now,
            "q": q,
            "show": show,
            "views": [(key, label, sum(map(fits, rows))) for key, (label, fits) in _VIEWS.items()],
            "rows": found[:_MOST_ROWS],
            "more": len(found[_MOST_ROWS:]),
            "number": len(rows),
            "saved": asked.get("saved", ""),
            "ended": asked.get("ended", ""),
        }
        return await run_in_threadpool(render, request, "exceptions.html", values)

    async def one(self, request: Request) -> Response:
        """`GET /ui/exception?id=ID`."""
        return self._one(request, request.query_params.get("id", ""))

    def _one(self, request: Request, wanted: str, typed: str | None = None, fault: str = "") -> Response:
        counted, now = self._service.exceptions.find(wanted), self._service.clock.now()
        if counted is None:
            return _none_such(request, wanted)
        values = {
            "here": "exceptions",
            "now": now,
            "row": rows_of([counted], now)[0],
            "expires": _end_of(counted.rule) if typed is None else typed,
            "amiss": fault,
        }
        return render(request, "exception.html", values, 422 if fault else 200)

    async def until(self, request: Request) -> Response:
        """`POST /ui/exception/expires`: give one another end."""
        form = fields(await request.body())
        wanted, typed = form.get("id", ""), form.get("expires", "")
        counted = self._service.exceptions.find(wanted)
        if counted is None:
            return _none_such(request, wanted)
        try:
            now = self._service.clock.now()  # whoever gives it another end makes it anew
            expires = parse_expiry(typed, now)
            rule = replace(counted.rule, author=counted.rule.on_behalf_of, made=now, expires=expires)
            self._service.exceptions.add(rule, asker(request.scope).by)
        except ExceptionRefusedError as error:
            return self._one(request, wanted, typed, str(error))
        except InputError as error:
            return _of_the_file(request, error)
        return RedirectResponse(f"/ui/exceptions?{urlencode({'saved': wanted})}", 303)

    async def end(self, request: Request) -> Response:
        """`POST /ui/exception/end`: end one, and forget it."""
        wanted = fields(await request.body()).get("id", "")
        try:
            there = self._service.exceptions.remove(wanted, asker(request.scope).by)
        except InputError as error:
            return _of_the_file(request, error)
        return RedirectResponse("/ui/exceptions?ended=1", 303) if there else _none_such(request, wanted)


def rows_of(counted: list[Counted], now: float) -> list[Row]:
    """Exceptions as they are shown: those that end soon, those that have ended, and the others by their end."""
    rows = [Row(rule, hits, _state(rule, now)) for rule, hits in counted]
    order = list(STATES)
    return sorted(rows, key=lambda row: (order.index(row.state), row.rule.expires or float("inf"), row.rule.id))


def _state(rule: ExceptionRule, now: float) -> str:
    if rule.expired(now):
        return "expired"
    return "active" if rule.expires is None or rule.expires - now > SOON else "soon"


def _says(rule: ExceptionRule, words: str) -> bool:
    """Whether all words stand somewhere in it, in any case."""
    texts = (rule.domain, rule.process, rule.agent, *rule.scope, rule.reason, rule.author, rule.on_behalf_of, rule.id)
    said = "\n".join(texts).casefold()
    return all(word in said for word in words.casefold().split())


def _end_of(rule: ExceptionRule) -> str:
    """An exception's end as a person would write it."""
    return NEVER if rule.expires is None else str(rfc3339(int(rule.expires)))


def _none_such(request: Request, wanted: str) -> Response:
    sentence = f"There is no exception {wanted[:64]!r}. Somebody may have ended it; the list shows those that are left."
    return amiss(request, "No such exception", sentence, 404, "exceptions")


def _of_the_file(request: Request, error: InputError) -> Response:
    return amiss(request, "Nothing was changed", str(error), 409, "exceptions")
