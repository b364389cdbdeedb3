"""First sights in rows of their own: the newest ones are listed, an agent's, and a program's."""

import sqlite3

from firstsight.core.process import program
from firstsight.store.hours import HOUR, add_hours


def write_first_sight(connection: sqlite3.Connection, domain: str, time: float, agent: int, image: str) -> None:
    """Write one, and count it in its hour; inside the caller's transaction.

    Args:
        connection: the database, in a transaction.
        domain: the registrable domain.
        time: the event's, seconds since the epoch.
        agent: the number of who asked.
        image: the program that asked.
    """
    connection.execute(
        "INSERT INTO first_sight (time, domain, agent, program) VALUES (?, ?, ?, ?)",
        (int(time), domain, agent, program(image)),
    )
    add_hours(connection, {(int(time) // HOUR, "", "new"): 1})
