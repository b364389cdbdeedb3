from collections.abc import MutableMapping
from typing import Any

import pytest

from firstsight.web.asgi import Receive
from firstsight.web.forms import MOST_BYTES, TooLargeError, again, chosen, fields, is_form, read_body


def parts(*bodies: bytes) -> Receive:
    left = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    left[-1]["more_body"] = False

    async def receive() -> MutableMapping[str, Any]:
        return left.pop(0) if left else {"type": "http.disconnect"}

    return receive


async def test_a_body_is_read_whole_and_given_again() -> None:
    receive = parts(b"a=1", b"&b=2")
    body = await read_body(receive)
    assert body == b"a=1&b=2"

    once_more = again(body, receive)
    assert await read_body(once_more) == body
    assert (await once_more())["type"] == "http.disconnect"


async def test_a_body_has_a_bound() -> None:
    with pytest.raises(TooLargeError):
        await read_body(parts(b"x" * MOST_BYTES, b"x"))


async def test_who_went_away_sent_nothing() -> None:
    async def gone() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    assert await read_body(gone) == b""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", {}),
        (b"name=a+b&password=%C3%BC&name=c", {"name": "a b", "password": "ü"}),
        (b"next=", {"next": ""}),
        (b"name=a&\xff=\xff", {}),
        (b"&".join([b"a=1"] * 3000), {}),
    ],
)
def test_fields(body: bytes, found: dict[str, str]) -> None:
    assert fields(body) == found


@pytest.mark.parametrize(
    ("kinds", "form"),
    [
        (["application/x-www-form-urlencoded"], True),
        (["Application/X-WWW-Form-Urlencoded; charset=utf-8"], True),
        (["application/json"], False),
        ([], False),
        (["application/x-www-form-urlencoded", "text/plain"], False),
    ],
)
def test_what_is_a_form(kinds: list[str], form: bool) -> None:
    assert is_form({"headers": [(b"content-type", kind.encode()) for kind in kinds]}) is form


def test_boxes_that_are_ticked() -> None:
    body = b"scope=first_seen&domain=a.com&scope=random_name"
    assert chosen(body, "scope") == ["first_seen", "random_name"]
    assert chosen(body, "reason") == []
    assert chosen(b"&".join([b"scope=a"] * 3000), "scope") == [], "too many to be read"
