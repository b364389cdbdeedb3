"""How a verb reaches a running service: a socket beside the store, which only the store's owner can open.

One JSON object a line, one question a connection. It is no HTTP: whoever may ask there may not erase.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from firstsight.core.errors import FirstsightError, InputError, StoreBusyError

Message = dict[str, Any]

_PATIENCE = 600.0  # seconds; a pass through a large store takes minutes
_MOST = 65536


async def answer(store: Path, act: Callable[[Message], Awaitable[Message]]) -> asyncio.Server:
    """Answer verbs, as long as the server that is returned is open. The store must be held by this process.

    Args:
        store: the store's file; the socket is `<name>.control` beside it.
        act: does what a verb asks; a FirstsightError is its answer too.

    Raises:
        OSError: the socket can't be made.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):  # who went away, or wrote no line of ours
            question = json.loads(await reader.readline())
            try:
                reply = await act(question)
            except FirstsightError as error:
                reply = {"error": str(error)}
            writer.write(json.dumps(reply).encode() + b"\n")
            await writer.drain()
        writer.close()

    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path = _path(store)
        path.unlink(missing_ok=True)  # of a service that was killed: this one holds the lock
        with _short(path) as name:
            listener.bind(name)
        path.chmod(0o600)
        listener.setblocking(False)
        return await asyncio.start_unix_server(talk, sock=listener, limit=_MOST)
    except BaseException:
        listener.close()
        raise


def ask(store: Path, question: Message) -> Message:
    """Ask the service that holds a store; its answer.

    Raises:
        StoreBusyError: the store is held by something that does not answer.
        InputError: it answers that it can't.
    """
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_PATIENCE)
            with _short(_path(store)) as name:
                connection.connect(name)
            connection.sendall(json.dumps(question).encode() + b"\n")
            with connection.makefile("rb") as lines:
                reply: Message = json.loads(lines.readline())
    except (OSError, ValueError) as error:
        raise StoreBusyError(
            f"The store {store} is held, and whoever holds it did not answer ({error}). If it is another verb, try "
            f"again when it is done; if it is the service, see its log, or stop it and try again."
        ) from error
    if "error" in reply:
        raise InputError(reply["error"])
    return reply


def _path(store: Path) -> Path:
    return store.with_name(store.name + ".control")


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name for a socket's path, which may have 107 bytes only (unix(7)), by way of its folder's descriptor."""
    folder = os.open(path.parent, os.O_PATH | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
