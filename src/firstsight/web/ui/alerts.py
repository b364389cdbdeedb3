"""Alerts: picked by words in the address, opened to their evidence, marked by whoever has looked at them."""

import asyncio
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from firstsight.core.alertfilter import Term, parse_filter
from firstsight.core.errors import InputError
from firstsight.core.review import MOST_MARKED, Review, State
from firstsight.ports.views import AlertPage, Listed
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.forms import chosen, fields
from firstsight.web.ui.asked import whole_number
from firstsight.web.ui.export import Export, as_csv, as_json
from firstsight.web.ui.facts import pulses, told
from firstsight.web.ui.rendering import amiss, render

SHOWN = 50
_MOST_EXPORTED = 10_000
_EXPORTED_AT_ONCE = 100
_BETWEEN = 0.01  # seconds: a thread that never rests takes the interpreter away from events
_SHORTCUTS = (
    ("new", "state:new"),
    ("critical and high", "severity:critical,high"),
    ("young", "age:<30d"),
    ("random-looking", "reason:random_name"),
    ("unusual programs", "reason:unusual_process"),
)


class Alerts:
    """The pages.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def listed(self, request: Request) -> Response:
        """`GET /ui/alerts?q=FILTER&before=N`; runs in a thread of its own."""
        asked = request.query_params
        q = asked.get("q", "")
        page, fault = AlertPage([], None), None
        try:
            page = self._picked(parse_filter(q), whole_number(asked.get("before")), SHOWN)
        except InputError as error:
            fault = str(error)
        values = {
            "here": "alerts",
            "now": self._service.clock.now(),
            "q": q,
            "page": page,
            "amiss": fault,
            "before": asked.get("before", ""),
            "shortcuts": _SHORTCUTS,
            "marked": whole_number(asked.get("marked")),
        }
        return render(request, "alerts.html", values, 400 if fault else 200)

    def _picked(self, terms: tuple[Term, ...], before: int | None, limit: int) -> AlertPage:
        return self._service.views.alerts(terms, now=self._service.clock.now(), before=before, limit=limit)

    def one(self, request: Request) -> Response:
        """`GET /ui/alert?id=ID`: a page; with `part=1` the evidence alone, for a row that is opened."""
        wanted = request.query_params.get("id", "")
        listed = self._service.views.alert(wanted)
        if listed is None:
            sentence = f"There is no alert {wanted[:64]!r} in this store; it may be older than alerts are kept."
            return amiss(request, "No such alert", sentence, 404, "alerts")
        alert = listed.alert
        values = {
            "here": "alerts",
            "now": self._service.clock.now(),
            "row": listed,
            "alert": alert,
            "facts": told(alert.verdict, alert.at, self._service.policy.new_days),
            "pulses": pulses(alert.verdict.intel),
            "q": request.query_params.get("q", ""),  # the list that it was opened in
            "before": request.query_params.get("before", ""),
        }
        return render(request, "evidence.html" if "part" in request.query_params else "alert.html", values)

    async def mark(self, request: Request) -> Response:
        """`POST /ui/alerts/state`: note what somebody thinks of some alerts, then show the list again."""
        body = await request.body()
        form, ids = fields(body), chosen(body, "id")
        if form.get("state") not in list(State) or len(ids) > MOST_MARKED:
            sentence = "The form can't be read. Go back, choose some alerts and a state, and send it again."
            return amiss(request, "Nothing was marked", sentence, 400, "alerts")
        state, who, now = State(form["state"]), asker(request.scope), self._service.clock.now()
        # The writer's own connection is the service's thread's.
        number = self._service.store.review(ids, Review(state, who.called, now), who.by) if ids else 0
        back = {key: form[key] for key in ("q", "before") if form.get(key)}
        return RedirectResponse(f"/ui/alerts?{urlencode({**back, 'marked': number})}", 303)

    async def export(self, request: Request) -> Response:
        """`GET /ui/alerts/export?q=FILTER&format=csv|json`: what the filter picks, once that is noted."""
        if request.method == "HEAD":
            return Response()  # nobody gets anything: nothing is noted
        asked = request.query_params
        try:
            terms = parse_filter(asked.get("q", ""))
        except InputError as error:
            return amiss(request, "No export", str(error), 400, "alerts")
        rows, complete = await self._all(terms)
        form, q = ("csv" if asked.get("format") == "csv" else "json"), asked.get("q", "")
        about = f"{len(rows):,} alerts as {form}" + (f", {q}" if q else "")
        by, now = asker(request.scope), self._service.clock.now()
        self._service.access.trail.note(by.by.deed("exported", now, about))
        export = Export(rows, complete, q, by.who, now)
        return await run_in_threadpool(as_csv if form == "csv" else as_json, export)

    async def _all(self, terms: tuple[Term, ...]) -> tuple[list[Listed], bool]:
        """What a filter picks, as far as an export goes; and whether that is all."""
        rows: list[Listed] = []
        before = None
        while len(rows) < _MOST_EXPORTED:
            most = min(_EXPORTED_AT_ONCE, _MOST_EXPORTED - len(rows))
            page = await run_in_threadpool(self._picked, terms, before, most)
            rows += page.rows
            if page.next is None:
                return rows, True
            before = page.next
            await asyncio.sleep(_BETWEEN)
        return rows, False
