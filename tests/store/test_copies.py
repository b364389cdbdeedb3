"""Copies: one moment of a store, whole, also while it is written to."""

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT, make_batch, make_event, parse_all
from firstsight.core.errors import InputError
from firstsight.ports import Changes
from firstsight.store import checking
from firstsight.store.copies import copy_store, newest_copy
from firstsight.store.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    write(made, 0)
    yield made
    made.close()


def write(store: SqliteStore, number: int) -> None:
    """Fifty new domains, and their counts with them."""
    batch = make_batch([make_event(f"host.name-{number}-{one}.com") for one in range(50)], str(number))
    store.take(batch, parse_all, lambda _, __: Changes())
    store.flush()


def test_copies_made_while_it_is_written_to_are_whole(store: SqliteStore, tmp_path: Path) -> None:
    enough, written = threading.Event(), [0]

    def work() -> None:
        while not enough.is_set() and written[0] < 2000:
            written[0] += 1
            write(store, written[0])

    writer = threading.Thread(target=work)
    writer.start()
    made, before = [], []
    try:
        for number in range(5):
            before.append(written[0])
            copy_store(store.database.path, tmp_path / f"copy-{number}.db")
            made.append(tmp_path / f"copy-{number}.db")
    finally:
        enough.set()
        writer.join()

    for copy, least in zip(made, before, strict=True):
        assert checking.check(copy).faults == []
        taken = SqliteStore(copy, FakeClock(AT))
        account, position = taken.account("wazuh"), taken.source("wazuh").position
        assert int(position or 0) >= least - 1
        assert account["seen"] == 50 * (int(position or 0) + 1), "counts and position are of one moment"
        assert sum(seen.count for _, seen in taken.page("", 10**6)) == account["seen"]
        taken.close()


def test_a_copy_is_one_file_for_its_owner_alone(store: SqliteStore, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    size = copy_store(store.database.path, folder / "a copy?.db")

    assert [file.name for file in folder.iterdir()] == ["a copy?.db"]
    assert (folder / "a copy?.db").stat().st_mode & 0o777 == 0o600
    assert (folder / "a copy?.db").stat().st_size == size
    assert checking.check(folder / "a copy?.db").rows["domain"] == 50


def test_a_copy_over_the_store_itself(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(store.database.path)

    with pytest.raises(InputError, match="is the store itself"):
        copy_store(store.database.path, tmp_path / "link")
    assert len(store.page("", 100)) == 50


def test_a_copy_of_a_damaged_store_is_not_kept(tmp_path: Path) -> None:
    path, target = tmp_path / "store.db", tmp_path / "copy.db"
    target.write_bytes(b"the copy of yesterday")
    store = SqliteStore(path, FakeClock(AT))
    write(store, 0)
    store.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 8192)
        file.write(b"\0" * 8192)

    with pytest.raises((InputError, sqlite3.DatabaseError), match=r"is not whole|malformed"):
        copy_store(path, target)
    assert target.read_bytes() == b"the copy of yesterday"
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".new"] == []


def test_a_disk_without_room(store: SqliteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 4096})())

    with pytest.raises(InputError, match=r"needs up to [\d,]+ bytes, and its disk has 4,096 free"):
        copy_store(store.database.path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_folder_that_is_not_there(store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't be written \(No such file or directory\)"):
        copy_store(store.database.path, tmp_path / "nowhere" / "copy.db")


def test_the_newest_copy_is_one_of_ours(store: SqliteStore, tmp_path: Path) -> None:
    path, folder = store.database.path, tmp_path / "backups"
    assert newest_copy(path) is None
    folder.mkdir()
    copy_store(path, folder / "b.db")
    copy_store(path, folder / "a.db")
    copy_store(path, tmp_path / "store.db.before-v9")
    (folder / "notes.txt").write_text("of our own")
    (folder / "folder").mkdir()
    with closing(sqlite3.connect(folder / "theirs.db")) as other:
        other.execute("CREATE TABLE theirs (x)")
    for age, name in enumerate(["backups/a.db", "store.db.before-v9", "backups/b.db"]):
        os.utime(tmp_path / name, (AT - age, AT - age))

    assert newest_copy(path) == folder / "a.db"
    (folder / "a.db").unlink()
    assert newest_copy(path) == tmp_path / "store.db.before-v9"
