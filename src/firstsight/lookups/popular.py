"""The public popular list, fetched in the background and renewed weekly."""

import asyncio
import io
from collections.abc import Callable
from pathlib import Path

import msgspec
import structlog

from firstsight.core.errors import FirstsightError, InputError
from firstsight.core.names import Name
from firstsight.core.popular import PopularText
from firstsight.lookups.http import HttpClient
from firstsight.lookups.kept import conditions, keep
from firstsight.lookups.lists import read_list, write_list
from firstsight.ports import Clock

log = structlog.get_logger()

MOST_PACKED = 128 * 1024 * 1024
"""Bytes of a list as it is fetched."""

DEADLINE = 600.0
"""Seconds for all of it."""

_DAY = 86400.0
_RENEW = 7 * _DAY
_OLD = 3 * _RENEW
_AGAIN, _AGAIN_MOST = 3600.0, _DAY
_LOOK_SECONDS = 2.0
_OK, _NOT_MODIFIED = 200, 304


class Kept(msgspec.Struct, frozen=True):
    """What is known of the list beside it.

    Attributes:
        url: where it came from.
        top: how much of it was taken.
        checked: when the server last said that it is the newest, seconds since the epoch.
        etag: its validators (RFC 9110 §8.8), as the server wrote them; may be empty.
        last_modified: the other one.
    """

    url: str
    top: int
    checked: float
    etag: str = ""
    last_modified: str = ""


class PopularFetch:
    """Keeps a list beside the store. What can't be fetched or used leaves the old one as it is.

    Args:
        client: asks; it must take bodies of `MOST_PACKED` bytes.
        url: of the list, from the settings: it may lead inside, its redirects may not.
        path: where the list is kept; what is known of it stands beside it, in a file that ends in `.json`.
        parse: tells what a name is; from another thread (`NameParser.parse`).
        top: how much of it counts.
        clock: the time.
    """

    def __init__(
        self, client: HttpClient, url: str, path: Path, parse: Callable[[str], Name], top: int, clock: Clock
    ) -> None:
        self._client = client
        self._url = url
        self._shown = url.partition("?")[0]  # a query may hold a key
        self._path = path
        self._beside = path.with_suffix(".json")
        self._parse = parse
        self._top = top
        self._clock = clock
        self._kept = self._read()
        self._failures = 0
        self._fault = ""
        self._again = 0.0

    async def run(self) -> None:
        """Fetch whenever it is due, until cancelled."""
        try:
            while True:
                await asyncio.sleep(_LOOK_SECONDS)
                if self.due():
                    await self.renew()
        finally:
            await self._client.close()

    def due(self) -> bool:
        """Whether there is no list, or one that should be asked for again, and asking is not to wait."""
        now = self._clock.now()
        if self._failures and 0 < self._again - now <= _AGAIN_MOST:
            return False
        return self._kept is None or not 0 <= now - self._kept.checked < _RENEW

    def age(self) -> float | None:
        """Seconds since the list was known to be the newest; None where there is none."""
        return None if self._kept is None else max(0.0, self._clock.now() - self._kept.checked)

    def trouble(self) -> str | None:
        """A sentence while there is no list, or only an old one, because it can't be fetched."""
        age = self.age()
        if not self._fault or (age is not None and age < _OLD):
            return None
        what = "could not be fetched yet" if age is None else f"is {age / _DAY:,.0f} days old"
        return (
            f"The popular list {what}: {self._fault} It is tried again by itself. Without a way out, import one with "
            f'`firstsight import popular FILE` and set [popular] url = "".'
        )

    async def renew(self) -> None:
        """Ask for the list now, and keep it if it is a new one. What goes wrong is said once, and tried again later."""
        try:
            await self._renew()
        except FirstsightError as error:
            if str(error) != self._fault:
                log.warning("popular_list_not_fetched", url=self._shown, what=str(error))
            self._fault = str(error)
            self._again = self._clock.now() + min(_AGAIN * 2.0 ** min(self._failures, 10), _AGAIN_MOST)
            self._failures += 1
        else:
            self._fault, self._failures = "", 0

    async def _renew(self) -> None:
        headers = {}
        if self._kept is not None and self._path.exists():
            headers = conditions(self._kept.etag, self._kept.last_modified)
        reply = await self._client.get(self._url, deadline=DEADLINE, headers=headers, trusted=True)
        now = self._clock.now()
        if reply.status == _NOT_MODIFIED and self._kept is not None:
            self._keep(msgspec.structs.replace(self._kept, checked=now))
            return
        taken = await asyncio.to_thread(self._take, usable(reply.status, reply.body, self._shown))
        self._keep(
            Kept(self._url, self._top, now, reply.headers.get("ETag", ""), reply.headers.get("Last-Modified", ""))
        )
        log.info("popular_list_fetched", url=self._shown, domains=len(taken.entries), bad_lines=taken.bad)

    def _take(self, body: bytes) -> PopularText:
        taken = read_list(io.BytesIO(body), self._shown, self._parse, self._top)
        write_list(self._path, taken)
        return taken

    def _keep(self, kept: Kept) -> None:
        self._kept = kept
        try:
            keep(self._beside, msgspec.json.encode(kept))
        except OSError as error:
            raise InputError(
                f"What is known of the popular list can't be written to {self._beside} ({error.strerror}): make room."
            ) from error

    def _read(self) -> Kept | None:
        """What is known of the list that is there; None where there is none of this URL and size."""
        try:
            kept = msgspec.json.decode(self._beside.read_bytes(), type=Kept)
        except (OSError, msgspec.MsgspecError):
            return None  # it is fetched as if there were none
        return kept if self._path.exists() and (kept.url, kept.top) == (self._url, self._top) else None


def usable(status: int, body: bytes, url: str) -> bytes:
    """The body of a reply that holds a list.

    Raises:
        InputError: the server says that it doesn't.
    """
    if status != _OK:
        raise InputError(f"The list {url} was not given: the server answered {status}. The list in use stays as it is.")
    return body
