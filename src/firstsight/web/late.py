"""An app that is made after the start: what it needs takes longer to import than all the rest."""

import asyncio
from collections.abc import Callable

from firstsight.web.asgi import App, Receive, Scope, Send


class Late:
    """An ASGI app in front of one that is made by the first request, or by `prepare`; in a thread, once.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._app: App | None = None
        self._making: asyncio.Task[App] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the first ones wait until there is something to pass them to."""
        await (self._app or await self._made())(scope, receive, send)

    async def prepare(self) -> None:
        """Make it before anybody asks."""
        await self._made()

    async def _made(self) -> App:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        # Who goes away while waiting must not end it for the others.
        self._app = await asyncio.shield(self._making)
        return self._app
