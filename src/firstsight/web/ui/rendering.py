"""Templates, always escaped, and the few words that they share."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from firstsight.access.access import Access
from firstsight.core.reasons import REASONS
from firstsight.core.review import State
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Severity
from firstsight.web.asker import Kind, asker
from firstsight.web.auth import way_to_log_in
from firstsight.web.scopes import opens

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400

STATES = {
    State.NEW: "new",
    State.REVIEWED: "reviewed",
    State.FALSE_ALARM: "false alarm",
    State.CONFIRMED: "confirmed",
}
"""How states are called on pages."""


def span(seconds: float) -> str:
    """How long, in the largest unit that is not fine-grained: `40 s`, `3 h`, `12 days`."""
    for size, unit in ((2 * _DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // (_DAY if unit == 'days' else size))} {unit}"
    return f"{max(0, int(seconds))} s"


def when(seconds: float | None, now: float) -> Markup:
    """A time as an element: how long ago, and on pointing at it the time itself, UTC."""
    if seconds is None:
        return Markup("–")
    exact = escape(rfc3339(int(seconds)))
    ago = f"{span(now - seconds)} ago" if seconds <= now else f"in {span(seconds - now)}"
    return Markup('<time datetime="{0}" title="{0}">{1}</time>').format(exact, ago)


def stamp(seconds: float) -> str:
    """A time as a row begins with: `24 Nov 05:12:07`, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%d %b %H:%M:%S")


def moment(seconds: float) -> str:
    """A time to the second, with its year: `2026-11-24 05:12:07`, UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def stamped(seconds: float, now: float) -> Markup:
    """The same without seconds, as an element that tells on pointing at it how long ago that is."""
    short = datetime.fromtimestamp(seconds, UTC).strftime("%d %b %H:%M")
    exact = rfc3339(int(seconds))
    return Markup('<time datetime="{}" title="{}, {} ago">{}</time>').format(exact, exact, span(now - seconds), short)


def number(n: int, what: str) -> str:
    """So many of something: `1 agent`, `2,000 agents`."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def day(days: float) -> str:
    """A day since the epoch: `24 Nov 2026`."""
    return datetime.fromtimestamp(days * _DAY, UTC).strftime("%d %b %Y")


def _severity(rank: int) -> Severity:
    return Severity.at(rank)


_environment = Environment(
    loader=PackageLoader("firstsight.web.ui"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,  # it would look at each template's file for each page
)
_environment.filters |= {
    "span": span,
    "stamp": stamp,
    "moment": moment,
    "severity": _severity,
    "number": number,
    "day": day,
}
_environment.globals |= {
    "when": when,
    "stamped": stamped,
    "states": STATES,
    "reason_kinds": list(REASONS.values()),
}


def render(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """A page, or a part of one.

    Beside its own values each has `asker`, who asks; `csrf`, for forms; `may`, whether a route is open to them; and
    `log_in`, the way to the log-in where somebody could say who they are and has not.
    """
    who = asker(request.scope)
    access: Access = request.app.state.access
    everywhere = {
        "asker": who,
        "csrf": who.csrf,
        "may": partial(opens, scopes=who.scopes),
        "log_in": way_to_log_in(request.scope) if who.kind is Kind.LOCAL and access.has_people else "",
    }
    return HTMLResponse(text(template, {**everywhere, **values}), status)


def amiss(request: Request, title: str, sentence: str, status: int, here: str = "") -> HTMLResponse:
    """A page that says why there is nothing else to show; `here`: the page's place in the head."""
    return render(request, "amiss.html", {"here": here, "title": title, "sentence": sentence}, status)


def text(template: str, values: Mapping[str, Any]) -> str:
    """The same as text."""
    return _environment.get_template(template).render(values)
