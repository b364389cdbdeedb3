"""Requests that were refused: counted, and said in the log at a bearable pace."""

import structlog

from firstsight.ports import Clock

log = structlog.get_logger()

REASONS = ("missing", "unknown", "expired", "scope", "proxy", "plain", "not_named", "session", "csrf")
"""No token; one that is not known; an expired one; one that lacks the scope; a forwarding header that can't be
read; over plain HTTP from who is no trusted proxy; at the old clients' address from who is not named as one; a session
that has ended; what a session would change without its CSRF token."""

_PACE = 60.0  # seconds between two lines


class Refusals:
    """Counts by reason, since the start.

    Args:
        clock: the time.
    """

    def __init__(self, clock: Clock) -> None:
        self.counts = dict.fromkeys(REASONS, 0)
        self._clock = clock
        self._said: float | None = None
        self._unsaid = 0

    def note(self, reason: str, client: str, token: str | None) -> None:
        """Take one down.

        Args:
            reason: one of REASONS.
            client: the address that asked.
            token: the name of the token it came with, where it is known. Never the token.
        """
        self.counts[reason] += 1
        now = self._clock.now()
        if self._said is not None and 0 <= now - self._said < _PACE:
            self._unsaid += 1
            return
        log.warning("request_refused", reason=reason, client=client, token=token, unsaid_before=self._unsaid)
        self._said, self._unsaid = now, 0
