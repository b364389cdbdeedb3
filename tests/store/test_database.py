"""The file: made once, never replaced, one writer, and sentences for whatever goes wrong."""

import os
import pwd
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, DAY, make_batch, make_event, names_of, parse_all
from firstsight.core.errors import InputError, StoreBusyError, StoreError
from firstsight.ports import Changes, News
from firstsight.store import database
from firstsight.store.checking import check
from firstsight.store.copies import APPLICATION_ID, copy_store
from firstsight.store.database import Database, migrations
from firstsight.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


def make(path: Path) -> None:
    """A store with one domain in it."""
    store = SqliteStore(path, FakeClock(AT))
    take(store, ["harbour.com"])
    store.close()


def take(store: SqliteStore, names: list[str], position: str = "1") -> list[str]:
    """Have names sighted; those that are new."""
    new: list[str] = []

    def listen(_: float, news: list[News]) -> Changes:
        new.extend(item.name.registrable for item in news)
        return Changes()

    batch = make_batch([make_event(name) for name in names], position)
    store.take(batch, parse_all, listen)
    return new


def refused(path: Path) -> str:
    """What opening says."""
    with pytest.raises(StoreError) as error:
        Database(path)
    return str(error.value)


# -- never replaced ----------------------------------------------------------------------------------------------------


def test_a_missing_store_is_not_replaced(path: Path) -> None:
    make(path)
    path.unlink()
    says = refused(path)
    assert "missing or empty" in says
    assert "Put a backup of it back" in says
    assert not path.exists()


def test_an_emptied_store_is_not_replaced(path: Path) -> None:
    make(path)
    path.write_bytes(b"")
    assert "missing or empty" in refused(path)
    assert path.read_bytes() == b""


def test_the_operator_may_begin_anew(path: Path) -> None:
    make(path)
    path.unlink()
    path.with_name("store.db.made").unlink()
    Database(path).close()
    assert path.stat().st_size > 0


@pytest.mark.parametrize("damage", [slice(0, 16), slice(0, 4096)])
def test_a_damaged_header_is_left_as_it_is(path: Path, damage: slice) -> None:
    make(path)
    data = bytearray(path.read_bytes())
    data[damage] = b"\xa5" * len(data[damage])
    path.write_bytes(data)
    assert "damaged and is left as it is" in refused(path)
    assert path.read_bytes() == data


def test_a_store_cut_short_is_refused_or_said_to_be_damaged_when_used(path: Path) -> None:
    make(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192])
    with pytest.raises(StoreError, match="damaged"):
        SqliteStore(path, FakeClock(AT)).close()


def test_a_foreign_database_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = path.read_bytes()
    assert "not one of firstsight" in refused(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(path: Path) -> None:
    make(path)
    with closing(sqlite3.connect(path)) as later:
        later.execute("PRAGMA user_version = 999")
    says = refused(path)
    assert "schema 999" in says
    assert "newer version" in says


def test_a_refused_store_is_not_held(path: Path) -> None:
    make(path)
    path.rename(path.with_name("kept"))
    refused(path)
    path.with_name("kept").rename(path)
    Database(path).close()


def test_the_marker_comes_back_by_itself(path: Path) -> None:
    make(path)
    marker = path.with_name("store.db.made")
    marker.unlink()
    Database(path).close()
    assert marker.exists()


def test_a_restored_backup_is_taken(path: Path) -> None:
    make(path)
    backup = shutil.copy(path, path.with_name("backup.db"))
    path.unlink()
    shutil.copy(backup, path)
    store = SqliteStore(path, FakeClock(AT))
    assert take(store, ["harbour.com", "new.com"]) == ["new.com"]
    store.close()


def test_one_that_is_taken_away_while_it_is_open_takes_no_transaction_and_comes_back(path: Path) -> None:
    database = Database(path)
    for name in ("store.db", "store.db-wal"):
        file = path.with_name(name)
        away = file.rename(path.with_name("away"))
        with pytest.raises(StoreError, match=f"{name} was removed or replaced"), database.transaction():
            pytest.fail("nothing is written")
        with pytest.raises(StoreError, match="no empty store"):
            database.checkpoint()
        assert not file.exists()
        away.rename(file)
    with database.transaction():
        pass
    database.checkpoint()
    database.close()


def test_a_log_that_was_never_moved_as_a_whole_does_not_grow_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firstsight.store.database._LONG_LOG", 20)
    database = Database(path)
    log = path.with_name("store.db-wal")

    def write() -> int:
        with database.transaction() as connection:
            connection.execute("REPLACE INTO meta VALUES ('long', ?)", ("x" * 40 * 4096,))
        return log.stat().st_size

    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()
        first = write()
        database.checkpoint()  # not past what the reader still sees; as where more was written meanwhile
        assert write() > first, "it goes on behind what is not moved"
        database.checkpoint()
    size = log.stat().st_size
    database.shorten_log()
    assert [write() for _ in range(2)] == [size, size], "anew from its beginning"
    database.shorten_log()
    assert [write() for _ in range(4)][-1] > size, "nobody has found it long since: nothing is waited for"
    database.close()


def test_the_loop_does_not_move_a_long_rest_of_a_log_before_that_is_too_long(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, pages in (("_LONG_LOG", 20), ("_TOO_LONG_LOG", 300), ("_SHORT_REST", 5), ("_ROUNDS", 1)):
        monkeypatch.setattr(f"firstsight.store.database.{name}", pages)
    database = Database(path)
    log = path.with_name("store.db-wal")

    ran: list[str] = []
    database.connection.set_trace_callback(ran.append)  # what the loop runs; the other thread has its own connection

    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()  # or the log would be moved whole, and begin anew
        while log.stat().st_size < 300 * 4096:
            database.shorten_log()
            assert not any("wal_checkpoint" in statement for statement in ran), "it waits for nothing"
            with database.transaction() as connection:
                connection.execute("REPLACE INTO meta VALUES ('long', ?)", ("x" * 60 * 4096,))
            database.checkpoint()
        database.shorten_log()
    assert any("wal_checkpoint" in statement for statement in ran)
    database.close()


def test_a_limit_on_file_sizes_is_told_as_such(path: Path) -> None:
    """What a user's quota does, too: SQLite says that writing failed, not that the disk is full."""
    database = Database(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        with pytest.raises(StoreError, match="quota or a limit on file sizes"), database.transaction() as connection:
            connection.execute("INSERT INTO meta VALUES ('more', 'x')")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with database.transaction() as connection:
        connection.execute("INSERT INTO meta VALUES ('more', 'x')")
    database.close()


def test_a_damaged_or_missing_store_names_the_newest_copy_and_the_command(path: Path) -> None:
    make(path)
    (path.parent / "backups").mkdir()
    copy = path.parent / "backups" / "store-1.db"
    copy_store(path, copy)
    path.write_bytes(b"\xa5" * 8192)
    assert f"`firstsight store restore {copy}`" in refused(path)
    path.unlink()
    assert f"`firstsight store restore {copy}`" in refused(path)


# -- another schema ----------------------------------------------------------------------------------------------------


def first_schema(path: Path) -> None:
    """A store as the first schema has it, with a domain, an alert on its way, and a position."""
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(migrations()[0])
        old.executescript(f"PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version=1;")
        old.execute("INSERT INTO meta VALUES ('store', 'abc'), ('next_domain', '2')")
        old.execute("INSERT INTO agent VALUES (1, 'wazuh-1', 'WIN10')")
        old.execute("INSERT INTO domain VALUES ('harbour.com', 1, ?, ?, 7, 1, 0, 1, NULL, 1, NULL, NULL)", (AT, AT))
        old.execute("INSERT INTO sighting VALUES (1, 1, ?, ?)", (AT // DAY, AT // DAY))
        body = msgspec.json.encode(make_alert("first_seen"))
        old.execute("INSERT INTO alert VALUES (1, 'alert-1', ?, 1, 1, NULL, 'new', ?)", (AT, body))
        old.execute("INSERT INTO outbox (sink, alert) VALUES ('queue', 1)")
        old.execute("INSERT INTO source VALUES ('wazuh', '1', ?)", (AT,))


def test_a_store_of_the_first_schema_is_copied_and_brought_up_to_date(path: Path) -> None:
    first_schema(path)
    store = SqliteStore(path, FakeClock(AT), sinks=["queue"])
    assert store.seen(["harbour.com"])["harbour.com"].count == 7
    assert [alert.id for _, alert in store.unsent("queue", 9)] == ["alert-1"]
    assert store.source("wazuh").position == "1"
    assert take(store, ["harbour.com", "new.com"], "2") == ["new.com"]
    store.close()
    assert check(path).faults == []

    copy = path.with_name(f"store.db.before-v{len(migrations())}")
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert kept.execute("SELECT name, count FROM domain").fetchall() == [("harbour.com", 7)]
    made = copy.stat().st_mtime_ns
    Database(path).close()
    assert copy.stat().st_mtime_ns == made, "what is up to date is not copied again"


def test_a_migration_is_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_schema(path)
    steps = [*migrations(), "CREATE TABLE more (x) STRICT"]  # STRICT wants types
    monkeypatch.setattr(database, "migrations", lambda: steps)
    assert "could not do what was asked" in refused(path)
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)
        assert [name for (name,) in kept.execute("SELECT name FROM pragma_table_info('pending')")][-1] == "body"
    monkeypatch.undo()
    Database(path).close()


def test_a_migration_that_cannot_be_copied_first_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first_schema(path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0})())
    with pytest.raises(InputError, match="has 0 free"):
        Database(path)
    with closing(sqlite3.connect(path)) as kept:
        assert kept.execute("PRAGMA user_version").fetchone() == (1,)


# -- one writer --------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_refused(path: Path) -> None:
    first = Database(path)
    with pytest.raises(StoreBusyError, match="one writer"):
        Database(path)
    first.close()
    Database(path).close()


def test_the_lock_dies_with_its_process(path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from firstsight.store.database import Database;"
        "Database(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert "Another process holds the store" in refused(path)
        holder.kill()
    Database(path).close()


# -- who may read and write --------------------------------------------------------------------------------------------


def test_nobody_else_may_read_what_is_made(tmp_path: Path) -> None:
    """In a folder that was there before, and whatever the umask: who asked for what is nobody else's business."""
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    umask = os.umask(0o022)
    try:
        store = SqliteStore(folder / "store.db", FakeClock(AT))
        take(store, ["harbour.com"])
        modes = {file.name: oct(file.stat().st_mode & 0o777) for file in folder.iterdir()}
        store.close()
    finally:
        os.umask(umask)
    assert {"store.db", "store.db-wal", "store.db.made", "store.db.lock"} <= modes.keys()
    assert set(modes.values()) == {"0o600"}, modes


@contextmanager
def as_anybody(folder: Path) -> Iterator[None]:
    """Without root's powers, where the tests have them: the folder is then nobody's."""
    if os.geteuid():
        yield
        return
    nobody = pwd.getpwnam("nobody").pw_uid
    for file in [folder, *folder.iterdir()]:
        os.chown(file, nobody, -1)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def shared() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fs") as folder:  # tmp_path lies below a folder that only root may enter
        yield Path(folder)


def test_a_folder_that_may_not_be_written(shared: Path) -> None:
    shared.chmod(0o500)
    with as_anybody(shared):
        says = refused(shared / "store.db")
    shared.chmod(0o700)
    assert "must exist and belong to the user who runs firstsight" in says


def test_a_file_that_may_not_be_written(shared: Path) -> None:
    path = shared / "store.db"
    make(path)
    with as_anybody(shared):
        path.chmod(0o400)
        with pytest.raises(StoreError, match="can't be written"):
            SqliteStore(path, FakeClock(AT))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in refused(tmp_path / "nowhere" / "store.db")


# -- a full disk -------------------------------------------------------------------------------------------------------


def fill_up(store: SqliteStore) -> None:
    """No page more: SQLite says SQLITE_FULL as it does on a full disk."""
    pages = store.database.connection.execute("PRAGMA page_count").fetchone()[0]
    store.database.connection.execute(f"PRAGMA max_page_count = {pages}")


def give_room(store: SqliteStore) -> None:
    store.database.connection.execute("PRAGMA max_page_count = 1073741823")


MANY = [f"name-number-{number}-of-a-long-list.com" for number in range(2000)]


def test_on_a_full_disk_nothing_is_recorded_and_nothing_is_lost(path: Path) -> None:
    make(path)
    store = SqliteStore(path, FakeClock(AT))
    fill_up(store)
    generation = store.generation
    with pytest.raises(StoreError, match=r"is full\. Nothing is lost"):
        take(store, MANY, "2")
    assert store.generation > generation
    assert store.seen(MANY) == {}
    assert store.source("wazuh").position == "1", "the source goes back"
    assert store.account("wazuh")["events"] == 1
    give_room(store)
    assert take(store, ["harbour.com", *MANY], "2") == MANY
    store.flush()
    assert store.source("wazuh").position == "2"
    assert {known.count for known in store.seen(MANY).values()} == {1}
    store.close()


def test_counts_that_can_t_be_flushed_are_forgotten_with_their_position(path: Path) -> None:
    make(path)
    store = SqliteStore(path, FakeClock(AT))
    take(store, MANY, "2")
    store.flush()
    fill_up(store)
    take(store, [f"another-host.{name}" for name in MANY], "3")  # known domains: nothing is written yet
    with pytest.raises(StoreError, match="full"):
        store.flush()
    assert store.source("wazuh").position == "2"
    assert {known.count for known in store.seen(MANY).values()} == {1}
    give_room(store)
    assert take(store, [f"another-host.{name}" for name in MANY], "3") == []
    store.flush()
    assert {known.count for known in store.seen(MANY).values()} == {2}
    store.close()


def test_a_look_up_on_a_full_disk_is_not_promised(path: Path) -> None:
    store = SqliteStore(path, FakeClock(AT))
    fill_up(store)
    names = names_of(make_batch([make_event(name) for name in MANY]))
    with pytest.raises(StoreError, match="full"):
        store.contact(names, AT)
    give_room(store)
    assert all(contact.first for contact in store.contact(names, AT))
    store.close()


# -- a disk that fails -------------------------------------------------------------------------------------------------


def test_what_can_t_be_read_back_after_a_failure_is_not_taken_for_known(path: Path) -> None:
    """Where even forgetting fails (it reads the file), no position in memory may be believed."""
    make(path)
    store = SqliteStore(path, FakeClock(AT))
    take(store, ["harbour.com"], "2")
    before = store.generation
    whole = store.database.connection
    store.database.connection.execute("ALTER TABLE tally RENAME TO gone")  # unreadable, for a while
    store.database.connection.execute("ALTER TABLE unresolved RENAME TO gone_too")
    with pytest.raises(StoreError):
        take(store, ["new.com"], "3")
    assert store.generation > before
    with pytest.raises(StoreError):
        store.source("wazuh")
    whole.execute("ALTER TABLE gone RENAME TO tally")
    whole.execute("ALTER TABLE gone_too RENAME TO unresolved")
    assert store.source("wazuh").position == "1"
    assert take(store, ["harbour.com", "new.com"], "3") == ["new.com"]
    store.close()


# -- the write-ahead log -----------------------------------------------------------------------------------------------


def test_the_log_waits_until_all_of_it_is_in_the_file(path: Path) -> None:
    database = Database(path)
    waits = [database.log_waits]  # of an earlier process, perhaps
    database.checkpoint()
    waits.append(database.log_waits)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM meta").fetchone()
        with database.transaction() as connection:
            connection.execute("INSERT INTO meta VALUES ('more', 'x')")
        waits.append(database.log_waits)
        database.checkpoint()
        waits.append(database.log_waits)  # the reader still needs what was there before
    database.checkpoint()
    waits.append(database.log_waits)
    database.close()
    assert waits == [True, False, True, True, False]


def test_a_log_that_could_not_be_moved_still_waits(path: Path) -> None:
    database = Database(path)
    away = path.rename(path.with_name("away"))
    with pytest.raises(StoreError):
        database.checkpoint()
    assert database.log_waits
    away.rename(path)
    database.close()


def test_the_log_moves_into_the_file_while_we_write(path: Path) -> None:
    store = SqliteStore(path, FakeClock(AT))
    take(store, MANY[:200])
    before = path.stat().st_size
    store.checkpoint()
    assert path.stat().st_size > before
    take(store, MANY[200:400], "2")
    store.close()
    store = SqliteStore(path, FakeClock(AT))
    assert len(store.seen(MANY[:400])) == 400
    store.close()


def test_a_row_that_cannot_be_read_is_damage(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    store.database.connection.execute(
        "INSERT INTO answer VALUES ('registration', 'harbour.com', 1, CAST('{}' AS BLOB))"
    )
    with pytest.raises(StoreError, match=r"is damaged and is left as it is"):
        store.answers(["harbour.com"])
    store.close()
