"""What a page's form sends (application/x-www-form-urlencoded), read whole and bounded."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qs

from firstsight.web.asgi import Receive, Scope

MOST_BYTES = 64 * 1024
_KIND = b"application/x-www-form-urlencoded"
_MOST_FIELDS = 2000


class TooLargeError(Exception):
    """A form is larger than MOST_BYTES."""


def is_form(scope: Scope) -> bool:
    """Whether a request says that it brings a form."""
    kinds = [value for key, value in scope["headers"] if key == b"content-type"]
    return len(kinds) == 1 and kinds[0].partition(b";")[0].strip().lower() == _KIND


async def read_body(receive: Receive) -> bytes:
    """A body; empty where the client went away.

    Raises:
        TooLargeError: it is too large.
    """
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MOST_BYTES:
            raise TooLargeError
    return body


def _all_fields(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return {}


def fields(body: bytes) -> dict[str, str]:
    """A form's fields; the first value of each. What can't be read has none."""
    found = _all_fields(body)
    return {key: values[0] for key, values in found.items()}


def chosen(body: bytes, key: str) -> list[str]:
    """All values of a field that may come more than once, such as boxes that are ticked."""
    return _all_fields(body).get(key, [])


def again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read to whoever is next, and then what comes after it."""
    given = False

    async def next_message() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message
