"""What a store holds of people: names of users, pseudonyms of them, or neither."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Any

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.core.disguise import held_in_words, holding
from firstsight.core.events import Process
from firstsight.core.times import rfc3339
from firstsight.core.usernames import Users

_COPY = "copy"  # in a copy's table `meta`

_alert = msgspec.json.Decoder(Alert).decode
_case = msgspec.json.Decoder(Case).decode


@dataclass(frozen=True, slots=True)
class Holdings:
    """What is held, in rows by what of people's names is in them.

    Attributes:
        users: users of programs.
        programs: programs' paths.
        alerts: alerts, which hold both.
        cases: cases that are not decided yet, which hold both too.
        waiting: how many of these alerts, with names or pseudonyms, are not delivered everywhere yet.
    """

    users: Counter[Users]
    programs: Counter[Users]
    alerts: Counter[Users]
    cases: Counter[Users]
    waiting: int

    @property
    def in_words(self) -> str:
        """All of it (core/disguise.py)."""
        return held_in_words(self._kinds)

    def to_change(self, users: Users) -> bool:
        """Whether there are names left that should be pseudonyms, or names or pseudonyms that should not be there."""
        return Users.KEEP in self._kinds or (users is Users.LEAVE_OUT and Users.PSEUDONYM in self._kinds)

    @property
    def _kinds(self) -> set[Users]:
        return {*self.users, *self.programs, *self.alerts, *self.cases}


def holdings(connection: sqlite3.Connection) -> Holdings:
    """What a store holds of people; takes as long as reading all its alerts.

    Raises:
        sqlite3.Error: it can't be read.
    """
    run = connection.execute
    users = Counter(holding(Process(user=user)) for (user,) in run("SELECT user FROM account"))
    programs = Counter(holding(Process(image=image)) for (image,) in run("SELECT image FROM process"))
    alerts: Counter[Users] = Counter()
    waiting = 0
    for body, waits in run("SELECT body, seq IN (SELECT alert FROM outbox) FROM alert"):
        held = holding(_alert(body).asked.process)
        alerts[held] += 1
        waiting += bool(waits) and held is not Users.LEAVE_OUT
    asked = (_case(body).asked for (body,) in run("SELECT body FROM pending"))
    cases = Counter(holding(each.process) for each in asked if each is not None)
    return Holdings(users, programs, alerts, cases, waiting)


def note_copy(copy: sqlite3.Connection, by: str, at: float) -> str:
    """Write into a copy what it holds, who made it and when; the same in a sentence.

    Args:
        copy: the copy.
        by: who, as the audit trail names them.
        at: when, seconds since the epoch.

    Raises:
        sqlite3.Error: it can't be read or written.
    """
    held = holdings(copy)
    domains, first, last = copy.execute("SELECT count(*), min(first), max(last) FROM domain").fetchone()
    about = {
        "made": rfc3339(int(at)),
        "by": by,
        "users": held.in_words,
        "first": rfc3339(first),
        "last": rfc3339(last),
        "domains": domains,
        "alerts": held.alerts.total(),
    }
    copy.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_COPY, json.dumps(about)))
    return _sentence(about)


def copy_note(copy: sqlite3.Connection) -> str | None:
    """What `note_copy` has written; None for a copy that was made otherwise."""
    row = copy.execute("SELECT value FROM meta WHERE key = ?", (_COPY,)).fetchone()
    return None if row is None else _sentence(json.loads(row[0]))


def drop_copy_note(store: sqlite3.Connection) -> None:
    """A copy becomes a store again: what it holds from now on is not what it held."""
    store.execute("DELETE FROM meta WHERE key = ?", (_COPY,))


def _sentence(about: dict[str, Any]) -> str:
    span = "no sightings" if about["first"] is None else f"sightings from {about['first']} to {about['last']}"
    return (
        f"It holds {about['users']} of users, {about['domains']:,} domains with {span}, and {about['alerts']:,} "
        f"alerts; made by {about['by']} on {about['made']}."
    )
