import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alert_samples import FakeClock
from dns_events import AT, DAY
from firstsight.core.errors import InputError, StoreError
from firstsight.core.facts import Known, Registration
from firstsight.core.history import Page, encode_page
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.imports import Imports

OLD = Registration(807_508_800.0, None, "RDAP", AT - 500 * DAY)


def make_pages(count: int) -> bytes:
    """As many pages, a domain on each."""
    pages = [Page(n + 1, [(f"a{n}.com", int(AT) - n)], {f"a{n}.com": OLD}) for n in range(count)]
    return b"".join(encode_page(page) + b"\n" for page in pages)


def folder_with(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "imports"
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}.ready").write_bytes(data)
    return folder


def test_files_are_taken_page_by_page_and_removed(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path, one=make_pages(3), two=make_pages(4))
    imports = Imports(folder, store, FakeClock(AT))

    assert imports.step()
    assert [name for name, _ in store.browse(0, 9)] == ["a0.com"]
    while imports.step():
        pass

    assert {name: seen.looked_up for name, seen in store.browse(0, 9)} == {f"a{n}.com": AT - n for n in range(4)}
    answer = store.answers(["a3.com"])["a3.com"]
    assert (answer.fact, answer.fresh(AT + 29 * DAY), answer.fresh(AT + 30 * DAY)) == (Known(OLD), True, False)
    assert list(folder.iterdir()) == []
    assert not imports.step()


def test_what_is_not_whole_is_left_alone(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path)
    (folder / "one.part").write_bytes(make_pages(1))

    assert not Imports(folder, store, FakeClock(AT)).step()
    assert not Imports(tmp_path / "nothing", store, FakeClock(AT)).step()
    assert (folder / "one.part").exists()


def test_a_broken_file_is_put_aside_and_the_next_one_taken(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path, one=make_pages(1) + b"{half a line", two=make_pages(2))
    imports = Imports(folder, store, FakeClock(AT))
    while imports.step():
        pass

    assert [path.name for path in folder.iterdir()] == ["one.refused"]
    assert [name for name, _ in store.browse(0, 9)] == ["a0.com", "a1.com"]


def test_a_store_that_fails_loses_no_page(tmp_path: Path, store: SqliteStore) -> None:
    imports = Imports(folder_with(tmp_path, one=make_pages(2)), store, FakeClock(AT))
    store.database.connection.execute("PRAGMA query_only=ON")
    for _ in range(3):
        with pytest.raises(StoreError):
            imports.step()
    store.database.connection.execute("PRAGMA query_only=OFF")
    while imports.step():
        pass

    assert [name for name, _ in store.browse(0, 9)] == ["a0.com", "a1.com"]


def test_after_a_crash_a_file_is_taken_from_its_start(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path, one=make_pages(3))
    crashed = Imports(folder, store, FakeClock(AT))
    assert crashed.step()
    crashed.close()
    imports = Imports(folder, store, FakeClock(AT))
    while imports.step():
        pass

    assert len(store.browse(0, 9)) == 3
    assert list(folder.iterdir()) == []


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path)
    (folder / "one.ready").mkdir()

    with pytest.raises(InputError, match=r"one\.ready can't be read or put away \(Is a directory\)"):
        Imports(folder, store, FakeClock(AT)).step()


async def test_trouble_ends_nothing(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path)
    (folder / "one.ready").mkdir()
    with capture_logs() as logs:
        running = asyncio.ensure_future(Imports(folder, store, FakeClock(AT)).run())
        while not logs:
            await asyncio.sleep(0)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    assert [line["event"] for line in logs] == ["history_waits"]


async def test_it_runs_until_it_is_cancelled(tmp_path: Path, store: SqliteStore) -> None:
    folder = folder_with(tmp_path, one=make_pages(50))
    running = asyncio.ensure_future(Imports(folder, store, FakeClock(AT)).run())
    while list(folder.iterdir()):
        await asyncio.sleep(0)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running

    assert len(store.browse(0, 99)) == 50
