"""A new exception: filled in, its effect on the last days looked at, then saved. What was typed is never lost."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from firstsight.core.errors import InputError, StoreError
from firstsight.core.exceptions import OF_AGENTS, ONLY_NAMED, ExceptionRefusedError, ExceptionRule, make_exception
from firstsight.core.process import program
from firstsight.core.reasons import IMPLEMENTED, REASONS
from firstsight.core.verdict import Severity
from firstsight.service import Service
from firstsight.watch.exceptions import PREVIEW_DAYS
from firstsight.web.asker import asker
from firstsight.web.forms import chosen, fields
from firstsight.web.ui.rendering import render

_USUAL_END = "30d"
_ROWS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form."""

    domain: str = ""
    process: str = ""
    agent: str = ""
    scope: tuple[str, ...] = ()
    reason: str = ""
    expires: str = _USUAL_END


class ExceptionForm:
    """The page.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def blank(self, request: Request) -> Response:
        """`GET /ui/exceptions/new?alert=ID` or `?domain=NAME`: begun with what that says; in a thread of its own."""
        asked = request.query_params
        typed = self._of_alert(asked["alert"]) if "alert" in asked else Typed(domain=asked.get("domain", ""))
        return _shown(request, typed)

    def _of_alert(self, alert_id: str) -> Typed:
        """The domain and the program; of what is an agent's own, the agent."""
        listed = self._service.views.alert(alert_id)
        if listed is None:
            return Typed()
        verdict, asked = listed.alert.verdict, listed.alert.asked
        if OF_AGENTS.intersection(reason.code for reason in verdict.reasons):
            return Typed(agent=asked.agent.name)
        return Typed(domain=verdict.domain, process=program(asked.process.image))

    async def send(self, request: Request) -> Response:
        """`POST /ui/exceptions/new`: show what it would have held back; save what that was shown of."""
        body = await request.body()
        form = fields(body)
        texts = {key: form.get(key, "") for key in ("domain", "process", "agent", "reason", "expires")}
        typed = Typed(scope=tuple(chosen(body, "scope")), **texts)
        try:
            rule = self._made(typed)
        except ExceptionRefusedError as error:
            return _shown(request, typed, 422, {error.key: str(error)})
        try:
            if "save" in form and form.get("previewed") == rule.id:
                self._service.exceptions.add(rule, asker(request.scope).by)
                return RedirectResponse(f"/ui/exceptions?{urlencode({'saved': rule.id})}", 303)
            return await self._previewed(request, typed, rule, changed="save" in form)
        except InputError as error:
            return _shown(request, typed, 409, {"": str(error)})
        except StoreError as error:
            return _shown(request, typed, 503, {"": str(error)})

    def _made(self, typed: Typed) -> ExceptionRule:
        return make_exception(
            self._service.lens.parse,
            domain=typed.domain.strip(),
            process=typed.process.strip(),
            agent=typed.agent.strip(),
            scope=typed.scope,
            reason=typed.reason,
            expires=typed.expires,
            now=self._service.clock.now(),
        )

    async def _previewed(self, request: Request, typed: Typed, rule: ExceptionRule, *, changed: bool) -> Response:
        service = self._service
        found = await service.exceptions.preview(rule)
        gravest_first = sorted(found["rows"], key=lambda row: -Severity(row["severity"]).rank)
        preview = {
            "rule": rule,
            "found": found,
            "rows": gravest_first[:_ROWS_SHOWN],
            "more": found["more"] + len(gravest_first[_ROWS_SHOWN:]),
            "days": PREVIEW_DAYS,
            "there": service.exceptions.find(rule.id),
            "known_too": bool(ONLY_NAMED.intersection(rule.scope)),
            "changed": changed,
        }
        return _shown(request, typed, preview=preview)


def _shown(
    request: Request,
    typed: Typed,
    status: int = 200,
    amiss: dict[str, str] | None = None,
    preview: dict[str, object] | None = None,
) -> Response:
    """The form; `amiss`: sentences by the field that they are about."""
    values = {
        "here": "exceptions",
        "typed": typed,
        "amiss": amiss or {},
        "preview": preview,
        "reasons": [REASONS[code] for code in IMPLEMENTED],
    }
    return render(request, "exception_form.html", values, status)
