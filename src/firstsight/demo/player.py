"""Somebody outside, played on loopback."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web


class Player:
    """Serves one path on a free port of 127.0.0.1. Use it with `async with`, or start and stop it.

    Args:
        path: what is answered, as aiohttp writes it.
        answer: answers it.
    """

    def __init__(self, path: str, answer: Callable[[web.Request], Awaitable[web.Response]]) -> None:
        self._path = path
        self._answer = answer
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The base URL, with a final slash; empty while it doesn't run."""
        if self._runner is None:
            return ""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/"

    async def start(self) -> None:
        """Listen."""
        application = web.Application()
        application.router.add_get(self._path, self._answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening. Does nothing where it doesn't run."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
