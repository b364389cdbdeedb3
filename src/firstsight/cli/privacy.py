"""`firstsight privacy status`, `apply` and `pseudonym`: what becomes of people's names."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from firstsight import compose
from firstsight.cli.control import Message, ask
from firstsight.cli.desk import me
from firstsight.clock import SystemClock
from firstsight.core.deeds import Deed
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.core.times import rfc3339
from firstsight.core.usernames import Users
from firstsight.disguises import disguise_of, pseudonyms_of
from firstsight.ports import Trail
from firstsight.settings import Settings, load
from firstsight.store.holdings import Holdings
from firstsight.store.looking import looking
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.watch.erasure import Erasure

_WORDS = {
    "users": "users",
    "images": "programs in people's folders, or named after them",
    "first_sights_without": "first sights with such a program",
    "alerts_without": "alerts, those that wait to be delivered included",
    "cases_without": "cases not decided yet",
}


def status(config: Path | None) -> int:
    """Tell what is in force and what is stored, also while the service runs.

    Raises:
        FirstsightError: the store can't be read.
    """
    settings = load(config)
    with looking(compose.store_of(settings)) as look:
        held, marks = look.holdings(), look.key_marks()
    print(*_status(settings, held, marks), sep="\n")
    return 0


def _status(settings: Settings, held: Holdings, marks: list[tuple[str, float]]) -> Iterator[str]:
    privacy = settings.privacy
    yield f"{'what comes':<14}{privacy.users.in_words} ([privacy] users = {privacy.users})"
    if privacy.users is Users.PSEUDONYM:
        yield f"{'':<14}by the key in {settings.pseudonym_key_path}"
    if privacy.users is not Users.LEAVE_OUT:
        yield f"{'viewers':<14}{'see' if privacy.viewers_see_users else 'do not see'} them"
    kept = {"users": held.users, "programs": held.programs, "undecided": held.cases, "alerts": held.alerts}
    for what, rows in kept.items():
        yield f"{what:<14}{_counted(rows)}"
    if held.waiting:
        yield f"{'':<14}{held.waiting:,} of them with either, and not delivered everywhere yet"
    for mark, since in marks[-3:]:
        yield f"{'key':<14}{mark} since {rfc3339(int(since))}"
    if privacy.users is not Users.KEEP and held.to_change(privacy.users):
        yield "What was stored before is as it was: `firstsight privacy apply` takes names away from it too."


def _counted(rows: Counter[Users]) -> str:
    return (
        f"{rows[Users.KEEP]:,} with names, {rows[Users.PSEUDONYM]:,} with pseudonyms, {rows[Users.LEAVE_OUT]:,} without"
    )


def apply(config: Path | None) -> int:
    """Take people's names away from what is stored, through the service where it runs; say from what.

    Raises:
        FirstsightError: it was not done, or not to the end; asked again, it goes on.
    """
    settings = load(config)
    path, users = compose.store_of(settings), settings.privacy.users
    disguise = disguise_of(settings)
    if disguise is None:
        raise InputError(
            "[privacy] users = keep: names stay as they are. Set it to pseudonym or leave_out, restart the service, "
            "and try again."
        )
    try:
        store = SqliteStore(path, SystemClock())
    except StoreBusyError:
        changed: dict[str, int] = ask(path, {"privacy": str(users), "who": me()})["changed"]
    else:
        changed = {}
        try:
            _note(SqliteTrail(store.database), me(), users, SystemClock.now())
            for changed in store.take_names_away(disguise):  # noqa: B007  # the last one
                pass
        finally:
            store.close()
    print(f"{users.in_words.capitalize()}, also in what was stored:" if changed else "There was nothing to change.")
    for what, words in _WORDS.items():
        if changed.get(what):
            print(f"{changed[what]:>12,}  {words}")
    print(
        f"Not touched: what was sent already (Wazuh, {settings.alerts.file or 'no alert file'}), copies of the store, "
        f"exceptions that name somebody, and the sources' own files."
    )
    return 0


def pseudonym(config: Path | None) -> int:
    """Print the pseudonyms of users that are read from standard input, one a line.

    Not from the command line: every user of the machine sees that, and a shell's history keeps it.

    Raises:
        SettingsError: there is no key.
    """
    disguise = pseudonyms_of(load(config))
    if sys.stdin.isatty():
        print(r"Users, one a line, as alerts would name them (CORP\alice); end with Ctrl-D.", file=sys.stderr)
    for line in sys.stdin:
        if user := line.strip():
            print(disguise.user(user))
    return 0


async def names_on_request(erasure: Erasure, trail: Trail, now: float, question: Message) -> Message:
    """What a service answers to `apply`.

    Raises:
        InputError: it goes by other settings.
        StoreError: see Erasure.take_names_away.
    """
    match question:
        case {"privacy": ("keep" | "pseudonym" | "leave_out") as kept, "who": str(who)}:
            users = Users(kept)
        case _:
            raise InputError("The service does not know what it is asked for: is it of another version than the verb?")
    return {"changed": await erasure.take_names_away(users, lambda: _note(trail, who, users, now))}


def _note(trail: Trail, who: str, users: Users, now: float) -> None:
    trail.note(Deed("names_taken_away", who, now, str(users)))
