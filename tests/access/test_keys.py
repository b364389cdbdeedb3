from pathlib import Path

import pytest

from firstsight.access.keys import Key
from firstsight.access.keys import read_key as read_any_key
from firstsight.access.renewed import Renewed

SECRET = "0123456789abcdef" * 4


def read_key(path: Path) -> Key:
    return read_any_key(path, "otx.key_file", "OTX is not asked")


def key_file(folder: Path, text: bytes = SECRET.encode(), mode: int = 0o600) -> Path:
    path = folder / "otx.key"
    path.write_bytes(text)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
@pytest.mark.parametrize("text", [SECRET, f"{SECRET}\n", f"  {SECRET} \r\n\n"])
def test_a_key(tmp_path: Path, text: str, mode: int) -> None:
    key = read_key(key_file(tmp_path, text.encode(), mode))

    assert key == Key(SECRET)
    assert SECRET not in repr(key)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o606, 0o660, 0o777])
def test_one_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    key = read_key(key_file(tmp_path, mode=mode))

    assert key.text is None
    assert f"mode {mode:o}" in str(key.fault)
    assert "chmod 600" in str(key.fault)


@pytest.mark.parametrize("text", [b"", b"\n", b"two keys", b"a\nb\n", b"k" * 513, "schlüssel".encode(), b"\xff\x00"])
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, text: bytes) -> None:
    key = read_key(key_file(tmp_path, text))

    assert key.text is None
    assert "does not hold one key" in str(key.fault)
    assert "two" not in str(key.fault)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    key = read_key(tmp_path / "absent")

    assert key.text is None
    assert "can't be read (No such file or directory)" in str(key.fault)


def test_a_change_of_mode_alone_is_taken_up(tmp_path: Path) -> None:
    path = key_file(tmp_path, mode=0o644)
    renewed = Renewed(lambda: read_key(path), path)
    assert renewed.value.text is None
    path.chmod(0o600)
    renewed.renew()
    assert renewed.value == Key(SECRET)
