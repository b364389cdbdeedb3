"""Tell troubles once as they begin and once when they are over, whatever restarts in between."""

import asyncio

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.notices import NOTICES, Notice, NoticeState, make_notice, span
from firstsight.ports import Changes, Clock, Sink, Store
from firstsight.watch.daily import Daily
from firstsight.watch.deeds import DeedNotices
from firstsight.watch.troubles import Trouble, Troubles

log = structlog.get_logger()

Key = tuple[str, str]

_LOOK_SECONDS = 5.0
_DAY = 86400.0
_PAUSE = 300.0  # seconds that a trouble must be gone; doubled with each time it has come back within a day
_WATCHED = frozenset(kind.code for kind in NOTICES.values() if kind.two_sided) - {"agent_silent"}  # that is daily's
_STORE: Key = ("store_trouble", "")


class Notices:
    """Looks at the troubles every few seconds, and keeps what was told where alerts are kept.

    The latest notice of a code and subject says whether a trouble is open, so that what is told once each way rests
    on the commit that stores it. A store that can't be written can't keep that: its own trouble goes to the sinks
    directly, and is remembered here until it is over.

    Args:
        store: keeps notices.
        troubles: says what is amiss.
        sinks: the way out for the store's own trouble.
        clock: the time.
        daily: what is told once a day.
        deeds: what is told of administrators.
    """

    def __init__(
        self,
        store: Store,
        troubles: Troubles,
        sinks: tuple[Sink, ...],
        clock: Clock,
        daily: Daily,
        deeds: DeedNotices,
    ) -> None:
        self._store = store
        self._troubles = troubles
        self._sinks = sinks
        self._clock = clock
        self._daily = daily
        self._deeds = deeds
        self._latest: dict[Key, Notice] | None = None
        self._since: dict[Key, float] = {}  # troubles that are there, and since when
        self._gone: dict[Key, float] = {}  # open ones that are not there, and since when
        self._direct: Notice | None = None  # that the store can't be written, while it is not over
        self._undelivered: list[Sink] = []  # who has not taken it yet

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                self.look()
            except StoreError as error:
                log.warning("notices_not_kept", what=str(error))
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self) -> None:
        """Tell what has lasted long enough, and what is over for long enough.

        Raises:
            StoreError: nothing is told; the next look tries again.
        """
        self._troubles.look()
        now = self._clock.now()
        troubles = {(trouble.code, trouble.subject): trouble for trouble in self._troubles.now()}
        self._since = {key: _earlier(self._since.get(key), now) for key in troubles}
        if _STORE in troubles:
            self._tell_directly(troubles[_STORE], now)
            return
        self._deliver_directly()
        latest = self._told()
        open_ = {key for key, notice in latest.items() if key[0] in _WATCHED and notice.state is NoticeState.BEGAN}
        self._gone = {key: _earlier(self._gone.get(key), now) for key in open_ - troubles.keys()}
        begun = [
            self._begin(trouble, now, latest)
            for key, trouble in troubles.items()
            if key not in open_ and self._lasts(trouble, now)
        ]
        ended = [_end(latest[key], now) for key, gone in self._gone.items() if now - gone >= _pause(latest[key])]
        self._keep([*begun, *ended])
        self._daily.look(now, sorted(f"{code} {subject}".rstrip() for code, subject in open_))
        self._deeds.look(now)

    def _told(self) -> dict[Key, Notice]:
        """The latest notice of each code and subject."""
        if self._latest is None:
            self._latest = {(notice.code, notice.subject): notice for notice in self._store.latest_notices()}
        if self._direct is not None:
            self._latest[_STORE] = self._direct
        return self._latest

    def _lasts(self, trouble: Trouble, now: float) -> bool:
        return now - self._since[trouble.code, trouble.subject] >= trouble.hold

    def _begin(self, trouble: Trouble, now: float, latest: dict[Key, Notice]) -> Notice:
        code, subject = trouble.code, trouble.subject
        before = latest.get((code, subject))
        times = before.times + 1 if before is not None and abs(now - before.at) < _DAY else 1
        since = self._since[code, subject]
        return make_notice(code, NoticeState.BEGAN, subject, trouble.sentence, at=now, since=since, times=times)

    def _keep(self, notices: list[Notice]) -> None:
        """Store notices, and with that send them; only then are they told."""
        self._store.apply(Changes(notices=notices))
        for notice in notices:
            log.info("notice", code=notice.code, state=str(notice.state), subject=notice.subject, what=notice.summary)
            if notice.code == _STORE[0]:
                self._direct, self._undelivered = None, []  # who was away hears of the end, which says what it was
            self._told()[notice.code, notice.subject] = notice

    def _tell_directly(self, trouble: Trouble, now: float) -> None:
        """Tell that the store can't be written, which it may not even be asked about."""
        self._gone.pop(_STORE, None)
        if self._direct is None and self._lasts(trouble, now):
            self._direct = self._begin(trouble, now, self._latest or {})
            self._undelivered = list(self._sinks)
        self._deliver_directly()

    def _deliver_directly(self) -> None:
        """Hand it to the sinks, look by look, until each has taken it."""
        if self._direct is not None:
            notice = self._direct
            self._undelivered = [sink for sink in self._undelivered if not sink.send([notice])]


def _end(began: Notice, now: float) -> Notice:
    summary = f"It is over, after {span(now - began.since)}: “{began.summary}”"
    return make_notice(
        began.code, NoticeState.OVER, began.subject, summary, at=now, since=began.since, times=began.times
    )


def _pause(began: Notice) -> float:
    """Seconds that a trouble must be gone to be over: the longer, the more often it has come back within a day."""
    return float(min(_PAUSE * 2 ** min(began.times - 1, 16), _DAY))


def _earlier(since: float | None, now: float) -> float:
    """Since when something lasts; a clock that was set back does not lengthen it."""
    return now if since is None or since > now else since
