"""What AlienVault OTX knows of a host name or a domain: one question, one honest fact.

`GET /api/v1/indicators/{hostname|domain}/{name}/general` with the key in `X-OTX-API-KEY`, as OTX' own SDK asks. Its
quota is by the hour: 10,000 questions with a key, 1,000 without.
"""

import re
from collections.abc import Callable, Collection
from typing import Final

from firstsight.core.facts import Absent, Fact, Intel, Known, Unavailable
from firstsight.core.indicators import weigh
from firstsight.core.otx_answer import read_general
from firstsight.lookups.bootstrap import host_of
from firstsight.lookups.http import DOWN, HttpClient, HttpError, Reply
from firstsight.lookups.polite import Limits
from firstsight.ports import Clock

QUOTA_WITH_KEY, QUOTA_WITHOUT = 10_000, 1_000
"""Questions an hour that OTX answers."""

ANSWER_MOST = 4 * 1024 * 1024
"""Bytes; a name that stands in fifty large pulses stays below a third of it."""

_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)+[a-z0-9-]{1,63}")
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_PATIENCE: Final = {  # seconds until a reason may have passed; what is not here: an hour
    "timeout": _MINUTE,
    "reset": _MINUTE,
    "server_error": _MINUTE,
    "refused": 5 * _MINUTE,
    "unreachable": 5 * _MINUTE,
    "proxy": 5 * _MINUTE,
    "no_key": 5 * _MINUTE,
    "too_large": _DAY,
    "rejected": _DAY,
    "blocked_address": _DAY,
}
_OK, _NOT_FOUND, _TOO_MANY, _ERRORS = 200, 404, 429, 500
_BARRED: Final = {401, 403}
_BARRED_FOR: Final = 600.0  # seconds until a key that was refused is tried again


def hourly(clock: Clock, quota: int) -> Limits:
    """A pace that keeps to an hourly quota, whatever hour is looked at.

    A tenth may be asked at once, the rest evenly over the hour.

    Args:
        clock: the time.
        quota: questions an hour, at least 10.
    """
    burst = quota // 10
    return Limits(clock, (quota - burst) / _HOUR, burst)


class Otx:
    """OTX, as `ports.Outsider`.

    Args:
        url: its base URL.
        http: the client; closed with this object.
        clock: the time.
        limits: its pace.
        key: the key, empty where none is used; None where the one that should be can't be.
        is_domain: whether a name is a registered domain; the others are host names to OTX.
        authors: whose pulses count.
        everybody: all others' count too, though less.
        timeout: seconds for an answer.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient,
        clock: Clock,
        limits: Limits,
        *,
        key: str | None = "",
        is_domain: Callable[[str], bool],
        authors: Collection[str],
        everybody: bool = False,
        timeout: float = 10.0,
    ) -> None:
        self.host = host_of(url)
        self._url = url.rstrip("/")
        self._http = http
        self._clock = clock
        self._limits = limits
        self._key = key
        self._is_domain = is_domain
        self._authors = authors
        self._everybody = everybody
        self._timeout = timeout
        self._barred_until = 0.0  # in memory alone: who puts a good key there and restarts need not wait
        self._refused: str | None = None  # a sentence, since its last no
        self._failed = ""  # why it gave no usable answer, the last time

    def server(self, name: str) -> str:  # noqa: ARG002  # the port's signature
        """Its host; empty where it can't be asked for want of a key that it takes."""
        return "" if self._key is None or self._barred() else self.host

    def servers(self, root: str) -> list[str]:
        """The same for all names."""
        return [self.server(root)]

    def take_key(self, key: str | None) -> None:
        """Use another key from now on; what OTX said to the one before no longer counts."""
        self._key = key
        self._barred_until, self._refused = 0.0, None
        self._limits.reopen(self.host)

    def spare(self) -> int:
        """How many questions its quota leaves at this moment; what was used comes back over the hour."""
        return self._limits.spare(self.host)

    def trouble(self) -> str | None:
        """A sentence while it refuses the key, says that the quota is used up, or does not answer; else None."""
        if self._refused is not None:
            return self._refused
        if self._limits.is_down(self.host):
            return (
                f"OTX ({self.host}) gave no usable answer five times in a row (the last: {self._failed}): alerts leave "
                f"without threat intelligence, which follows once it answers. Can this machine reach it (HTTPS)? A "
                f"proxy is named in `http.proxy`."
            )
        return None

    async def ask(self, name: str) -> Fact[Intel]:
        """Ask about a host name or a domain.

        Args:
            name: lower-case A-labels without a trailing dot. Anything else is `bad_name`, and nobody is asked.

        Returns:
            Known where pulses name it; Absent where none does; or Unavailable for the reason `bad_name`, `no_key`,
            `rate_limited` (by OTX, or by our own pace), `paused` (it is down), `key_refused` (401, 403), `rejected`
            (another 4xx), `server_error`, `bad_answer` and those of `HttpError`.
        """
        if not _NAME.fullmatch(name):
            return Unavailable("bad_name")
        if self._key is None:
            return self._unavailable("no_key")
        if self._barred():
            return Unavailable("key_refused", self._barred_until)
        turned_away = await self._limits.turned_away(self.host)
        if turned_away is not None:
            return turned_away
        section = "domain" if self._is_domain(name) else "hostname"
        headers = {"Accept": "application/json"} | ({"X-OTX-API-KEY": self._key} if self._key else {})
        url = f"{self._url}/api/v1/indicators/{section}/{name}/general"
        try:
            reply = await self._http.get(url, deadline=self._timeout, headers=headers, trusted=True)
        except HttpError as error:
            if error.reason in DOWN:
                self._fail(error.reason)
            else:
                self._limits.answered(self.host)
            return self._unavailable(error.reason)
        return self._fact(reply)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.close()

    def _fact(self, reply: Reply) -> Fact[Intel]:
        """What a reply says, of the name and of OTX."""
        status, now = reply.status, self._clock.now()
        if status == _TOO_MANY:
            self._refused = self._sentence(status)
            return Unavailable("rate_limited", self._limits.refused(self.host, reply.headers.get("Retry-After")))
        if status in _BARRED:
            self._refused = self._sentence(status)
            self._barred_until = now + _BARRED_FOR
            self._limits.answered(self.host)
            return Unavailable("key_refused", self._barred_until)
        if status >= _ERRORS:
            self._fail(f"status {status}")
            return self._unavailable("server_error")
        self._limits.answered(self.host)
        if status == _OK:
            self._refused = None
            return self._read(reply.body, now)
        if status == _NOT_FOUND and reply.body.strip()[:1] in {b"", b"{"}:  # a page is some other server's
            return Absent(now)
        return self._unavailable("rejected")

    def _read(self, body: bytes, now: float) -> Fact[Intel]:
        general = read_general(body)
        if isinstance(general, Unavailable):
            return self._unavailable(general.reason)
        if not general.pulses:
            return Absent(now)
        return Known(weigh(general, self._authors, everybody=self._everybody, now=now))

    def _barred(self) -> bool:
        """Whether it refused the key a short time ago; more than that ahead is from a clock that was set back."""
        now = self._clock.now()
        return now < self._barred_until <= now + _BARRED_FOR

    def _fail(self, why: str) -> None:
        self._failed = why
        self._limits.failed(self.host)

    def _sentence(self, status: int) -> str:
        if status == _TOO_MANY:
            return (
                f"OTX ({self.host}) says that the quota is used up (429): names are asked later, and what is found "
                f"follows. If it lasts, use a key of this service's own, or lower `otx.quota`."
            )
        what = "refuses the key" if self._key else "wants a key"
        return (
            f"OTX ({self.host}) {what} ({status}): alerts leave without threat intelligence. Put a valid key, from its "
            f"site's API page, into the file of `otx.key_file`; it is taken up within seconds."
        )

    def _unavailable(self, reason: str) -> Unavailable:
        return Unavailable(reason, self._clock.now() + _PATIENCE.get(reason, _HOUR))
