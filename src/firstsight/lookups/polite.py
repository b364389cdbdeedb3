"""How often a server is asked: at its pace, slower after a refusal, and not at all while it says no or is down.

Registries tell no limits and ban by address; about one question a second is what they bear (facts gathered from the
threads of several RDAP clients). One number a server is enough for the pace: the time at which its next question
would be on it (the generic cell rate algorithm, ITU-T I.371), which is a token bucket without a bucket to refill.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from math import floor

import msgspec

from firstsight.core.facts import Unavailable
from firstsight.ports import Clock

_SHORTEST = 1.0  # of a Retry-After, seconds
_LONGEST = 3600.0
_USUAL = 60.0  # where a server says no without saying for how long; doubled with each no in a row
_MANY = 4096  # hosts remembered; an answer may name hosts, so their number is not ours to choose
_ROUNDING = 1e-3  # of a turn; times since the epoch have few digits left for parts of a second
_DIGITS = 9  # of a Retry-After in seconds; more is absurd

_SLOWEST = 64.0  # times slower than set
_RECOVERY = 0.99  # of the slowness is left after each good answer: from half the pace to all of it in seventy
_FAILURES_MOST = 5  # in a row, and the breaker opens
_PAUSE = 30.0  # seconds it stays open at first; doubled with each probe that fails
_PAUSE_MOST = 900.0


class Pace(msgspec.Struct):
    """What a server has taught us of its patience. Times are seconds since the epoch.

    Attributes:
        on_pace: when its next question would be on pace.
        closed_until: it is asked nothing before.
        slower: how many times slower than set it is asked.
        refusals: how often in a row it said no.
        failures: how many questions in a row it failed to answer; from five on, one probe at a time.
        probing: the probe is under way.
    """

    on_pace: float = 0.0
    closed_until: float = 0.0
    slower: float = 1.0
    refusals: int = 0
    failures: int = 0
    probing: bool = False

    @property
    def down(self) -> bool:
        """Whether the breaker is open, or half open."""
        return self.failures >= _FAILURES_MOST


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Pace).decode


class Limits:
    """The pace of every server, by host.

    Args:
        clock: the time.
        rate: questions a second, above 0.
        burst: questions that may be asked at once after a pause, at least 1.
        patience: the longest wait for a turn, seconds; who would wait longer is sent away.
    """

    def __init__(self, clock: Clock, rate: float = 1.0, burst: int = 5, *, patience: float = 10.0) -> None:
        self._clock = clock
        self._interval = 1.0 / rate
        self._lead = (burst - 1) * self._interval
        self._patience = patience
        self._paces: dict[str, Pace] = {}

    def free_at(self, host: str, ahead: int = 0) -> float:
        """When a host may be asked, seconds since the epoch; not after now: at once.

        Args:
            host: the server, as `host` or `host:port`.
            ahead: how many others have their turn before.
        """
        now = self._clock.now()
        pace = self._paces.get(host, Pace())
        if pace.down and ahead:
            return now + _PAUSE  # one probe at a time
        return max(self._turn(pace, now, ahead), self._closed(pace, now) or now)

    async def acquire(self, host: str, patience: float | None = None) -> float | None:
        """Wait for a turn with a host.

        Args:
            host: the server, as `host` or `host:port`.
            patience: a shorter wait than the usual one, seconds.

        Returns:
            None when it may be asked now; else the time (seconds since the epoch) from which asking is worth a try:
            the server said no until then or is down, or too many wait.
        """
        now = self._clock.now()
        pace = self._pace(host, now)
        closed = self._closed(pace, now)
        if closed is not None:
            return closed
        turn = self._turn(pace, now)
        wait = turn - now
        if wait > (self._patience if patience is None else min(patience, self._patience)):
            return turn
        pace.on_pace = self._on_pace(pace, now) + self._interval * pace.slower
        probe = pace.down
        if probe:
            pace.probing = True
            pace.closed_until = turn + _PAUSE  # for the others, until the probe is back
        if wait > 0:
            await asyncio.sleep(wait)
        return None if probe else self._closed(pace, self._clock.now())  # it may have said no meanwhile

    async def turned_away(self, host: str) -> Unavailable | None:
        """Wait for a turn with a host, as `acquire`; None when it may be asked now.

        Args:
            host: the server, as `host` or `host:port`.

        Returns:
            Else why not, and until when: it is `paused` (down), or `rate_limited` (by itself, or by our own pace).
        """
        until = await self.acquire(host)
        if until is None:
            return None
        return Unavailable("paused" if self.is_down(host) else "rate_limited", until)

    def answered(self, host: str) -> None:
        """A host gave a usable reply, whatever it says."""
        now = self._clock.now()
        pace = self._pace(host, now)
        if pace.probing:
            pace.probing, pace.closed_until = False, 0.0
        pace.failures = 0
        if self._closed(pace, now) is None:
            pace.refusals = 0
            pace.slower = max(1.0, pace.slower * _RECOVERY)

    def refused(self, host: str, retry_after: str | None) -> float:
        """A host said no; it is left alone for as long as it asks for, and asked half as often from then on.

        Args:
            host: the server.
            retry_after: its `Retry-After` header.

        Returns:
            Until when, seconds since the epoch.
        """
        now = self._clock.now()
        pace = self._pace(host, now)
        if self._closed(pace, now) is None or pace.probing:  # of those under way at the same time, one counts
            pace.refusals += 1
            pace.slower = min(pace.slower * 2, _SLOWEST)
        pace.probing, pace.failures = False, 0  # it lives
        until = retry_at(retry_after, now, _USUAL * 2.0 ** min(pace.refusals - 1, 6))
        pace.closed_until = max(until, self._closed(pace, now) or until)
        return pace.closed_until

    def failed(self, host: str) -> None:
        """A host gave no usable reply; after some in a row it is left alone for a while, then tried with one."""
        now = self._clock.now()
        pace = self._pace(host, now)
        if self._closed(pace, now) is not None and not pace.probing:
            return  # asked before it was closed
        pace.probing = False
        pace.failures += 1
        if pace.down:
            pause = min(_PAUSE * 2.0 ** min(pace.failures - _FAILURES_MOST, 6), _PAUSE_MOST)
            pace.closed_until = now + pause

    def spare(self, host: str) -> int:
        """How many questions may be asked of a host at once, by its pace; 0 while it is closed."""
        now = self._clock.now()
        pace = self._paces.get(host, Pace())
        if self._closed(pace, now) is not None:
            return 0
        interval = self._interval * pace.slower
        lead = self._lead if pace.slower == 1.0 else 0.0
        ahead = now + lead - self._on_pace(pace, now)
        return max(0, 1 + floor(ahead / interval + _ROUNDING))

    def reopen(self, host: str) -> None:
        """Forget what a host said no to, as that has changed; what it was asked still counts."""
        pace = self._paces.get(host)
        if pace is not None:
            self._paces[host] = Pace(on_pace=pace.on_pace)

    def is_down(self, host: str) -> bool:
        """Whether a host is left alone because it did not answer (and not because it said no)."""
        return self._paces.get(host, Pace()).down

    def closed(self) -> dict[str, float]:
        """The hosts that are asked nothing now, and until when."""
        now = self._clock.now()
        return {host: until for host, pace in self._paces.items() if (until := self._closed(pace, now)) is not None}

    def unwilling(self) -> list[str]:
        """The hosts that said no several times in a row."""
        return sorted(host for host, pace in self._paces.items() if pace.refusals >= _FAILURES_MOST)

    def saved(self, host: str) -> bytes:
        """A host's pace, for `restore` after a restart."""
        return _encode(self._paces.get(host, Pace()))

    def restore(self, saved: Mapping[str, bytes]) -> None:
        """Go on where an earlier process has stopped; what can't be read is passed over."""
        for host, text in saved.items():
            try:
                pace = self._paces.setdefault(host, _decode(text))
            except msgspec.MsgspecError:
                continue
            pace.probing = False  # nobody waits for that one any more

    def _turn(self, pace: Pace, now: float, ahead: int = 0) -> float:
        """When the turn after `ahead` others is on pace; not before now."""
        tolerance = self._lead if pace.slower == 1.0 else 0.0  # one that said no lately gets no bursts
        return max(now, self._on_pace(pace, now) + ahead * self._interval * pace.slower - tolerance)

    def _on_pace(self, pace: Pace, now: float) -> float:
        """When the next question would be on pace; not before now."""
        if pace.on_pace > now + self._lead + self._interval * pace.slower + self._patience:
            return now  # no queue is that long: the clock was set back
        return max(pace.on_pace, now)

    def _closed(self, pace: Pace, now: float) -> float | None:
        """Until when a host is closed. More than an hour ahead is from a clock that was set back since."""
        return pace.closed_until if now < pace.closed_until <= now + _LONGEST else None

    def _pace(self, host: str, now: float) -> Pace:
        pace = self._paces.get(host)
        if pace is None:
            if len(self._paces) >= _MANY:
                self._forget(now)
            pace = self._paces[host] = Pace()
        return pace

    def _forget(self, now: float) -> None:
        """Drop the hosts that nobody waits for; where all are closed, those that open soonest."""
        busy = [host for host, pace in self._paces.items() if pace.on_pace > now or self._closed(pace, now) is not None]
        busy.sort(key=lambda host: self._paces[host].closed_until)
        self._paces = {host: self._paces[host] for host in busy[-_MANY // 2 :]}


def retry_at(retry_after: str | None, now: float, usual: float = _USUAL) -> float:
    """When a server that said no may be asked again.

    Args:
        retry_after: its `Retry-After` header (RFC 9110 §10.2.3: seconds, or an HTTP date), or None.
        now: seconds since the epoch.
        usual: seconds to wait where the header says nothing that can be read.

    Returns:
        Seconds since the epoch, between one second and one hour ahead whatever the header says.
    """
    text = (retry_after or "").strip()
    wait = usual
    if text.isascii() and text.isdigit():
        wait = float(text) if len(text) <= _DIGITS else _LONGEST
    elif text:
        try:
            date = parsedate_to_datetime(text)
            wait = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            wait = usual
    return now + min(max(wait, _SHORTEST), _LONGEST)
