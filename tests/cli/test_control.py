"""The way from a verb to the service that holds the store."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest

from firstsight.cli.control import Message, answer, ask
from firstsight.core.errors import InputError, StoreBusyError


async def echo(question: Message) -> Message:
    if "bad" in question:
        raise InputError("That is no question.")
    return {"heard": question}


async def test_a_question_and_its_answer(tmp_path: Path) -> None:
    store = tmp_path / ("deep-" * 30) / "store.db"  # longer than a socket's path may be
    store.parent.mkdir()
    server = await answer(store, echo)
    path = store.with_name("store.db.control")
    assert path.stat().st_mode & 0o777 == 0o600
    assert await asyncio.to_thread(ask, store, {"a": "ü\n"}) == {"heard": {"a": "ü\n"}}
    with pytest.raises(InputError, match=r"^That is no question\.$"):
        await asyncio.to_thread(ask, store, {"bad": 1})
    server.close()
    await server.wait_closed()


async def test_what_is_no_question_ends_only_itself(tmp_path: Path) -> None:
    server = await answer(tmp_path / "store.db", echo)
    for nonsense in (b"{\n", b"\xff\n", b"x" * 200_000 + b"\n", b""):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "store.db.control"))
        writer.write(nonsense)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):  # what was not read is reset
            assert await reader.read() == b""
        writer.close()
    assert await asyncio.to_thread(ask, tmp_path / "store.db", {}) == {"heard": {}}
    server.close()


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(StoreBusyError, match="did not answer"):
        ask(tmp_path / "store.db", {})


async def test_what_a_killed_service_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "store.db.control"))
    with pytest.raises(StoreBusyError, match="did not answer"):
        ask(tmp_path / "store.db", {})
    server = await answer(tmp_path / "store.db", echo)
    assert await asyncio.to_thread(ask, tmp_path / "store.db", {}) == {"heard": {}}
    server.close()
