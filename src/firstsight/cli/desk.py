"""How a verb has something done that is kept in the store: through the service where it runs, else by itself."""

import os
import pwd
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from firstsight import compose
from firstsight.cli.control import Message, ask
from firstsight.clock import SystemClock
from firstsight.core.errors import FirstsightError, StoreBusyError
from firstsight.entrance import desk_of
from firstsight.settings import Settings


def at_desk(settings: Settings, act: str, **details: str | float | None) -> Message:
    """Have something done (access/desk.py); the answer.

    Args:
        settings: the settings.
        act: what.
        details: what that needs.

    Raises:
        FirstsightError: it was not done.
    """
    path = compose.store_path(settings)
    try:
        with desk_of(path, SystemClock()) as desk:
            return desk.answer(_question(act, details))
    except StoreBusyError:
        return ask_service(path, act, **details)


def ask_service(store: Path, act: str, **details: str | float | None) -> Message:
    """Have something done by the service that runs; the answer.

    Args:
        store: the store that it holds.
        act: what.
        details: what that needs.

    Raises:
        StoreBusyError: none answers.
        InputError: it was not done.
    """
    return ask(store, _question(act, details))


def _question(act: str, details: Mapping[str, str | float | None]) -> Message:
    return {"desk": act, "who": me(), **details}


def noted(settings: Settings, what: str, about: str) -> None:
    """Note a deed of a verb; where no store was made yet, there is nothing to note it in.

    Raises:
        FirstsightError: it is not noted.
    """
    if settings.store_path.exists():
        at_desk(settings, "note", what=what, about=about)


def mentioned(settings: Settings, what: str, about: str) -> None:
    """Note a deed in the trail of the service, where one runs and can: for a verb that is not to wait for that."""
    with suppress(FirstsightError):
        ask_service(settings.store_path, "note", what=what, about=about)


def me() -> str:
    """Who starts the verb, as the trail names it: the store's owner, and who became it by sudo, by sudo's own word."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = str(uid)
    sudo = os.environ.get("SUDO_USER", "")
    return f"local:{name} (sudo {sudo})" if sudo else f"local:{name}"
