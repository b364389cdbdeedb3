import asyncio
import threading
from typing import Any

import pytest

from firstsight.web.asgi import App, Receive, Scope, Send
from firstsight.web.late import Late


class Making:
    """Makes an app, when it is let."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.made = 0
        self.asked: list[str] = []

    def __call__(self) -> App:
        self.may.wait(10)
        self.made += 1

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            self.asked.append(scope["path"])

        return app


async def nothing(*_: Any) -> Any:
    raise AssertionError("nobody listens or speaks here")


async def test_it_is_made_once_for_all_who_wait_and_who_went_away_ends_nothing() -> None:
    making = Making()
    late = Late(making)
    waiting = [asyncio.create_task(late({"path": f"/{number}"}, nothing, nothing)) for number in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    making.may.set()
    await asyncio.gather(*waiting[1:])
    await late({"path": "/later"}, nothing, nothing)

    assert making.made == 1
    assert making.asked == ["/1", "/2", "/later"]


async def test_it_may_be_made_before_anybody_asks() -> None:
    making = Making()
    making.may.set()
    late = Late(making)
    await late.prepare()
    assert making.made == 1
    await late({"path": "/x"}, nothing, nothing)
    assert making.made == 1


async def test_what_keeps_it_from_being_made_is_told() -> None:
    def broken() -> App:
        raise OSError("no such module")

    late = Late(broken)
    with pytest.raises(OSError, match="no such module"):
        await late.prepare()
