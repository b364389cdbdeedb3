"""Whether who asks may see people's names (`[privacy] viewers_see_users`): one place for all pages and answers.

What shows evidence reads it by `Service.views`, which `DiscreetViews` then stands in front of, or through `shown`. Both
ask whom the request is from, which `Discretion` notes for as long as it is answered, its threads and streams included.
"""

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import replace

from firstsight.access.tokens import TokenScope
from firstsight.core.alertfilter import Term
from firstsight.core.alerts import Alert
from firstsight.core.deeds import Deed, DeedFilter
from firstsight.core.disguise import LEFT_OUT
from firstsight.core.process import program
from firstsight.core.review import State
from firstsight.core.verdict import Severity
from firstsight.ports.views import (
    AgentFigures,
    AgentView,
    AlertPage,
    DomainView,
    FirstSight,
    HeatRow,
    Listed,
    Packed,
    Views,
)
from firstsight.web.asgi import App, Receive, Scope, Send
from firstsight.web.asker import asker

_SEERS = frozenset({TokenScope.REVIEW, TokenScope.ADMIN})
_sees = ContextVar("sees_users", default=True)  # where nobody notes it, everybody may


class Discretion:
    """An ASGI app around another one: whoever neither marks alerts nor administers sees no names of people in it.

    Args:
        app: what answers; it stands behind what finds out who asks.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        before = _sees.set(bool(_SEERS & asker(scope).scopes))
        try:
            await self._app(scope, receive, send)
        finally:
            _sees.reset(before)


def shown(alert: Alert) -> Alert:
    """An alert as whoever asks may see it."""
    return alert if _sees.get() else LEFT_OUT.alert(alert)


class DiscreetViews:
    """ports.Views, as whoever asks may see it.

    Args:
        views: everything.
    """

    def __init__(self, views: Views) -> None:
        self._views = views

    def hours(self, since: int) -> dict[str, dict[int, int]]:
        """What was counted."""
        return self._views.hours(since)

    def busiest(self, since: int, limit: int) -> list[AgentFigures]:
        """The agents with most events."""
        return self._views.busiest(since, limit)

    def heat(self, since: float, limit: int) -> list[HeatRow]:
        """The names that weigh most."""
        return self._views.heat(since, limit)

    def first_sights(self, after: int, limit: int) -> list[FirstSight]:
        """First sightings."""
        return [_sight(sight) for sight in self._views.first_sights(after, limit)]

    def alerts(self, terms: Sequence[Term], *, now: float, before: int | None, limit: int) -> AlertPage:
        """Alerts that a filter picks. One by programs finds none by what is not shown of a program's name."""
        page = self._views.alerts(terms, now=now, before=before, limit=limit)
        if _sees.get():
            return page
        rows = [replace(row, alert=shown(row.alert)) for row in page.rows]
        if any(term.key == "process" for term in terms):
            rows = [row for row, whole in zip(rows, page.rows, strict=True) if _program(row) == _program(whole)]
        return replace(page, rows=rows)

    def packed(self, terms: Sequence[Term], *, now: float, most: int) -> tuple[list[Packed], bool]:
        """The same, not unpacked yet."""
        rows, complete = self._views.packed(terms, now=now, most=most)
        if _sees.get():
            return rows, complete
        if any(term.key == "process" for term in terms):
            rows = [row for row in rows if program(LEFT_OUT.process(row.process).image) == program(row.process.image)]
        return [_discreet(row) for row in rows], complete

    def decided(self, after: int, limit: int, severity: Severity | None, state: State | None) -> list[Listed]:
        """Alerts in order of decision."""
        found = self._views.decided(after, limit, severity, state)
        return [replace(row, alert=shown(row.alert)) for row in found]

    def alert(self, alert_id: str) -> Listed | None:
        """One alert."""
        row = self._views.alert(alert_id)
        return None if row is None else replace(row, alert=shown(row.alert))

    def domain(self, registrable: str) -> DomainView | None:
        """What is kept of a domain."""
        view = self._views.domain(registrable)
        if view is None or _sees.get():
            return view
        image = LEFT_OUT.image(view.first_program, view.first_user)
        return replace(view, first_program=image, first_user=LEFT_OUT.user(view.first_user))

    def agent(self, name: str) -> AgentView | None:
        """What is kept of the agents of a name."""
        view = self._views.agent(name)
        if view is None or _sees.get():
            return view
        return replace(
            view,
            first_sights=[_sight(sight) for sight in view.first_sights],
            programs=[replace(one, name=_without(one.name, view.users)) for one in view.programs],
        )

    def deeds(self, wanted: DeedFilter, *, after: int, limit: int) -> list[tuple[int, Deed]]:
        """The audit trail, for those who may see all."""
        return self._views.deeds(wanted, after=after, limit=limit)

    def newest_deeds(self, wanted: DeedFilter, *, before: int, limit: int) -> list[tuple[int, Deed]]:
        """The same, the newest first."""
        return self._views.newest_deeds(wanted, before=before, limit=limit)


def _discreet(row: Packed) -> Packed:
    def unpack() -> Listed:
        listed = row.unpack()
        return replace(listed, alert=LEFT_OUT.alert(listed.alert))

    return Packed(row.time, LEFT_OUT.process(row.process), unpack)


def _program(row: Listed) -> str:
    return program(row.alert.asked.process.image)


def _without(program: str, users: Iterable[str]) -> str:
    """A program's file name, which may be of any of some users, without theirs."""
    for user in users:
        program = LEFT_OUT.image(program, user)
    return program


def _sight(sight: FirstSight) -> FirstSight:
    if _sees.get():
        return sight
    return replace(sight, program=LEFT_OUT.image(sight.program, sight.user), user=LEFT_OUT.user(sight.user))
