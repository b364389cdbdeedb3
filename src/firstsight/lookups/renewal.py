"""The table of RDAP servers, kept up to date: downloaded in the background, and kept beside the store."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from firstsight.core.errors import InputError
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.http import HttpClient, HttpError, Reply
from firstsight.lookups.kept import conditions, keep
from firstsight.ports import Clock

log = structlog.get_logger()

_WEEK: Final = 7 * 86400.0  # registries move seldom; RFC 9224 §8 asks for caching
_HOUR: Final = 3600.0  # until a table that could not be had is tried again
_LOOK_SECONDS: Final = 60.0
_DEADLINE: Final = 60.0
_OK, _NOT_MODIFIED = 200, 304


class Copy(msgspec.Struct, frozen=True):
    """A downloaded table as it is kept. `checked`: when it was last known to be the newest, seconds since the epoch."""

    url: str
    checked: float
    table: msgspec.Raw
    etag: str = ""
    modified: str = ""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Copy).decode


class Renewal:
    """Downloads IANA's table (RFC 9224), or another of its form, once a week.

    What a table can't tell (registries that run a server and are not listed) stays as it was shipped; a table that
    can't be used leaves the one before in force. Servers that it names are not trusted.

    Args:
        url: where it is; written in the settings, so it may be inside.
        http: the client; bounds the size.
        clock: the time.
        path: the copy that is kept.
        shipped: base URLs by suffix, for those that the download does not name.
        own: the operator's servers by suffix.
        take: is given each new table.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient,
        clock: Clock,
        path: Path,
        *,
        shipped: Mapping[str, str],
        own: Mapping[str, str],
        take: Callable[[Bootstrap], None],
    ) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._path = path
        self._shipped = shipped
        self._own = own
        self._take = take
        self._copy: Copy | None = None
        self._failed_at: float | None = None

    def load(self) -> None:
        """Take the copy that an earlier run has kept, if there is one of this URL that can be used."""
        try:
            copy = _decode(self._path.read_bytes())
            if copy.url == self._url:
                self._use(copy)
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError, InputError) as error:
            log.warning("rdap_table_not_read", path=str(self._path), what=str(error))

    async def run(self) -> None:
        """Renew the table whenever it is due, until cancelled."""
        while True:
            if self.due():
                await self.renew()
            await asyncio.sleep(_LOOK_SECONDS)

    def due(self) -> bool:
        """Whether it is time to look for a newer one."""
        now = self._clock.now()
        if self._failed_at is not None and 0 <= now - self._failed_at < _HOUR:
            return False
        return self._copy is None or not 0 <= now - self._copy.checked < _WEEK

    async def renew(self) -> None:
        """Get the table if it has changed. Whatever goes wrong is logged, and the one before stays in force."""
        try:
            headers = {"Accept": "application/json"}
            if self._copy is not None:
                headers |= conditions(self._copy.etag, self._copy.modified)
            reply = await self._http.get(self._url, deadline=_DEADLINE, headers=headers, trusted=True)
            copy = self._copy_of(reply)
            self._use(copy)
            keep(self._path, _encode(copy))
        except (HttpError, InputError, OSError) as error:
            self._failed_at = self._clock.now()
            log.warning("rdap_table_not_renewed", url=self._url, what=str(error))
        else:
            self._failed_at = None
            log.info("rdap_table_renewed", url=self._url, changed=reply.status == _OK)

    def _copy_of(self, reply: Reply) -> Copy:
        now = self._clock.now()
        if reply.status == _NOT_MODIFIED and self._copy is not None:
            return msgspec.structs.replace(self._copy, checked=now)
        if reply.status != _OK:
            raise InputError(f"The RDAP bootstrap {self._url} was not given out: the server answers {reply.status}.")
        table = msgspec.Raw(reply.body.removeprefix(b"\xef\xbb\xbf"))
        return Copy(self._url, now, table, reply.headers.get("ETag", ""), reply.headers.get("Last-Modified", ""))

    def _use(self, copy: Copy) -> None:
        downloaded = Bootstrap.parse(bytes(copy.table), self._url)
        self._take(Bootstrap({**self._shipped, **downloaded.servers}, own=self._own, dated=downloaded.dated))
        self._copy = copy
