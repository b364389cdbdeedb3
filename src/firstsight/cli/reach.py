"""How a verb reaches the site's exceptions: through the running service, or in its store while none runs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from firstsight import compose, tables
from firstsight.cli.control import ask
from firstsight.cli.desk import me
from firstsight.clock import SystemClock
from firstsight.core.deeds import By
from firstsight.core.document import Document
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.core.exceptions import NEVER, make_exception
from firstsight.core.names import Name
from firstsight.settings import load
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.exceptions import Exceptions


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an exception matches and holds back, as a person wrote it."""

    domain: str = ""
    process: str = ""
    agent: str = ""
    scope: tuple[str, ...] = ()


class List(msgspec.Struct, frozen=True, tag="list"):
    """Tell all of them."""


class Add(msgspec.Struct, frozen=True, tag="add"):
    """Make one."""

    match: Match
    reason: str
    on_behalf_of: str
    expires: str


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """End one."""

    id: str


class Preview(msgspec.Struct, frozen=True, tag="preview"):
    """Tell what one would have held back."""

    match: Match


Wish = List | Add | Remove | Preview
"""What is asked of the site's exceptions."""


def reach(config: Path | None, wish: Wish) -> Document:
    """Have a wish fulfilled, by whoever holds the store.

    Returns:
        What the API answers to the same; nothing where one is removed.

    Raises:
        FirstsightError: it can't be fulfilled; the text says why and what to do.
    """
    settings = load(config)
    path, clock = compose.store_path(settings), SystemClock()
    try:
        store = SqliteStore(path, clock)
    except StoreBusyError:
        return ask(path, {"exception": msgspec.to_builtins(wish), "who": me()})
    try:
        parse = tables.name_parser(settings.names.internal).parse
        exceptions = Exceptions(store, clock, compose.written_exceptions(settings, parse))
        return asyncio.run(_fulfil(exceptions, parse, clock.now(), wish, By(me())))
    finally:
        store.close()


async def exceptions_on_request(
    exceptions: Exceptions, parse: Callable[[str], Name], now: float, written: object, who: str
) -> Document:
    """What a service answers to `reach`; `written` is the wish as it was sent, `who` whose it is.

    Raises:
        InputError: it is asked for something else, or can't do it.
        StoreError: the store can't be read or written.
    """
    try:
        wish = msgspec.convert(written, Wish)
    except msgspec.ValidationError as error:
        raise InputError(
            f"The service does not know what it is asked of its exceptions ({error}): is it of another version than "
            f"the verb?"
        ) from error
    return await _fulfil(exceptions, parse, now, wish, By(who))


async def _fulfil(exceptions: Exceptions, parse: Callable[[str], Name], now: float, wish: Wish, by: By) -> Document:
    match wish:
        case List():
            return {"exceptions": exceptions.listed()}
        case Add():
            what = msgspec.structs.asdict(wish.match) | {"reason": wish.reason, "expires": wish.expires}
            return exceptions.add(make_exception(parse, **what, author=wish.on_behalf_of, now=now), by)
        case Remove():
            if not exceptions.remove(wish.id, by):
                raise InputError(f"There is no exception {wish.id!r}. `firstsight exception list` tells them.")
            return {}
        case Preview():
            what = msgspec.structs.asdict(wish.match)
            return await exceptions.preview(make_exception(parse, **what, reason="preview", expires=NEVER))
