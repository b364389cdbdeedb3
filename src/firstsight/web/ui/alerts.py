"""Alerts: picked by words in the address, opened to their evidence, marked by whoever has looked at them."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from firstsight.core.alertfilter import parse_filter
from firstsight.core.errors import InputError
from firstsight.core.review import MOST_MARKED, Review, State
from firstsight.ports.views import AlertPage
from firstsight.service import Service
from firstsight.web.asker import asker
from firstsight.web.forms import chosen, fields
from firstsight.web.ui.asked import whole_number
from firstsight.web.ui.facts import pulses, told
from firstsight.web.ui.rendering import amiss, render

SHOWN = 50
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
            before = whole_number(asked.get("before"))
            page = self._service.views.alerts(
                parse_filter(q), now=self._service.clock.now(), before=before, limit=SHOWN
            )
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
