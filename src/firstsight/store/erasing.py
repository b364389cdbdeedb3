"""Erase who asked: what is older than it may be kept, or all that names a user or an agent.

*That* a domain was seen, when and how often stays for ever. A pass goes through the store in steps, each a transaction
of bounded size, beside a service that works: rows that memory has newer figures for are left to the next pass, and
what is erased of a row is taken out of memory as well.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

from firstsight.ports import Doomed
from firstsight.store.bodies import rewrite_alerts, rewrite_cases
from firstsight.store.briefs import drop_brief
from firstsight.store.erasing_charts import erase_charts
from firstsight.store.erasing_marks import erase_marks_of, erase_old_marks
from firstsight.store.pairs import pair
from firstsight.store.sightings import Sightings
from firstsight.store.texts import Dictionary

_DAY = 86400
_DOMAINS = 500  # a step
_ROWS = 5_000  # pairs a step; a domain that more agents ask for is a step of its own
_ALERTS = 200
_GONE = "\x01forgotten "  # what a name becomes at once, so that nobody is counted under it until its rows are gone

_Row = tuple[str, int, int | None, int | None, int, int, int | None, int | None, int | None]


class Eraser:
    """One pass.

    Args:
        connection: the database; its counts must have settled before each step.
        sightings: what of it is in memory.
        doomed: what is to be erased.
    """

    def __init__(self, connection: sqlite3.Connection, sightings: Sightings, doomed: Doomed) -> None:
        self._connection = connection
        self._run = connection.execute
        self._run_many = connection.executemany
        self._sightings = sightings
        self._doomed = doomed
        self._agents: set[int] = set()
        self._accounts: set[int] = set()
        self._used: dict[Dictionary, set[int | None]] = {"process": set(), "account": set()}

    def steps(self, erased: Counter[str]) -> Iterator[None]:
        """The pass; each step within a transaction of the caller's. `erased` counts what is gone, by kind."""
        self._sightings.texts.note_from_now_on()
        self._sightings.familiar.clear()
        self._give_up_names(erased)
        yield
        yield from self._domains(erased)
        yield from self._texts(erased)
        yield from self._windows(erased)
        if self._doomed.who_before is not None:
            yield from erase_old_marks(self._connection, self._doomed.who_before, erased)
        if self._doomed.alerts_before is not None:
            yield from self._old_alerts(self._doomed.alerts_before, erased)
        yield from erase_charts(self._connection, self._doomed, self._agents, erased)
        forgotten = self._doomed.forgotten
        if forgotten is not None:
            yield from rewrite_alerts(self._connection, forgotten.in_alert, erased)
            yield from rewrite_cases(self._connection, forgotten.in_case, erased)
        self._run("DELETE FROM agent WHERE manager = ?", (_GONE,))

    def _give_up_names(self, erased: Counter[str]) -> None:
        """Take the names away: from here on, events of theirs are somebody else's."""
        forgotten = self._doomed.forgotten
        if forgotten is not None:
            if forgotten.agent:
                for agent, number in self._sightings.askers.give_up(forgotten.agent).items():
                    erase_marks_of(self._connection, agent, erased)
                    self._run("UPDATE agent SET manager = ?, name = ? WHERE id = ?", (_GONE, str(number), number))
                    erased["agents"] += 1
            for number, user in self._run("SELECT id, user FROM account").fetchall():
                if forgotten.is_user(user):
                    self._run("UPDATE account SET user = ? WHERE id = ?", (f"{_GONE}{number}", number))
                    erased["users"] += 1
            for number, image in self._run("SELECT id, image FROM process").fetchall():
                masked = forgotten.image(image)
                if masked != image:
                    self._rename_process(number, masked)
                    erased["images"] += 1
            self._sightings.texts.forget()
        # A pass that was cut short has left some.
        self._agents = {number for (number,) in self._run("SELECT id FROM agent WHERE manager = ?", (_GONE,))}
        self._accounts = {
            number
            for (number,) in self._run("SELECT id FROM account WHERE substr(user, 1, ?) = ?", (len(_GONE), _GONE))
        }

    def _rename_process(self, number: int, image: str) -> None:
        there = self._run("SELECT 1 FROM process WHERE image = ?", (image,)).fetchone()
        # Two users' programs may become one; the second keeps a number after its name, to stay a row of its own.
        self._run("UPDATE process SET image = ? WHERE id = ?", (f"{image} ({number})" if there else image, number))

    def _domains(self, erased: Counter[str]) -> Iterator[None]:
        after = ""
        while rows := self._run(
            "SELECT name, id, first, last, agents, hosts, agent, process, account FROM domain WHERE name > ? "
            "ORDER BY name LIMIT ?",
            (after, _DOMAINS),
        ).fetchall():
            room = _ROWS
            self._sightings.familiar.clear()  # pairs and host names go
            for row in rows:
                self._domain(row, erased)
                after = row[0]
                room -= 1 + row[4]
                if room < 0:
                    break
            yield
            if _last(rows, _DOMAINS) and after == rows[-1][0]:
                return

    def _domain(self, row: _Row, erased: Counter[str]) -> None:
        name, number, first, last, agents, hosts, agent, process, account = row
        doomed = self._doomed
        domain = self._sightings.domains.at_hand(name)
        if domain is not None:
            first, last = domain.first, domain.last
        if agents and (doomed.who_before is not None or self._agents):
            gone = self._pairs(number)
            if gone:
                self._run("UPDATE domain SET agents = agents - ? WHERE name = ?", (gone, name))
                if domain is not None:
                    domain.agents -= gone
                erased["pairs"] += gone
        if doomed.who_before is not None or self._agents:
            self._in_vain(name, number, erased)
        asked_first = (agent, process, account)
        if doomed.who_before is not None and first is not None and first < doomed.who_before:
            kept: tuple[int | None, int | None, int | None] = (None, None, None)
        else:
            kept = (
                None if agent in self._agents else agent,
                process,
                None if account in self._accounts else account,
            )
        if kept != asked_first:
            self._run("UPDATE domain SET agent = ?, process = ?, account = ? WHERE name = ?", (*kept, name))
            erased["first_askers"] += 1
        self._used["process"].add(kept[1])
        self._used["account"].add(kept[2])
        if hosts and doomed.hosts_before is not None and last is not None and last < doomed.hosts_before:
            self._hosts(name, number, erased)

    def _pairs(self, domain: int) -> int:
        """Erase a domain's pairs that are doomed; how many they were."""
        before = self._doomed.who_before
        day = None if before is None else int(before // _DAY)
        pairs = self._sightings.pairs
        gone = [
            agent
            for agent, last_day in self._run("SELECT agent, last_day FROM sighting WHERE domain = ?", (domain,))
            if (agent in self._agents or (day is not None and last_day < day))
            and not pairs.changed(pair(domain, agent))
        ]
        self._run_many("DELETE FROM sighting WHERE domain = ? AND agent = ?", [(domain, agent) for agent in gone])
        for agent in gone:
            pairs.drop(pair(domain, agent))
        return len(gone)

    def _in_vain(self, name: str, number: int, erased: Counter[str]) -> None:
        row = self._run("SELECT last, agents FROM unresolved WHERE domain = ?", (number,)).fetchone()
        if row is None or not row[1]:
            return
        domain = self._sightings.domains.at_hand(name)
        vain = None if domain is None else domain.unresolved
        last = row[0] if vain is None else vain.last
        before = self._doomed.who_before
        everybody = before is not None and last < before
        gone = [
            agent
            for (agent,) in self._run("SELECT agent FROM unresolved_agent WHERE domain = ?", (number,))
            if everybody or agent in self._agents
        ]
        if not gone:
            return
        self._run_many("DELETE FROM unresolved_agent WHERE domain = ? AND agent = ?", [(number, one) for one in gone])
        self._run("UPDATE unresolved SET agents = agents - ? WHERE domain = ?", (len(gone), number))
        for agent in gone:
            self._sightings.vain_pairs.drop(number, agent)
        if vain is not None:
            vain.agents -= len(gone)
        erased["pairs"] += len(gone)

    def _hosts(self, name: str, number: int, erased: Counter[str]) -> None:
        prefixes = [prefix for (prefix,) in self._run("SELECT prefix FROM host WHERE domain = ?", (number,))]
        self._run("DELETE FROM host WHERE domain = ?", (number,))
        self._run("UPDATE domain SET hosts = 0 WHERE name = ?", (name,))
        domain = self._sightings.domains.at_hand(name)
        self._sightings.hosts.drop(domain, [f"{prefix}.{name}" for prefix in prefixes])
        erased["hosts"] += len(prefixes)

    def _texts(self, erased: Counter[str]) -> Iterator[None]:
        """Programs and users that no domain names any more."""
        for dictionary, used in self._used.items():
            used |= self._sightings.texts.noted(dictionary)  # noqa: PLW2901  # in place
            numbers = {number for (number,) in self._run(f"SELECT id FROM {dictionary}")}  # noqa: S608  # names of ours
            unused = sorted(numbers - used)
            for at in range(0, len(unused), _ROWS):
                self._drop_texts(dictionary, unused[at : at + _ROWS], erased)
                yield

    def _drop_texts(self, dictionary: Dictionary, numbers: Sequence[int], erased: Counter[str]) -> None:
        # Some may have been used since the last step.
        unused = sorted(set(numbers) - self._sightings.texts.noted(dictionary))
        self._run(
            f"DELETE FROM {dictionary} WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608  # names of ours
            (json.dumps(unused),),
        )
        self._sightings.texts.drop(dictionary, unused)
        erased["texts"] += len(unused)

    def _windows(self, erased: Counter[str]) -> Iterator[None]:
        """What duplicates are known by: computers' names."""
        before = self._doomed.who_before
        askers = self._sightings.askers
        for agent in self._agents:
            erased["records"] += self._run("DELETE FROM record_window WHERE agent = ?", (agent,)).rowcount
        after = (-1, "")
        while before is not None and (
            rows := self._run(
                "SELECT agent, computer, written FROM record_window WHERE (agent, computer) > (?, ?) "
                "ORDER BY agent, computer LIMIT ?",
                (*after, _DOMAINS),
            ).fetchall()
        ):
            after = rows[-1][:2]
            old = [(agent, computer) for agent, computer, written in rows if written < before]
            gone = [key for key in old if askers.drop_window(key)]
            self._run_many("DELETE FROM record_window WHERE agent = ? AND computer = ?", gone)
            erased["records"] += len(gone)
            yield
            if _last(rows, _DOMAINS):
                return

    def _old_alerts(self, before: float, erased: Counter[str]) -> Iterator[None]:
        after = 0
        while rows := self._run(
            # The newest stays: numbers go on from it, and whoever reads on from a number must not miss any. What is
            # not delivered stays too.
            "SELECT seq, at, seq IN (SELECT alert FROM outbox) OR seq = (SELECT max(seq) FROM alert) "
            "FROM alert WHERE seq > ? ORDER BY seq LIMIT ?",
            (after, _ALERTS),
        ).fetchall():
            after = rows[-1][0]
            for seq, at, stays in rows:
                if at < before and not stays:
                    self._run("DELETE FROM alert WHERE seq = ?", (seq,))
                    drop_brief(self._connection, seq)
                    erased["alerts"] += 1
            yield
            if _last(rows, _ALERTS):
                return


def _last(rows: Sequence[object], limit: int) -> bool:
    """Whether these were all. What comes behind them while the pass goes on is none of its business, nor has an end."""
    return len(rows) < limit


def blank_free_pages(connection: sqlite3.Connection, pages: int) -> bool:
    """Write over pages that hold nothing any more but what was in them; inside the caller's transaction.

    SQLite keeps a page's old bytes when it is freed. Rows of zeros are put into all of them, and then taken out again.

    Args:
        connection: the database.
        pages: as many at most.

    Returns:
        Whether there are more.
    """
    run = connection.execute
    free = run("PRAGMA freelist_count").fetchone()[0]
    run("CREATE TABLE IF NOT EXISTS blank (bytes BLOB) STRICT")
    size = run("PRAGMA page_size").fetchone()[0]
    run("INSERT INTO blank VALUES (zeroblob(?))", (min(free, pages) * size,))
    if free > pages:
        return True
    run("DROP TABLE blank")  # now, as others free pages between steps: there need be no end to that
    return False
