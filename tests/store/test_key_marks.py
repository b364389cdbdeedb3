from pathlib import Path

from firstsight.store.database import Database
from firstsight.store.key_marks import key_marks, take_key_mark


def test_which_keys_there_were(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db")
    with database.transaction() as connection:
        assert take_key_mark(connection, "a", 1.0) is None
        assert take_key_mark(connection, "a", 2.0) is None, "the same one"
        assert take_key_mark(connection, "b", 3.0) == 1.0
        assert key_marks(connection) == [("a", 1.0), ("b", 3.0)]
    database.close()
