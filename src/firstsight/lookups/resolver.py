"""Host names to addresses, without holding up anything else where the name server is dead."""

import asyncio
import contextlib
import socket
import threading
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_RESOLVING = 16  # names looked up at once


class Resolver(AbstractResolver):
    """Host names by the system's resolver, in daemon threads of its own.

    A dead name server holds a thread for half a minute. aiohttp's own resolver takes the loop's default threads, which
    others need too and which a program that ends waits for.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_RESOLVING)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host, as `aiohttp.abc.AbstractResolver` wants them."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[tuple[Any, ...]]] = loop.create_future()

        def tell(found: list[tuple[Any, ...]], error: OSError | None) -> None:
            self._free.release()
            if answer.done():  # nobody waits any more
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def look_up() -> None:
            found: list[tuple[Any, ...]] = []
            failed: OSError | None = None
            try:
                found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
            except OSError as error:
                failed = error
            except UnicodeError:
                failed = OSError("that is no host name")
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(tell, found, failed)

        threading.Thread(target=look_up, name="resolve", daemon=True).start()
        return [
            ResolveResult(
                hostname=host,
                host=address[0],
                port=address[1],
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in await answer
        ]

    async def close(self) -> None:
        """Nothing to let go of: a thread that still waits ends by itself."""
