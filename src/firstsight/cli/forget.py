"""`firstsight forget --user NAME | --agent NAME`."""

from pathlib import Path

from firstsight import compose
from firstsight.cli.control import Message, ask
from firstsight.cli.desk import me
from firstsight.clock import SystemClock
from firstsight.core.deeds import Deed
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.core.privacy import Forgotten, known_as
from firstsight.disguises import known_by
from firstsight.ports import Doomed, Trail
from firstsight.settings import load
from firstsight.store.sqlite import SqliteStore
from firstsight.store.trail import SqliteTrail
from firstsight.watch.erasure import Erasure

_WORDS = {
    "users": "users by that name",
    "agents": "agents by that name",
    "pairs": "notes that an agent asked for a domain",
    "first_askers": "domains whose first asker it was",
    "images": "programs in the user's own folder, renamed",
    "records": "record windows",
    "marks": "notes of what was told of it, or of what it asked in vain",
    "alerts_without": "alerts that named it, now without",
    "cases_without": "cases not decided yet that named it, now without",
    "texts": "programs and users that nothing names any more",
}


def run(user: str | None, agent: str | None, config: Path | None) -> int:
    """Erase a user or an agent, through the service where it runs; say what is gone and what stays.

    Returns:
        0, or 1 where nobody of that name is known.

    Raises:
        FirstsightError: it was not done, or not to the end; asked again, it goes on.
    """
    if (user is None) is (agent is None) or not (user or agent):
        raise InputError("Name one of the two: `firstsight forget --user NAME` or `firstsight forget --agent NAME`.")
    settings = load(config)
    path = compose.store_of(settings)
    forgotten = known_as(Forgotten(user or "", agent or ""), known_by(settings))
    question = {"forget": {"user": user or "", "agent": agent or ""}, "who": me()}
    try:
        store = SqliteStore(path, SystemClock())
    except StoreBusyError:
        erased: dict[str, int] = ask(path, question)["erased"]
    else:
        erased = {}
        try:
            note_forgotten(SqliteTrail(store.database), me(), "user" if user else "agent", SystemClock.now())
            for erased in store.erase(Doomed(forgotten=forgotten)):  # noqa: B007  # the last one
                pass
        finally:
            store.close()
    whom = f"user {user}" if user else f"agent {agent}"
    named = any(erased.get(what) for what in _WORDS if what != "texts")
    print(f"Erased of the {whom}:" if named else f"Nothing is known of the {whom}; names are written as in an alert.")
    for what, words in _WORDS.items():
        if erased.get(what):
            print(f"{erased[what]:>12,}  {words}")
    if named:
        print("That domains were seen, when first and last and how often, stays, without who asked.")
    print(
        f"Not touched: what was sent already (Wazuh, {settings.alerts.file or 'no alert file'}), copies of the store, "
        f"and the sources' own files. Events to come name it again, unless [privacy] users says otherwise."
    )
    return 0 if named else 1


async def forget_on_request(erasure: Erasure, trail: Trail, now: float, question: Message) -> Message:
    """What a service answers to `run`.

    Raises:
        InputError: it is asked for something else.
        StoreError: see Erasure.forget.
    """
    match question:
        case {"forget": {"user": str(user), "agent": str(agent)}, "who": str(who)} if bool(user) is not bool(agent):
            note_forgotten(trail, who, "user" if user else "agent", now)
            return {"erased": await erasure.forget(Forgotten(user, agent))}
    raise InputError("The service does not know what it is asked for: is it of another version than the verb?")


def note_forgotten(trail: Trail, who: str, kind: str, now: float) -> None:
    """Note that somebody was forgotten, before it is begun; not who, or the trail would remember.

    Raises:
        StoreError: it is not noted, and nothing may be erased.
    """
    trail.note(Deed("forgot", who, now, kind))
