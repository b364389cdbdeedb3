"""Which stores are read beside whoever writes them, and how."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from firstsight.core.errors import StoreError
from firstsight.store.beside import beside
from pipeline import Pipeline


def test_it_cannot_write(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    with pytest.raises(StoreError, match="readonly"), beside(pipeline.path) as connection:
        connection.execute("DELETE FROM domain")
    pipeline.close()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("PRAGMA user_version=999", "schema 999"),
        ("PRAGMA user_version=1", "start `firstsight serve` once"),
        ("PRAGMA application_id=7", "not one of firstsight"),
    ],
)
def test_another_version_or_program(tmp_path: Path, change: str, sentence: str) -> None:
    Pipeline(tmp_path / "store.db").close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as other:
        other.execute(change)
    with pytest.raises(StoreError, match=sentence), beside(tmp_path / "store.db"):
        pass


def test_an_old_one_where_that_will_do(tmp_path: Path) -> None:
    Pipeline(tmp_path / "store.db").close()
    with closing(sqlite3.connect(tmp_path / "store.db")) as other:
        other.execute("PRAGMA user_version=1")
    with beside(tmp_path / "store.db", old=True) as connection:
        assert connection.execute("SELECT count(*) FROM domain").fetchone() == (0,)


def test_what_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store .*gone\.db"), beside(tmp_path / "gone.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="damaged"), beside(tmp_path / "store.db"):
        pass
