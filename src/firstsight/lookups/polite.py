"""How often a server is asked: at its pace, and not at all while it says no.

Registries tell no limits and ban by address; about one question a second is what they bear (facts gathered from the
threads of several RDAP clients). One number a server is enough: the time at which its next question would be on pace
(the generic cell rate algorithm, ITU-T I.371), which is a token bucket without a bucket to refill.
"""

import asyncio
from datetime import UTC
from email.utils import parsedate_to_datetime

from firstsight.ports import Clock

_SHORTEST = 1.0  # of a Retry-After, seconds
_LONGEST = 3600.0
_USUAL = 60.0  # where a server says no without saying for how long
_MANY = 4096  # hosts remembered; an answer may name hosts, so their number is not ours to choose
_DIGITS = 9  # of a Retry-After in seconds; more is absurd


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
        self._on_pace: dict[str, float] = {}
        self._closed_until: dict[str, float] = {}

    async def acquire(self, host: str, patience: float | None = None) -> float | None:
        """Wait for a turn with a host.

        Args:
            host: the server, as `host` or `host:port`.
            patience: a shorter wait than the usual one, seconds.

        Returns:
            None when it may be asked now; else the time (seconds since the epoch) from which asking is worth a try:
            the server said no until then, or too many wait.
        """
        closed = self._closed(host)
        if closed is not None:
            return closed
        now = self._clock.now()
        longest = self._patience if patience is None else min(patience, self._patience)
        on_pace = max(self._on_pace.get(host, now), now)
        if on_pace > now + self._lead + self._interval + self._patience:
            on_pace = now  # no queue is that long: the clock was set back
        wait = on_pace - self._lead - now
        if wait > longest:
            return now + wait
        if host not in self._on_pace and len(self._on_pace) >= _MANY:
            self._forget(now)
        self._on_pace[host] = on_pace + self._interval
        if wait > 0:
            await asyncio.sleep(wait)
        return self._closed(host)  # it may have said no while we waited

    def penalise(self, host: str, until: float) -> None:
        """Ask a host nothing before a time (seconds since the epoch), at most an hour ahead."""
        until = min(until, self._clock.now() + _LONGEST)
        self._closed_until[host] = max(until, self._closed_until.get(host, until))

    def _closed(self, host: str) -> float | None:
        until = self._closed_until.get(host)
        if until is None:
            return None
        now = self._clock.now()
        if now < until <= now + _LONGEST:
            return until
        del self._closed_until[host]  # over, or the clock was set back
        return None

    def _forget(self, now: float) -> None:
        """Drop the hosts that nobody waits for."""
        self._on_pace = {host: at for host, at in self._on_pace.items() if at > now}


def retry_at(retry_after: str | None, now: float) -> float:
    """When a server that said no may be asked again.

    Args:
        retry_after: its `Retry-After` header (RFC 9110 §10.2.3: seconds, or an HTTP date), or None.
        now: seconds since the epoch.

    Returns:
        Seconds since the epoch, between one second and one hour ahead whatever the header says; a minute ahead where
        it says nothing that can be read.
    """
    text = (retry_after or "").strip()
    wait = _USUAL
    if text.isascii() and text.isdigit():
        wait = float(text) if len(text) <= _DIGITS else _LONGEST
    elif text:
        try:
            date = parsedate_to_datetime(text)
            wait = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, IndexError, OverflowError):
            wait = _USUAL
    return now + min(max(wait, _SHORTEST), _LONGEST)
