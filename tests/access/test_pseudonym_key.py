import stat
from pathlib import Path

import pytest

from firstsight.access.pseudonym_key import key_mark, pseudonym_key
from firstsight.core.errors import SettingsError

SECRET = "0123456789abcdef" * 4


def key_file(folder: Path, text: bytes = SECRET.encode(), mode: int = 0o600) -> Path:
    path = folder / "pseudonym.key"
    path.write_bytes(text)
    path.chmod(mode)
    return path


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "pseudonym.key"
    key = pseudonym_key(path, make=True)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_text().strip()) == 64
    assert pseudonym_key(path, make=True) == key != pseudonym_key(key_file(tmp_path), make=False)
    assert [file.name for file in tmp_path.iterdir()] == ["pseudonym.key"]


def test_one_of_the_sites_own(tmp_path: Path) -> None:
    key = pseudonym_key(key_file(tmp_path, f" {SECRET}\r\n".encode(), 0o640), make=False)
    assert key == pseudonym_key(key_file(tmp_path), make=True)
    assert len(key) == 32
    assert key_mark(key) != key_mark(bytes(32))


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o606, 0o660])
def test_one_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SettingsError, match=f"mode {mode:o}.*chmod 600"):
        pseudonym_key(key_file(tmp_path, mode=mode), make=True)


@pytest.mark.parametrize("text", [b"", b"short", b"two keys", SECRET.encode() + b"\n" + SECRET.encode(), b"\xff" * 40])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(
        SettingsError, match=r"does not hold one key of at least 32 characters.*other pseudonyms"
    ) as caught:
        pseudonym_key(key_file(tmp_path, text), make=True)
    assert SECRET not in str(caught.value)


def test_one_that_is_not_there_or_cannot_be_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        pseudonym_key(tmp_path / "pseudonym.key", make=False)
    with pytest.raises(SettingsError, match="can't be written to"):
        pseudonym_key(tmp_path / "no" / "pseudonym.key", make=True)
