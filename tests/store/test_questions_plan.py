"""How SQLite finds its way: never through all answers or questions there are."""

import json
import sqlite3
from pathlib import Path

import pytest

from firstsight.ports import Topic
from firstsight.store.database import Database
from firstsight.store.questions import _DUE, _STORED

_BOUNDED = ("VIRTUAL TABLE", "subquery")  # the names that are given, and what is limited


def plan(path: Path, statement: str, *values: object) -> list[str]:
    database = Database(path)
    try:
        connection: sqlite3.Connection = database.connection
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
    finally:
        database.close()


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (_STORED, (json.dumps(["a.com"]), Topic.REGISTRATION)),
        (_DUE, (0.0, 1, json.dumps(["com"]), Topic.REGISTRATION)),
    ],
    ids=["answers", "due"],
)
def test_names_lead_to_rows(tmp_path: Path, statement: str, values: tuple[object, ...]) -> None:
    steps = plan(tmp_path / "store.db", statement, *values)

    assert [step for step in steps if step.startswith(("SEARCH a ", "SEARCH q ")) and "name=?" not in step] == []
    assert [step for step in steps if step.startswith("SCAN") and not any(way in step for way in _BOUNDED)] == []
