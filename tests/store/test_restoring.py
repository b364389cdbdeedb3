"""A copy in the store's place: what happened since is decided again, and alike."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dns_events import AT, WIN11, make_event
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.core.nodes import kept_by
from firstsight.store import checking
from firstsight.store.copies import copy_store
from firstsight.store.holdings import note_copy
from firstsight.store.restoring import restore
from pipeline import Pipeline


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def copied(path: Path) -> Path:
    copy = path.with_name("copy.db")
    copy_store(path, copy)
    return copy


def test_alerts_since_are_decided_again_with_the_same_ids(path: Path) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"), make_event("slow.com", at=AT + 1))
    pipeline.hand_over("node-1", make_event("of-a-node.com", agent=WIN11))
    early = [*pipeline.after(10), *(alert for _, alert in pipeline.store.unsent(kept_by("node-1"), 9))]
    pipeline.store.flush()
    copy = copied(path)
    late = [*pipeline.see(make_event("after.com", at=AT + 60)), *pipeline.after(10)]
    pipeline.close()

    done = restore(copy, path, "now")
    assert done.domains == 3
    again = Pipeline(path)
    for batch in pipeline.source.batches:
        again.source.batches.append(batch)
    repeated = [*again.run(), *again.after(10)]

    assert {alert.verdict.domain for alert in late} == {"after.com"}
    assert [alert.id for alert in repeated] == [alert.id for alert in late], "what had left is not sent again"
    assert [alert.id for _, alert in again.store.unsent(kept_by("node-1"), 9)] == [early[-1].id]
    assert again.source.resumed == ["1"]
    assert again.see(make_event("before.com", at=AT + 70)) == []
    again.close()
    assert checking.check(path).faults == []


def test_a_store_that_was_restored_is_no_copy_any_more(path: Path) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"))
    pipeline.store.flush()
    copy, said = path.with_name("copy.db"), list[str]()
    copy_store(path, copy, lambda made: said.append(note_copy(made, "local:ann", AT)))
    pipeline.close()
    (sentence,) = said

    assert restore(copy, path, "now").note == sentence

    copy_store(path, path.with_name("later.db"))
    assert restore(path.with_name("later.db"), path, "now").note is None, "it says nothing of an earlier day"


def test_the_store_that_was_there_is_kept_with_its_log(path: Path) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"))
    pipeline.store.flush()
    copy = copied(path)
    pipeline.see(make_event("after.com", at=AT + 60))
    pipeline.store.flush()
    for part in ("", "-wal", "-shm"):  # as a kill leaves it: much is in the log only
        shutil.copy(f"{path}{part}", f"{path}{part}.kept")
    pipeline.close()
    for part in ("", "-wal", "-shm"):
        shutil.move(f"{path}{part}.kept", f"{path}{part}")

    done = restore(copy, path, "20261124T060000Z")

    assert done.aside == path.with_name("store.db.replaced-20261124T060000Z")
    assert done.aside is not None
    assert checking.check(done.aside).rows["domain"] == 2
    assert checking.check(path).rows["domain"] == 1
    assert copy.exists()
    second = restore(copy, path, "20261124T060000Z")
    assert second.aside == path.with_name("store.db.replaced-20261124T060000Z-2")


def test_a_log_without_its_file_is_not_read_into_the_copy(path: Path) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"))
    pipeline.store.flush()
    copy = copied(path)
    shutil.copy(f"{path}-wal", f"{path}.kept")
    pipeline.close()
    path.unlink()
    shutil.move(f"{path}.kept", f"{path}-wal")

    assert restore(copy, path, "now").aside is not None
    assert not path.with_name("store.db-wal").exists()
    assert checking.check(path).faults == []


def test_a_missing_store_is_restored(path: Path) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"))
    pipeline.close()
    copy = copied(path)
    path.unlink()

    assert restore(copy, path, "now").aside is None
    again = Pipeline(path)
    assert again.see(make_event("before.com", at=AT + 1)) == []
    again.close()


def test_it_is_not_done_under_a_service(path: Path) -> None:
    pipeline = Pipeline(path)
    copy = copied(path)
    with pytest.raises(StoreBusyError):
        restore(copy, path, "now")
    pipeline.close()
    assert restore(copy, path, "now").aside is not None, "the lock was let go of"


def _foreign(copy: Path) -> None:
    copy.unlink()
    with closing(sqlite3.connect(copy)) as other:
        other.execute("CREATE TABLE theirs (x)")


def _newer(copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as later:
        later.execute("PRAGMA user_version = 999")


def _cut_short(copy: Path) -> None:
    copy.write_bytes(copy.read_bytes()[:16384])


def _zeroed(copy: Path) -> None:
    data = copy.read_bytes()
    copy.write_bytes(data[:-4096] + bytes(4096))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (Path.unlink, r"There is no file .*copy\.db"),
        (lambda copy: copy.write_bytes(b"text" * 5000), "can't be read as a store"),
        (_foreign, "is no store of firstsight"),
        (_newer, "has schema 999"),
        (_cut_short, "damaged|can't be read"),
        (_zeroed, "damaged|can't be read"),
    ],
)
def test_what_is_no_whole_copy_changes_nothing(path: Path, spoil: Callable[[Path], object], sentence: str) -> None:
    pipeline = Pipeline(path)
    pipeline.see(make_event("before.com"))
    pipeline.close()
    copy = copied(path)
    before = path.read_bytes()
    spoil(copy)

    with pytest.raises(InputError, match=sentence):
        restore(copy, path, "now")
    assert path.read_bytes() == before


def test_the_store_itself_is_no_copy(path: Path) -> None:
    Pipeline(path).close()
    with pytest.raises(InputError, match="is the store itself"):
        restore(path, path, "now")
    assert path.exists()
