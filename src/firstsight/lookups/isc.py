"""When SANS ISC first met a domain: for names whose registry tells no age. Opt-in, as ISC then learns the names."""

from typing import Final

from firstsight.core.facts import Fact, Registration, Unavailable
from firstsight.core.isc_answer import read_age
from firstsight.lookups.bootstrap import host_of
from firstsight.lookups.http import HttpClient, HttpError
from firstsight.lookups.polite import Limits
from firstsight.ports import Clock

_HOUR: Final = 3600.0
_OK, _TOO_MANY, _BUSY, _ERRORS = 200, 429, 503, 500


class Isc:
    """SANS ISC's `domainage`.

    Args:
        url: what stands before the domain; written in the settings, so it may be inside.
        http: the client, of the registries too.
        clock: the time.
        limits: its pace; ISC asks for one question a second at most.
        deadline: seconds for an answer.
    """

    def __init__(self, url: str, http: HttpClient, clock: Clock, limits: Limits, deadline: float = 5.0) -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._clock = clock
        self._limits = limits
        self._deadline = deadline

    @property
    def name(self) -> str:
        """What its pace is kept by."""
        return host_of(self._url + "/")

    async def ask(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain.

        Returns:
            Known; Absent where ISC has not met it; or Unavailable, as `Rdap.ask` gives it.
        """
        turned_away = await self._limits.turned_away(self.name)
        if turned_away is not None:
            return turned_away
        now = self._clock.now()
        try:
            reply = await self._http.get(f"{self._url}/{domain}?json", deadline=self._deadline, trusted=True)
        except HttpError as error:
            self._limits.failed(self.name)
            return Unavailable(error.reason, now + _HOUR)
        if reply.status in {_TOO_MANY, _BUSY}:
            return Unavailable("rate_limited", self._limits.refused(self.name, reply.headers.get("Retry-After")))
        if reply.status != _OK:
            if reply.status >= _ERRORS:
                self._limits.failed(self.name)
            return Unavailable("server_error" if reply.status >= _ERRORS else "rejected", now + _HOUR)
        self._limits.answered(self.name)
        fact = read_age(reply.body, domain, now)
        return Unavailable(fact.reason, now + _HOUR) if isinstance(fact, Unavailable) else fact
