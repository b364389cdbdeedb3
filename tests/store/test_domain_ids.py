import sqlite3
from pathlib import Path

import pytest

from firstsight.store.database import Database
from firstsight.store.domain_ids import DomainIds


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "store.db")


def committed(ids: DomainIds, connection: sqlite3.Connection) -> None:
    ids.write(connection)
    ids.written()


def test_no_number_is_given_twice_after_a_crash(database: Database) -> None:
    ids = DomainIds(database.connection)
    with database.transaction() as connection:
        given = [ids.next() for _ in range(1500)]
        committed(ids, connection)
    after = DomainIds(database.connection)
    assert len(set(given)) == len(given)
    assert min(given) >= 1
    assert after.next() > max(given)


def test_numbers_that_were_never_committed_come_again(database: Database) -> None:
    ids = DomainIds(database.connection)
    first = ids.next()
    ids.forget()
    assert ids.next() == first
