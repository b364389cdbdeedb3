"""First sights in rows of their own: the newest ones are listed, an agent's, and a program's."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from firstsight.core.events import DnsEvent
from firstsight.core.process import program
from firstsight.store.hours import HOUR, add_hours


def write_first_sights(connection: sqlite3.Connection, sights: Iterable[tuple[str, DnsEvent, int]]) -> None:
    """Write them in order, and count them in their hours; inside the caller's transaction.

    Args:
        connection: the database, in a transaction.
        sights: registrable domains, with the event of each and the number of who asked.
    """
    # What leaves users out of a path leaves its last part as it is (core/privacy.py): no need to do so here.
    rows = [(int(event.time), domain, agent, program(event.detail().process.image)) for domain, event, agent in sights]
    connection.executemany("INSERT INTO first_sight (time, domain, agent, program) VALUES (?, ?, ?, ?)", rows)
    add_hours(connection, Counter((time // HOUR, "", "new") for time, *_ in rows))
