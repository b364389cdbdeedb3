"""What becomes of people's names, by the settings."""

from pathlib import Path

import pytest

from alert_samples import AT, FakeClock
from firstsight import compose
from firstsight.core.disguise import Disguise
from firstsight.core.errors import SettingsError
from firstsight.core.usernames import Users
from firstsight.disguises import disguise_of, key_changed, pseudonyms_of
from firstsight.settings import Settings
from firstsight.store.database import Database
from running import settings

ALICE = r"CORP\alice"


def asking(folder: Path, users: str, **more: str) -> Settings:
    made = settings(folder, privacy={"users": users, **more})
    compose.prepare_folder(made.data_dir)
    return made


def made_of(made: Settings) -> Disguise:
    disguise = disguise_of(made)
    assert disguise is not None
    return disguise


def test_by_what_is_set(tmp_path: Path) -> None:
    assert disguise_of(asking(tmp_path, "keep")) is None
    assert made_of(asking(tmp_path, "leave_out")).users is Users.LEAVE_OUT
    assert list((tmp_path / "data").iterdir()) == [], "a key only where there are pseudonyms"
    assert made_of(asking(tmp_path, "pseudonym")).users is Users.PSEUDONYM


def test_pseudonyms_outlast_a_restart_and_rest_on_the_key(tmp_path: Path) -> None:
    pseudonym = made_of(asking(tmp_path, "pseudonym")).user(ALICE)
    assert made_of(asking(tmp_path, "pseudonym")).user(ALICE) == pseudonym
    assert pseudonyms_of(asking(tmp_path, "keep")).user(ALICE) == pseudonym, "given before, and still told"
    own = tmp_path / "own.key"
    own.touch(0o600)
    own.write_text("k" * 32)
    other = asking(tmp_path, "pseudonym", key_file=str(own))
    assert made_of(other).user(ALICE) == pseudonyms_of(other).user(ALICE) != pseudonym


def test_a_key_of_the_sites_own_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"own\.key can't be read"):
        disguise_of(asking(tmp_path, "pseudonym", key_file=str(tmp_path / "own.key")))
    with pytest.raises(SettingsError, match=r"pseudonym\.key can't be read"):
        pseudonyms_of(asking(tmp_path, "keep"))
    assert not list(tmp_path.rglob("*.key"))


def test_another_key_is_told_of_once(tmp_path: Path) -> None:
    made, clock = asking(tmp_path, "pseudonym"), FakeClock(AT)
    database = Database(made.store_path)
    assert key_changed(asking(tmp_path, "keep"), database, clock) == []
    assert key_changed(made, database, clock) == []
    made.pseudonym_key_path.unlink()
    (sentence,) = key_changed(made, database, clock)
    assert "is another than the one since 2026-11-24T02:33:31.250Z" in sentence
    assert key_changed(made, database, clock) == []
    database.close()
