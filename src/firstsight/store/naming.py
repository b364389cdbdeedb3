"""Take people's names away from what is stored, as `[privacy] users` says: left out, or pseudonyms in their place.

A pass goes through the store in steps, each a transaction of bounded size, beside a service that takes names away from
what comes. What a pass that was cut short has changed, the next one leaves as it is.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.core.disguise import Disguise
from firstsight.core.process import program
from firstsight.store.texts import COLUMN, Dictionary, Texts

_ROWS = 5_000  # a step
_BODIES = 200

_KINDS: dict[Dictionary, str] = {"process": "processes", "account": "accounts"}

_encode = msgspec.json.Encoder().encode
_alert = msgspec.json.Decoder(Alert).decode
_case = msgspec.json.Decoder(Case).decode


class NameTaker:
    """One pass.

    Args:
        connection: the database; its counts must have settled before each step.
        texts: what of its dictionaries is at hand.
        disguise: takes people's names away.
    """

    def __init__(self, connection: sqlite3.Connection, texts: Texts, disguise: Disguise) -> None:
        self._run = connection.execute
        self._run_many = connection.executemany
        self._texts = texts
        self._disguise = disguise

    def steps(self, changed: Counter[str]) -> Iterator[None]:
        """The pass; each step within a transaction of the caller's. `changed` counts rows, by kind."""
        yield from self._first_sights(changed)  # while domains still tell whose they were
        users = dict(self._run("SELECT id, user FROM account").fetchall())
        images = dict(self._run("SELECT id, image FROM process").fetchall())
        others = {number: self._disguise.image(image, "") for number, image in images.items()}
        yield from self._of_users(others, users)
        moved: dict[Dictionary, dict[int, int | None]] = {"process": {}, "account": {}}
        named = {number: self._disguise.user(user) for number, user in users.items()}
        yield from self._rename("process", images, others, moved["process"], changed)
        yield from self._rename("account", users, named, moved["account"], changed)
        if any(moved.values()):
            yield from self._move(moved)
        yield from self._alerts(changed)
        yield from self._cases(changed)

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
            changed["first_sights"] += len(found)
            yield
            if len(rows) < _ROWS:
                return

    def _of_users(self, images: dict[int, str], users: dict[int, str]) -> Iterator[None]:
        """Take out of programs' paths the names of those who asked first with them."""
        after = ""
        while rows := self._run(
            "SELECT name, process, account FROM domain WHERE name > ? ORDER BY name LIMIT ?", (after, _ROWS)
        ).fetchall():
            after = rows[-1][0]
            for number, user in {(number, users.get(account, "")) for _, number, account in rows if number in images}:
                images[number] = self._disguise.image(images[number], user)
            yield
            if len(rows) < _ROWS:
                return

    def _rename(
        self,
        dictionary: Dictionary,
        before: dict[int, str],
        after: dict[int, str],
        moved: dict[int, int | None],
        changed: Counter[str],
    ) -> Iterator[None]:
        """Rename texts; where there is such a row already, or nothing is left, `moved` says what stands for it."""
        column = COLUMN[dictionary]
        others = [(number, text) for number, text in after.items() if text != before[number]]
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
        """Have domains name what stands for the rows that go, then let these go."""
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
            self._run_many(f"DELETE FROM {dictionary} WHERE id = ?", [(number,) for number in numbers])  # noqa: S608  # names of ours
        yield

    def _alerts(self, changed: Counter[str]) -> Iterator[None]:
        """Those that are not delivered yet leave as they are then."""
        for rows in self._bodies("alert"):
            for seq, body in rows:
                alert = _alert(body)
                other = self._disguise.alert(alert)
                if other is not alert:
                    name = program(other.asked.process.image)
                    self._run("UPDATE alert SET body = ? WHERE seq = ?", (_encode(other), seq))
                    self._run("UPDATE alert_brief SET program = ? WHERE seq = ? AND program <> ?", (name, seq, name))
                    changed["alerts"] += 1
            yield

    def _cases(self, changed: Counter[str]) -> Iterator[None]:
        for rows in self._bodies("pending"):
            for seq, body in rows:
                case = _case(body)
                other = self._disguise.case(case)
                if other is not case:
                    self._run("UPDATE pending SET body = ? WHERE seq = ?", (_encode(other), seq))
                    changed["cases"] += 1
            yield

    def _bodies(self, table: Literal["alert", "pending"]) -> Iterator[Sequence[tuple[int, bytes]]]:
        after = 0
        while rows := self._run(
            f"SELECT seq, body FROM {table} WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608  # names of ours
            (after, _BODIES),
        ).fetchall():
            yield rows
            after = rows[-1][0]
            if len(rows) < _BODIES:
                return
