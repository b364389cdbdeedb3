import asyncio
import socket
import threading

import pytest

from firstsight.lookups.resolver import Resolver

PATIENCE = 20.0


async def test_a_name_becomes_addresses_that_can_be_connected_to() -> None:
    (found, *_) = await Resolver().resolve("localhost", 5730)
    assert (found["host"], found["port"], found["hostname"]) == ("127.0.0.1", 5730, "localhost")


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 64, "\udcff"])
async def test_a_name_that_is_none_is_an_error_of_the_network(name: str) -> None:
    with pytest.raises(OSError):
        await asyncio.wait_for(Resolver().resolve(name, 1), PATIENCE)


async def test_dead_name_servers_hold_up_only_whoever_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = threading.Event()

    def look_up(*_: object) -> list[object]:
        dead.wait(PATIENCE)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    waiting = [asyncio.ensure_future(Resolver().resolve("slow.example", 1)) for _ in range(20)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "resolve")
    dead.set()
    assert await asyncio.gather(*waiting) == [[]] * 20
