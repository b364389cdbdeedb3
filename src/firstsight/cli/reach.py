"""How a verb reaches the site's exceptions: through the running service, or in its store while none runs."""

import asyncio
import http.client
import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from firstsight import compose, tables
from firstsight.core.document import Document
from firstsight.core.errors import InputError, StoreBusyError, StoreError
from firstsight.core.exceptions import NEVER, make_exception
from firstsight.core.names import NameParser
from firstsight.settings import Settings, load
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.exceptions import Exceptions

_PATIENCE = 60.0  # a preview goes through all alerts


@dataclass(frozen=True, slots=True)
class Match:
    """What an exception matches and holds back, as a person wrote it."""

    domain: str
    process: str
    agent: str
    scope: Sequence[str]


class Reach(Protocol):
    """The site's exceptions, wherever they are. Documents are those of the API."""

    def listed(self) -> list[Document]:
        """All of them."""
        ...

    def add(self, match: Match, reason: str, author: str, expires: str) -> Document:
        """Make one."""
        ...

    def remove(self, exception_id: str) -> None:
        """End one."""
        ...

    def preview(self, match: Match) -> Document:
        """What one would have held back."""
        ...


@contextmanager
def reach(config: Path | None) -> Iterator[Reach]:
    """The exceptions of the site with these settings.

    Raises:
        FirstsightError: they can't be reached; the text says why and what to do.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    clock = compose.SystemClock()
    try:
        store = SqliteStore(settings.store_path, clock)
    except StoreBusyError:
        yield _Service(settings)
        return
    try:
        parser = tables.name_parser(settings.names.internal)
        written = compose.written_exceptions(settings, parser.parse)
        yield _Here(Exceptions(store, clock, written), parser, clock)
    finally:
        store.close()


class _Here:
    """No service runs: the store is ours while we hold its lock."""

    def __init__(self, exceptions: Exceptions, parser: NameParser, clock: compose.SystemClock) -> None:
        self._exceptions = exceptions
        self._parser = parser
        self._clock = clock

    def listed(self) -> list[Document]:
        return self._exceptions.listed()

    def add(self, match: Match, reason: str, author: str, expires: str) -> Document:
        now = self._clock.now()
        rule = make_exception(
            self._parser.parse, **asdict(match), reason=reason, author=author, expires=expires, now=now
        )
        return self._exceptions.add(rule)

    def remove(self, exception_id: str) -> None:
        if not self._exceptions.remove(exception_id):
            raise InputError(f"There is no exception {exception_id!r}. `firstsight exception list` tells them.")

    def preview(self, match: Match) -> Document:
        rule = make_exception(self._parser.parse, **asdict(match), reason="preview", expires=NEVER)
        return asyncio.run(self._exceptions.preview(rule))


class _Service:
    """A service holds the store: it is asked, as any caller on this machine may ask it."""

    def __init__(self, settings: Settings) -> None:
        host, self._port = settings.address
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # where it listens for all
        self._trust = _only(settings.tls.cert) if settings.tls.cert else None

    def listed(self) -> list[Document]:
        found: list[Document] = self._ask("GET", "/v1/exceptions")["exceptions"]
        return found

    def add(self, match: Match, reason: str, author: str, expires: str) -> Document:
        body = {**asdict(match), "reason": reason, "author": author, "expires": expires}
        document: Document = self._ask("POST", "/v1/exceptions", body)
        return document

    def remove(self, exception_id: str) -> None:
        self._ask("DELETE", f"/v1/exceptions/{quote(exception_id, safe='')}")

    def preview(self, match: Match) -> Document:
        document: Document = self._ask("POST", "/v1/exceptions/preview", asdict(match))
        return document

    def _ask(self, method: str, path: str, body: Document | None = None) -> Any:
        connection = (
            http.client.HTTPConnection(self._host, self._port, timeout=_PATIENCE)
            if self._trust is None
            else http.client.HTTPSConnection(self._host, self._port, timeout=_PATIENCE, context=self._trust)
        )
        try:
            connection.request(
                method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"}
            )
            reply = connection.getresponse()
            text = reply.read()
            told = json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise StoreError(
                f"Another process holds the store, and no firstsight answers at {self._host}:{self._port} ({error}). "
                f"If it is starting, try again in a moment; else give this verb the settings that it runs with."
            ) from error
        finally:
            connection.close()
        if reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise InputError(
                f"The running service at {self._host}:{self._port} takes this for another machine ({told['detail']}) "
                f"Use its API, /v1/exceptions, with a token of scope admin."
            )
        if reply.status >= HTTPStatus.BAD_REQUEST:
            raise InputError(str(told.get("detail", text.decode(errors="replace"))))
        return told


def _only(certificate: str) -> ssl.SSLContext:
    """Trust in the very certificate that the settings name, for whatever host it is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(certificate)
    except OSError as error:
        raise InputError(f"The certificate {certificate} can't be read ({error}). Run this as its user.") from error
    return context
