"""Dictionaries: program images and users are written once, rows refer to them by number."""

import sqlite3
from collections.abc import Collection
from typing import Literal

_AT_HAND = 20_000
COLUMN = {"process": "image", "account": "user"}
"""What a dictionary's texts stand in."""

Dictionary = Literal["process", "account"]


class Texts:
    """Numbers of texts, those lately used at hand."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[Dictionary, str], int] = {}
        self._noted: dict[Dictionary, set[int]] = {"process": set(), "account": set()}

    def number(self, connection: sqlite3.Connection, dictionary: Dictionary, text: str) -> int | None:
        """The number of a text, made where it is new; inside the caller's transaction. None for an empty one."""
        if not text:
            return None
        number = self._numbers.get((dictionary, text))
        if number is None:
            column = COLUMN[dictionary]
            row = connection.execute(f"SELECT id FROM {dictionary} WHERE {column} = ?", (text,)).fetchone()  # noqa: S608  # names of ours
            if row is None:
                insert = f"INSERT INTO {dictionary} ({column}) VALUES (?) RETURNING id"  # noqa: S608  # likewise
                row = connection.execute(insert, (text,)).fetchone()
            if len(self._numbers) >= _AT_HAND:
                self._numbers.clear()
            number = self._numbers[dictionary, text] = int(row[0])
        self._noted[dictionary].add(number)
        return number

    def note_from_now_on(self) -> None:
        """Forget which numbers were given out: those from now on are `noted`."""
        self._noted = {"process": set(), "account": set()}

    def noted(self, dictionary: Dictionary) -> set[int]:
        """Numbers given out since `note_from_now_on`."""
        return self._noted[dictionary]

    def drop(self, dictionary: Dictionary, numbers: Collection[int]) -> None:
        """Their rows are gone."""
        gone = set(numbers)
        self._numbers = {
            key: number for key, number in self._numbers.items() if key[0] != dictionary or number not in gone
        }

    def forget(self) -> None:
        """Drop what is at hand: some of it may never have been committed."""
        self._numbers.clear()
