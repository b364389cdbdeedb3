import errno
from pathlib import Path

from firstsight.sources.trouble import PATIENCE, Trouble

PATH = Path("/var/ossec/logs/alerts/alerts.json")


def test_no_trouble_is_none() -> None:
    assert Trouble(PATH).sentence(0, None) is None


def test_each_sentence_names_the_path_and_what_to_do() -> None:
    trouble = Trouble(PATH)
    trouble.missing()
    assert str(PATH) in (trouble.now or "")
    assert "check that wazuh-manager is running" in (trouble.now or "")
    trouble.refused(PermissionError(errno.EACCES, "Permission denied", "/var/ossec/logs"))
    assert "/var/ossec/logs may not be read" in (trouble.now or "")
    trouble.refused(OSError(errno.EIO, "Input/output error"))
    assert f"{PATH} can't be read: Input/output error" in (trouble.now or "")
    trouble.now = None
    assert "/var/ossec/logs may not be listed" in (trouble.sentence(0, Path("/var/ossec/logs")) or "")


def test_a_gap_is_told_for_a_day_and_counted_for_good() -> None:
    trouble = Trouble(PATH)
    trouble.gap("the file is gone", 1000)
    assert "the file is gone" in (trouble.sentence(1000, None) or "")
    assert trouble.sentence(1000 + 86400, None) is None
    assert trouble.gaps == 1
    trouble.missing()
    assert "There is no file" in (trouble.sentence(1000, None) or "")


def test_patience_begins_anew_when_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(b"1")
    trouble = Trouble(PATH)
    assert not trouble.unfinished(path, 0)
    assert not trouble.unfinished(path, PATIENCE - 1)
    path.write_bytes(b"12")
    assert not trouble.unfinished(path, PATIENCE)
    assert trouble.unfinished(path, 2 * PATIENCE)
    assert str(path) in (trouble.now or "")
    path.unlink()
    assert not trouble.unfinished(path, 9 * PATIENCE)
