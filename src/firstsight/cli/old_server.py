"""A Domain Stats server's memory, read page by page over HTTP; nothing it keeps on disk is opened."""

import http.client
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from firstsight.core.errors import InputError
from firstsight.core.history import items_of, records_of

_PAGE = 100  # items: the original gives no more, whatever is asked for
_MOST_BYTES = 16 * 1024 * 1024  # of one page
_MOST_ITEMS = 50_000_000  # a server that never ends is none
_PATIENCE = 60.0  # seconds; its walk to a far page takes a while
_TRIES = 4


class OldServer:
    """Asks one server, on one connection.

    Args:
        url: its address, such as http://127.0.0.1:5730.

    Raises:
        InputError: that is no address, or one with a login in it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in {"http", "https"} or not parts.hostname or port == -1 or parts.query or parts.fragment:
            raise InputError(f"{url} is no address of a server. Write it as http://127.0.0.1:5730.")
        if parts.username is not None or parts.password is not None:
            raise InputError("The address holds a login, which everybody on this machine can see. Leave it out.")
        self.url = url.rstrip("/")
        self._folder = parts.path.rstrip("/")
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(parts.hostname, port, timeout=_PATIENCE, context=context)
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, port, timeout=_PATIENCE)

    def pages(self, offset: int) -> Iterator[list[msgspec.Raw]]:
        """Its items from an offset on, a page a time, to the end.

        Raises:
            InputError: it does not answer, or not as Domain Stats does.
        """
        while offset < _MOST_ITEMS:
            path = f"{self._folder}/cache_browse?offset={offset}&limit={_PAGE}"
            items = items_of(self._body(path), f"The answer of {self.url}")
            page = records_of(items)
            if not page:
                return
            yield page
            offset += len(page)  # its own limit may be lower; and then it names no next page
        raise InputError(f"{self.url} names more than {_MOST_ITEMS:,} records, and no end of them. Nothing is taken.")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _body(self, path: str) -> bytes:
        for tried in range(1, _TRIES + 1):
            try:
                return self._asked(path)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()  # the next request opens it again
                if tried == _TRIES:
                    raise InputError(
                        f"{self.url} does not answer ({error}). What was read so far is kept: give the same command "
                        f"again once it runs, and reading goes on from there."
                    ) from error
            time.sleep(0.1 * 2**tried)
        raise AssertionError("the last try has returned or raised")

    def _asked(self, path: str) -> bytes:
        self._connection.request("GET", path, headers={"Accept": "application/json"})
        reply = self._connection.getresponse()
        body = reply.read(_MOST_BYTES + 1)
        if reply.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise http.client.HTTPException(f"HTTP status {reply.status}")
        if reply.status != http.HTTPStatus.OK or len(body) > _MOST_BYTES:
            raise InputError(
                f"{self.url}{path.removeprefix(self._folder)} answers with status {reply.status} and {len(body):,} "
                f"bytes. That is no Domain Stats server, or it answers other clients only."
            )
        return body
