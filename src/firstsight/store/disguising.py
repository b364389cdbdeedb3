"""Take people's names away from what is stored, as `[privacy] users` says: left out, or pseudonyms in their place.

A pass goes through the store in steps, each a transaction of bounded size, beside a service that takes names away from
what comes. What a pass that was cut short has changed, the next one leaves as it is.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from firstsight.core.disguise import Disguise
from firstsight.store.bodies import rewrite_alerts, rewrite_cases
from firstsight.store.texts import COLUMN, Dictionary, Texts

_ROWS = 5_000  # a step

_KINDS: dict[Dictionary, str] = {"process": "images", "account": "users"}


@dataclass(slots=True)
class _Renamed:
    """A dictionary's texts by number, as they are and as they are to be; `change` gives the latter."""

    dictionary: Dictionary
    change: Callable[[str], str]
    before: dict[int, str] = field(default_factory=dict)
    after: dict[int, str] = field(default_factory=dict)


class NameTaker:
    """One pass.

    Args:
        connection: the database; its counts must have settled before each step.
        texts: what of its dictionaries is at hand.
        disguise: takes people's names away.
    """

    def __init__(self, connection: sqlite3.Connection, texts: Texts, disguise: Disguise) -> None:
        self._connection = connection
        self._run = connection.execute
        self._run_many = connection.executemany
        self._texts = texts
        self._disguise = disguise

    def steps(self, changed: Counter[str]) -> Iterator[None]:
        """The pass; each step within a transaction of the caller's. `changed` counts rows, by kind."""
        yield from self._first_sights(changed)  # while domains still tell whose they were
        users = _Renamed("account", self._disguise.user)
        images = _Renamed("process", lambda image: self._disguise.image(image, ""))
        yield from self._read(users)
        yield from self._read(images)
        yield from self._of_users(images, users)
        moved: dict[Dictionary, dict[int, int | None]] = {"process": {}, "account": {}}
        yield from self._rename(images, moved["process"], changed)
        yield from self._rename(users, moved["account"], changed)
        if any(moved.values()):
            yield from self._move(moved)
        yield from rewrite_alerts(self._connection, self._disguise.alert, changed)
        yield from rewrite_cases(self._connection, self._disguise.case, changed)

    def _first_sights(self, changed: Counter[str]) -> Iterator[None]:
        after = 0
        while rows := self._run(
            "SELECT f.seq, f.program, coalesce(u.user, '') FROM first_sight AS f LEFT JOIN domain AS d "
            "ON d.name = f.domain LEFT JOIN account AS u ON u.id = d.account WHERE f.seq > ? ORDER BY f.seq LIMIT ?",
            (after, _ROWS),
        ).fetchall():
            after = rows[-1][0]
            masked = [(self._disguise.image(name, user), seq, name) for seq, name, user in rows]
            found = [(other, seq) for other, seq, name in masked if other != name]
            self._run_many("UPDATE first_sight SET program = ? WHERE seq = ?", found)
            changed["first_sights_without"] += len(found)
            yield
            if len(rows) < _ROWS:
                return

    def _read(self, texts: _Renamed) -> Iterator[None]:
        column = COLUMN[texts.dictionary]
        question = f"SELECT id, {column} FROM {texts.dictionary} WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608  # names of ours
        after = 0
        while rows := self._run(question, (after, _ROWS)).fetchall():
            after = rows[-1][0]
            for number, text in rows:
                texts.before[number], texts.after[number] = text, texts.change(text)
            yield
            if len(rows) < _ROWS:
                return

    def _of_users(self, images: _Renamed, users: _Renamed) -> Iterator[None]:
        """Take out of programs' paths the names of those who asked first with them."""
        masked, named = images.after, users.before
        after = ""
        while rows := self._run(
            "SELECT name, process, account FROM domain WHERE name > ? ORDER BY name LIMIT ?", (after, _ROWS)
        ).fetchall():
            after = rows[-1][0]
            for number, user in {(number, named[account]) for _, number, account in rows if account in named}:
                if number in masked:
                    masked[number] = self._disguise.image(masked[number], user)
            yield
            if len(rows) < _ROWS:
                return

    def _rename(self, texts: _Renamed, moved: dict[int, int | None], changed: Counter[str]) -> Iterator[None]:
        """Rename texts; where there is such a row already, or nothing is left, `moved` says what stands for it."""
        dictionary = texts.dictionary
        column = COLUMN[dictionary]
        others = [(number, text) for number, text in texts.after.items() if text != texts.before[number]]
        for at in range(0, len(others), _ROWS):
            for number, text in others[at : at + _ROWS]:
                there = self._run(f"SELECT id FROM {dictionary} WHERE {column} = ?", (text,)).fetchone()  # noqa: S608  # names of ours
                if text and there is None:
                    self._run(f"UPDATE {dictionary} SET {column} = ? WHERE id = ?", (text, number))  # noqa: S608  # likewise
                else:
                    moved[number] = there[0] if there else None
                changed[_KINDS[dictionary]] += 1
            self._texts.forget()
            yield

    def _move(self, moved: dict[Dictionary, dict[int, int | None]]) -> Iterator[None]:
        """Have domains name what stands for the rows that go, then let these go.

        But for those that events name which have come since: these stay, as they would had they come a moment later.
        """
        for dictionary, numbers in moved.items():
            self._texts.drop(dictionary, numbers)  # whatever goes on using one asks for it again, and is noted
        self._texts.note_from_now_on()
        programs, users = moved["process"], moved["account"]
        after = ""
        while rows := self._run(
            "SELECT name, process, account FROM domain WHERE name > ? ORDER BY name LIMIT ?", (after, _ROWS)
        ).fetchall():
            after = rows[-1][0]
            self._run_many(
                "UPDATE domain SET process = ?, account = ? WHERE name = ?",
                [
                    (programs.get(process, process), users.get(account, account), name)
                    for name, process, account in rows
                    if process in programs or account in users
                ],
            )
            yield
            if len(rows) < _ROWS:
                break
        for dictionary, numbers in moved.items():
            unused = numbers.keys() - self._texts.noted(dictionary)
            self._run_many(f"DELETE FROM {dictionary} WHERE id = ?", [(number,) for number in unused])  # noqa: S608  # names of ours
        yield
