"""What becomes of people's names, by the settings. A part of compose."""

from functools import partial

from firstsight.access.pseudonym_key import key_mark, pseudonym_key
from firstsight.core.disguise import Disguise
from firstsight.core.times import rfc3339
from firstsight.core.usernames import Users, pseudonym
from firstsight.ports import Clock
from firstsight.settings import Settings
from firstsight.store.database import Database
from firstsight.store.key_marks import take_key_mark


def disguise_of(settings: Settings) -> Disguise | None:
    """What takes people's names away; None where they are kept. A key of pseudonyms is made where there is none yet.

    Args:
        settings: the settings; `data_dir` must be there.

    Raises:
        SettingsError: the key can't be used.
    """
    match settings.privacy.users:
        case Users.KEEP:
            return None
        case Users.LEAVE_OUT:
            return Disguise()
        case Users.PSEUDONYM:
            return Disguise(partial(pseudonym, _key(settings, make=True)))


def pseudonyms_of(settings: Settings) -> Disguise:
    """What gives people their pseudonyms, also where they were given before and names are kept now, or left out.

    Raises:
        SettingsError: there is no key, or it can't be used.
    """
    return Disguise(partial(pseudonym, _key(settings, make=False)))


def known_by(settings: Settings) -> Disguise | None:
    """What gives the pseudonyms that people may go by in what is stored, whatever becomes of names now; None: none.

    Raises:
        SettingsError: the key is there, and can't be used.
    """
    return pseudonyms_of(settings) if settings.pseudonym_key_path.exists() else None


def key_changed(settings: Settings, database: Database, clock: Clock) -> list[str]:
    """Note by which key pseudonyms come here; what is to be said where it is another than before.

    Raises:
        SettingsError: the key can't be used.
        StoreError: it can't be noted.
    """
    if settings.privacy.users is not Users.PSEUDONYM:
        return []
    mark = key_mark(_key(settings, make=True))
    with database.explain(), database.transaction(durable=True) as connection:
        before = take_key_mark(connection, mark, clock.now())
    if before is None:
        return []
    sentence = (
        f"The key of pseudonyms, {settings.pseudonym_key_path}, is another than the one since {rfc3339(before)}: "
        f"people have other pseudonyms from now on, and those before can't be told by it. If that was not meant, put "
        f"the old one back and restart."
    )
    return [sentence]


def _key(settings: Settings, *, make: bool) -> bytes:
    return pseudonym_key(settings.pseudonym_key_path, make=make and not settings.privacy.key_file)
