"""An RDAP registry on loopback that can be good, slow, wrong or hostile, and remembers what it was asked.

    async with Registry() as registry:
        registry.domains["evil.com"] = Answer(registered="2026-11-20T10:00:00Z")
        registry.default = RateLimited("30")
        ...  # registry.url is the base to write into `[registration.servers]`
        assert registry.count("evil.com") == 1

A plain `with` runs it in a thread of its own, for tests that start firstsight as a process. `behaviour`, where set,
plays for every question; else `domains[name]`; else `default` (404, as registries say it).
"""

import asyncio
import contextlib
import json
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Protocol, Self


@dataclass(frozen=True)
class Asked:
    """A question as it came: `at` is the monotonic clock, header names are in lower case."""

    path: str
    name: str
    at: float
    headers: Mapping[str, str]


class Behaviour(Protocol):
    """Plays one connection's answer."""

    async def play(self, asked: Asked, out: asyncio.StreamWriter, /) -> None: ...


@dataclass(frozen=True)
class Status:
    """Any reply."""

    code: int
    body: bytes = b""
    content_type: str = "application/rdap+json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
        out.write(self._head() + self.body)

    def _head(self) -> bytes:
        lines = [
            f"HTTP/1.1 {self.code} Whatever",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True)
class Answer:
    """A domain object. `name` is whom it is about (the domain asked for); `more` goes on top of it."""

    registered: str | None = "1997-09-15T04:00:00Z"
    expires: str | None = "2028-09-14T04:00:00Z"
    name: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self, asked_name: str) -> bytes:
        dates = {"registration": self.registered, "expiration": self.expires}
        document = {
            "rdapConformance": ["rdap_level_0"],
            "objectClassName": "domain",
            "ldhName": (self.name or asked_name).upper(),
            "events": [
                {"eventAction": action, "eventDate": date} for action, date in dates.items() if date is not None
            ],
        }
        return json.dumps({**document, **self.more}).encode()

    async def play(self, asked: Asked, out: asyncio.StreamWriter) -> None:
        await Status(200, self.body(asked.name)).play(asked, out)


def not_found() -> Status:
    """404 as a registry says it."""
    return Status(404, b'{"rdapConformance":["rdap_level_0"],"errorCode":404,"title":"Not Found"}')


def not_found_page() -> Status:
    """404 as any web server says it: no proof of anything."""
    return Status(404, b"<html><h1>Not Found</h1></html>", "text/html")


def web_page() -> Status:
    """200 with a page instead of RDAP."""
    return Status(200, b"<!DOCTYPE html><title>Welcome</title>", "text/html")


def rate_limited(retry_after: str | None = None) -> Status:
    """429, with any `Retry-After`."""
    return Status(429, headers={} if retry_after is None else {"Retry-After": retry_after})


def redirect(to: str) -> Status:
    """302 to any URL or path."""
    return Status(302, headers={"Location": to})


@dataclass(frozen=True)
class Slow:
    """Says nothing for a while, then plays another part."""

    seconds: float
    then: Behaviour = field(default_factory=Answer)

    async def play(self, asked: Asked, out: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.seconds)
        await self.then.play(asked, out)


@dataclass(frozen=True)
class Drip:
    """A byte of body every `interval` seconds, for ever: no single read ever times out."""

    interval: float = 0.02

    async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            out.write(b" ")
            await out.drain()
            await asyncio.sleep(self.interval)


@dataclass
class Endless:
    """A body without an end, as fast as it is read; counts its bytes."""

    sent: int = 0

    async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
        out.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{")
        while True:
            out.write(b'"x":1,' * 4096)
            await out.drain()
            self.sent += 6 * 4096


@dataclass(frozen=True)
class Raw:
    """These bytes, HTTP or not."""

    data: bytes

    async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
        out.write(self.data)


@dataclass(frozen=True)
class Reset:
    """A TCP reset instead of an answer."""

    async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
        out.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        out.transport.abort()


class Registry:
    """The server; see the module. `tls`: it speaks https with this, for clients that know its name."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.domains: dict[str, Behaviour] = {}
        self.default: Behaviour = not_found()
        self.behaviour: Behaviour | None = None
        self.asked: list[Asked] = []
        self.port = 0
        self._serving: contextlib.AbstractAsyncContextManager[None] | None = None
        self._players: set[asyncio.Task[None]] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    @property
    def url(self) -> str:
        """Base URL, with a trailing slash."""
        return f"http://127.0.0.1:{self.port}/"

    def count(self, name: str) -> int:
        """How often a domain was asked for."""
        return sum(asked.name == name for asked in self.asked)

    async def __aenter__(self) -> Self:
        self._serving = self._serve()
        await self._serving.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._serving is not None
        await self._serving.__aexit__(None, None, None)

    def __enter__(self) -> Self:
        ready = threading.Event()

        async def run() -> None:
            self._loop = asyncio.get_running_loop()
            async with self:
                ready.set()
                await self._stop.wait()

        self._thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the registry did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @contextlib.asynccontextmanager
    async def _serve(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for player in self._players:
                player.cancel()
            await asyncio.gather(*self._players, return_exceptions=True)

    def _connected(self, source: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        player = asyncio.ensure_future(self._play(source, out))
        self._players.add(player)
        player.add_done_callback(self._players.discard)

    async def _play(self, source: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        """One question a connection; a client that goes away ends it."""
        try:
            first, *rest = (await source.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = first.split(" ")[1]
            name = path.rpartition("/domain/")[2]
            headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in rest)}
            asked = Asked(path, name, time.monotonic(), headers)
            self.asked.append(asked)
            await (self.behaviour or self.domains.get(name, self.default)).play(asked, out)
            await out.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            out.close()
            with contextlib.suppress(ConnectionError):
                await out.wait_closed()
