"""`POST /v1/wazuh/alerts` as a node asks it: lines out, what is due on this node back."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import aiohttp
import msgspec

from firstsight.core.errors import FirstsightError, SettingsError
from firstsight.lookups.resolver import Resolver

_MOST_BYTES = 8 << 20  # of an answer: 1 MiB of datagrams, and JSON's escapes

Kind = Literal["away", "certificate", "token", "refused"]


class HandOverError(FirstsightError):
    """The lines were not taken; they must be kept.

    Attributes:
        kind: `away` (no answer, or none of firstsight's), `certificate` (a foreign one), `token` (401, 403) or
            `refused` (413, 415, 422: this very request can never work).
    """

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Answer(msgspec.Struct, frozen=True):
    """What the service says once the lines are safe on its disk.

    Attributes:
        read: lines it has read.
        deliver: datagrams due on this node, in order.
        pending: how much may still come within seconds.
        cursor: acknowledges `deliver` when it is sent back; empty where that is.
    """

    read: int
    deliver: list[str]
    pending: int
    cursor: str


_decode = msgspec.json.Decoder(Answer).decode


class Client:
    """One node's way to its service.

    Args:
        url: the service's, without a slash at its end.
        node: the node's name.
        token: the token as it is now; empty = none. May raise SettingsError.
        ca: PEM of the certificate authority; None: the system's.
        deadline: seconds for a whole exchange, however slowly it comes.

    Raises:
        SettingsError: `ca` can't be used.
    """

    def __init__(
        self, url: str, node: str, token: Callable[[], str], ca: Path | None = None, *, deadline: float = 10.0
    ) -> None:
        self.url = url
        self._node = node
        self._token = token
        self._deadline = deadline
        self._session: aiohttp.ClientSession | None = None
        try:
            self._trusted = ssl.create_default_context(cafile=ca)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            raise SettingsError(
                f"The certificate authority in {ca} can't be used: {error}. Name the PEM file of the one that signed "
                "the service's certificate."
            ) from error

    async def hand_over(self, lines: bytes, cursor: str) -> Answer:
        """Hand lines over (none: only acknowledge and collect).

        Args:
            lines: Wazuh alerts, each with its newline.
            cursor: acknowledges what an earlier answer delivered; empty: nothing.

        Raises:
            HandOverError: they were not taken.
        """
        try:
            async with asyncio.timeout(self._deadline):
                status, body = await self._post(lines, cursor)
        except TimeoutError as error:
            raise HandOverError("away", f"{self.url} did not answer within {self._deadline:g} s.") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise HandOverError(
                "certificate",
                f"{self.url} shows a certificate that is not trusted ({error}). Name its authority as `ca`, or look "
                "who answers there.",
            ) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
            raise HandOverError(
                "away", f"{self.url} can't be reached: {str(cause) or type(cause).__name__}."
            ) from error
        except SettingsError as error:
            raise HandOverError("token", str(error)) from error
        return self._read(status, body)

    async def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, lines: bytes, cursor: str) -> tuple[int, bytes]:
        token = self._token()
        query = {"node": self._node} | ({"cursor": cursor} if cursor else {})
        headers = {"Content-Type": "application/x-ndjson"} | ({"Authorization": f"Bearer {token}"} if token else {})
        async with self._opened().post(
            f"{self.url}/v1/wazuh/alerts", params=query, data=lines, headers=headers, allow_redirects=False
        ) as reply:
            body = bytearray()
            async for chunk in reply.content.iter_any():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError(f"its answer is longer than {_MOST_BYTES} bytes")
            return reply.status, bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        """The session; made on first use, because it belongs to the running loop."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=1, resolver=Resolver(), ssl=self._trusted),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `hand_over` has the only deadline
                headers={"User-Agent": "firstsight-forward", "Accept-Encoding": "identity"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    def _read(self, status: int, body: bytes) -> Answer:
        match status:
            case 200:
                try:
                    return _decode(body)
                except msgspec.DecodeError:
                    pass
            case 401 | 403:
                raise HandOverError(
                    "token",
                    f"{self.url} refuses this node's token ({status}). Put one with the scope `ingest` into the token "
                    "file; it is read anew at each try.",
                )
            case 413 | 415 | 422:
                raise HandOverError("refused", f"{self.url} can't use what was handed over ({status}).")
        raise HandOverError(
            "away",
            f"What answers at {self.url} ({status}) is not firstsight at work. Check the url, and the service's log.",
        )
