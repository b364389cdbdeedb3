"""A domain's page, an agent's, and the way to them by a word in the search field."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from firstsight.core.alertfilter import KEYS, Term, of_agent
from firstsight.core.alerts import Alert
from firstsight.core.evidence import said
from firstsight.core.facts import Known
from firstsight.core.names import Kind, Name
from firstsight.core.verdict import Verdict
from firstsight.ports.views import DomainView, Listed
from firstsight.service import Service
from firstsight.web.domains import registration
from firstsight.web.intel import asked
from firstsight.web.ui.exceptions import rows_of
from firstsight.web.ui.facts import age_said, pulses, sentence, told
from firstsight.web.ui.rendering import amiss, render

_ALERTS_SHOWN = 20
_ANSWERS_SHOWN = 50
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Happened:
    """Something in a domain's timeline; seconds since the epoch."""

    at: float
    words: str
    kind: str = ""


class Names:
    """The pages.

    Args:
        service: the running service.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    async def domain(self, request: Request) -> Response:
        """`GET /ui/domain?name=NAME`: everything known of a name; asks its registry in the background."""
        service, now = self._service, self._service.clock.now()
        name = service.lens.parse(request.query_params.get("name", "").strip())
        if name.kind is Kind.INVALID:
            return _no_name(request, request.query_params.get("name", ""))
        age, intel = await asyncio.gather(registration(service, name, 0), asked(service, name, 0))
        seen = service.store.seen([name.registrable]).get(name.registrable) if name.judged else None
        hosts, more_hosts = service.store.hosts(name.registrable) if name.judged else ([], False)
        verdict = service.assess(name, age, seen, intel)
        view, alerts = await asyncio.gather(
            run_in_threadpool(service.views.domain, name.registrable),
            run_in_threadpool(self._alerts_of, name.registrable, now),
        )
        view = view or DomainView()
        events = [row.alert for row in alerts]
        values = {
            "here": "",
            "now": now,
            "name": name,
            "verdict": verdict,
            "sentence": sentence(verdict, [row.alert.verdict.severity for row in alerts], now),
            "facts": told(verdict, now, service.policy.new_days),
            "ages": [age_said(one) for one in said(age, service.lens.proofs(name))],
            "pulses": pulses(verdict.intel),
            "view": view,
            "hosts": hosts,
            "more_hosts": more_hosts,
            "alerts": alerts,
            "exceptions": rows_of(service.exceptions.naming(name), now),
            "answers": _answers(events),
            "programs": sorted({alert.asked.process.image for alert in events if alert.asked.process.image}),
            "timeline": _timeline(name, verdict, view, events),
        }
        return await run_in_threadpool(render, request, "domain.html", values)  # it takes longer than a batch

    def _alerts_of(self, registrable: str, now: float) -> list[Listed]:
        if not registrable:
            return []
        terms = [Term("domain", (registrable,))]
        return self._service.views.alerts(terms, now=now, before=None, limit=_ALERTS_SHOWN).rows

    def agent(self, request: Request) -> Response:
        """`GET /ui/agent?name=NAME`; runs in a thread of its own."""
        wanted = request.query_params.get("name", "").strip()
        view = self._service.views.agent(wanted)
        now = self._service.clock.now()
        if view is None:
            words = f"No agent named {wanted[:128]!r} is known here. Its name in Wazuh is what is looked for."
            return amiss(request, "No such agent", words, 404)
        alerts = self._service.views.alerts([of_agent(wanted)], now=now, before=None, limit=_ALERTS_SHOWN).rows
        first = min(
            (at for at in (view.first, *(sight.time for sight in view.first_sights)) if at is not None), default=None
        )
        values = {"here": "", "now": now, "name": wanted, "view": view, "first": first, "alerts": alerts}
        return render(request, "agent.html", values)

    def search(self, request: Request) -> Response:
        """`GET /ui/search?q=…`: an agent by its name, a filter, else a DNS name, also one never seen."""
        q = request.query_params.get("q", "").strip()
        if any(f"{key}:" in q for key in KEYS):
            return RedirectResponse(f"/ui/alerts?{urlencode({'q': q})}", 303)
        if q and self._service.views.agent(q) is not None:
            return RedirectResponse(f"/ui/agent?{urlencode({'name': q})}", 303)
        return RedirectResponse(f"/ui/domain?{urlencode({'name': q})}", 303)


def _no_name(request: Request, given: str) -> Response:
    words = (
        f"{given[:253]!r} is no DNS name: labels of letters, digits, - and _, with dots. An agent is found by its "
        f"whole name in Wazuh; alerts by a filter, such as agent:WIN10."
    )
    return amiss(request, "Nothing found", words, 404)


def _answers(alerts: list[Alert]) -> list[str]:
    found = dict.fromkeys(answer for alert in alerts for answer in alert.asked.answers)
    return list(found)[:_ANSWERS_SHOWN]


def _timeline(name: Name, verdict: Verdict, view: DomainView, alerts: list[Alert]) -> list[Happened]:
    """What happened when, the newest first."""
    seen = verdict.seen
    found = []
    if isinstance(verdict.registration, Known):
        its = verdict.registration.value
        what = "on a list" if its.at_least else "registered"
        found.append(Happened(its.registered, f"{name.registered} {what}, says {its.source}"))
    if seen.looked_up is not None:
        found.append(Happened(seen.looked_up, "looked up here for the first time"))
    if seen.first is not None:
        who = f", by {view.first_agent}" if view.first_agent else ""
        found.append(Happened(seen.first, f"first seen here{who}"))
    if seen.last is not None and seen.count > 1:
        found.append(Happened(seen.last, "last seen"))
    if view.in_vain is not None:
        found.append(Happened(view.in_vain.first, "first asked for in vain"))
    for agent in view.agents:
        at = agent.first_day * _DAY
        if agent.name != view.first_agent and at > (seen.first or 0):
            found.append(Happened(at, f"{agent.name} asks too"))
    found += [Happened(alert.asked.time, f"alert: {alert.summary}", str(alert.verdict.severity)) for alert in alerts]
    return sorted(found, key=lambda item: -item.at)
