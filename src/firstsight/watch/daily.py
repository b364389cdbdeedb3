"""What is told once a day: which agents have fallen silent, and the day's figures."""

from collections.abc import Sequence

import msgspec

from firstsight.core.notices import Details, Notice, NoticeState, make_notice, span
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Severity
from firstsight.ports import Changes, Silence, Store

_DAY = 86400.0
_NAMES = 200  # of agents that a notice carries
_NAMED = 10  # and that its sentence says
_MARK = "daily"


class _Told(msgspec.Struct):
    """How far it has been told: when, and all counters then."""

    at: float
    totals: dict[str, int]


class Daily:
    """The daily notices: one commit holds them, the agents that are told of, and how far the figures go.

    Figures are differences of counters that never go back, so each is in one digest, whatever was restarted in
    between; a day on which nothing ran is in the next one, which says what it spans.

    Args:
        store: the figures.
        at: seconds after midnight UTC; None = no figures, and silent agents are told of at midnight.
        agent_silent: seconds after which an agent is silent; 0 = never.
    """

    def __init__(self, store: Store, *, at: float | None, agent_silent: float) -> None:
        self._store = store
        self._at = at or 0.0
        self._digest = at is not None
        self._agent_silent = agent_silent
        self._told: _Told | None = None

    def look(self, now: float, troubles: Sequence[str]) -> None:
        """Tell what is due.

        Args:
            now: the time.
            troubles: what is open, as code and subject.

        Raises:
            StoreError: nothing is told; the next look tries again.
        """
        told = self._last()
        if told is None or told.at > now + _DAY:  # never told, or by a clock that was far ahead
            self._commit(Changes(), _Told(now, self._store.totals() if told is None else told.totals))
        elif now >= self._due(told.at):
            totals = self._store.totals()
            changes = Changes()
            silence = self._silence(changes, told.at, now)
            if self._digest:
                changes.notices.append(_digest(told, _Told(now, totals), silence.silent, troubles))
            self._commit(changes, _Told(now, totals))

    def _last(self) -> _Told | None:
        if self._told is None and (mark := self._store.mark(_MARK)) is not None:
            self._told = msgspec.json.decode(mark, type=_Told)
        return self._told

    def _commit(self, changes: Changes, told: _Told) -> None:
        changes.marks[_MARK] = msgspec.json.encode(told).decode()
        self._store.apply(changes)
        self._told = told

    def _due(self, told: float) -> float:
        """The first time of day after what was told."""
        return ((told - self._at) // _DAY + 1) * _DAY + self._at

    def _silence(self, changes: Changes, since: float, now: float) -> Silence:
        """Tell of agents that have fallen silent, and of those that speak again."""
        heard = [self._store.source(name).last for name in self._store.sources()]
        # As far as sources have come: while none is read, no agent can be heard.
        until = max((last for last in heard if last is not None), default=None)
        if not self._agent_silent or until is None:
            return Silence([], [], 0)
        silence = self._store.silence(until - self._agent_silent, self._agent_silent)
        if silence.fallen:
            what = f"no DNS event for {span(self._agent_silent)} or longer"
            changes.notices.append(_agents(NoticeState.BEGAN, silence.fallen, what, since, now))
            changes.missed = [number for number, _ in silence.fallen]
        if silence.back:
            changes.notices.append(_agents(NoticeState.OVER, silence.back, "DNS events again", since, now))
            changes.heard_again = [number for number, _ in silence.back]
        return silence


def _agents(state: NoticeState, agents: list[tuple[int, str]], what: str, since: float, now: float) -> Notice:
    names = [name for _, name in agents]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    sent = "has sent" if state is NoticeState.BEGAN else "sends"
    if len(names) > 1:
        sent = "have sent" if state is NoticeState.BEGAN else "send"
    count = f"{len(names):,} agent{'s' if len(names) > 1 else ''}"
    return make_notice(
        "agent_silent",
        state,
        "agents",
        f"{count} {sent} {what}: {', '.join(names[:_NAMED])}{more}.",
        at=now,
        since=since,
        details={"count": str(len(names)), "names": names[:_NAMES]},
    )


def _digest(before: _Told, told: _Told, silent: int, troubles: Sequence[str]) -> Notice:
    figures = {what: n - before.totals.get(what, 0) for what, n in told.totals.items()}
    alerts = {severity: figures.get(f"alerts:{severity}", 0) for severity in reversed(Severity)}
    held = {what.partition(":")[2]: n for what, n in sorted(figures.items()) if what.startswith("held:")}
    skipped = sum(n for what, n in figures.items() if what.startswith("skipped:"))
    new, total = figures.get("new", 0), sum(alerts.values())
    kinds = ", ".join(f"{n:,} {severity}" for severity, n in alerts.items() if n)
    details: Details = {
        "new_domains": str(new),
        "alerts": str(total),
        **{f"alerts_{severity}": str(n) for severity, n in alerts.items() if severity is not Severity.NONE},
        **{f"held_back_{cause}": str(n) for cause, n in held.items()},
        "agents_silent": str(silent),
        "lines": str(figures.get("lines", 0)),
        "lines_skipped": str(skipped),
        "events": str(figures.get("events", 0)),
        "troubles": list(troubles),
    }
    summary = (
        f"In the {span(told.at - before.at)} until {rfc3339(int(told.at))}: {new:,} new domains, {total:,} alerts"
        f"{f' ({kinds})' if kinds else ''}, {sum(held.values()):,} held back, {silent:,} agents silent; "
        f"{figures.get('events', 0):,} DNS events in {figures.get('lines', 0):,} lines."
    )
    if troubles:
        summary += f" Amiss now: {', '.join(troubles)}."
    return make_notice("digest", NoticeState.ONCE, "", summary, at=told.at, since=before.at, details=details)
