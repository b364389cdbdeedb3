"""A WHOIS server on loopback (RFC 3912): it can be good, slow, endless, silent or rude."""

import asyncio
from collections.abc import Callable
from typing import Self

GOOD = "Domain Name: {name}\r\nCreation Date: 2026-11-20T10:00:00Z\r\nRegistry Expiry Date: 2027-11-20T10:00:00Z\r\n"


class WhoisRegistry:
    """Answers every question by `behaviour`: a text with `{name}`, or what is done with the connection.

    Attributes:
        asked: the questions, as they came.
    """

    def __init__(self) -> None:
        self.behaviour: str | Callable[[asyncio.StreamWriter], object] = GOOD
        self.asked: list[str] = []
        self.encoding = "utf-8"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = (await reader.readline()).decode().strip()
        self.asked.append(question)
        try:
            if isinstance(self.behaviour, str):
                writer.write(self.behaviour.replace("{name}", question.split()[-1]).encode(self.encoding))
                await writer.drain()
            else:
                done = self.behaviour(writer)
                if asyncio.iscoroutine(done):
                    await done
        except ConnectionError:
            pass  # who asked has heard enough
        finally:
            writer.close()
