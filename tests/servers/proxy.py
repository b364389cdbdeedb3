"""An HTTP proxy on loopback that knows where a few host names are, and remembers what it was asked for.

    async with Proxy({"rdap.registry.com": registry.port}, login="user:secret") as proxy:
        ...  # proxy.url
        assert proxy.asked == ["CONNECT rdap.registry.com:443"]

One that breaks TLS open is this one with a server that has a certificate of the proxy's own authority.
"""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Mapping
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """The proxy; see the module. `refusal`: the status that everything is refused with; 0 = none."""

    def __init__(self, places: Mapping[str, int], *, login: str = "", refusal: int = 0) -> None:
        self._places = places
        self._login = login
        self._refusal = refusal
        self.asked: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """With credentials, where it wants some."""
        return f"http://{self._login}@127.0.0.1:{self.port}" if self._login else f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _connected(self, source: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(source, out))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, source: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        try:
            head = (await source.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target = head.split(" ")[:2]
            self.asked.append(f"{method} {target}")
            status = self._refusal or (407 if self._wants_login(head) else 0)
            host = target.rpartition(":")[0] if method == "CONNECT" else urlsplit(target).hostname or ""
            if not status and host not in self._places:
                status = 502
            if status:
                out.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
                await out.drain()
            else:
                await self._through(method, head, self._places[host], source, out)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            await _close(out)

    def _wants_login(self, head: str) -> bool:
        login = base64.b64encode(self._login.encode()).decode()
        return bool(self._login) and f"proxy-authorization: basic {login}".lower() not in head.lower()

    async def _through(
        self, method: str, head: str, port: int, source: asyncio.StreamReader, out: asyncio.StreamWriter
    ) -> None:
        back, on = await asyncio.open_connection("127.0.0.1", port)
        if method == "CONNECT":
            out.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            on.write(head.encode("latin-1"))
        try:
            await asyncio.gather(_pump(source, on), _pump(back, out))
        finally:
            await _close(on)


async def _close(out: asyncio.StreamWriter) -> None:
    out.close()
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        await out.wait_closed()


async def _pump(source: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await source.read(65_536):
            out.write(data)
            await out.drain()
        out.close()
