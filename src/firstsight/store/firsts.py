"""First sights in rows of their own: the newest ones are listed, an agent's, and a program's."""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from firstsight.core.disguise import EvidenceOf
from firstsight.core.events import DnsEvent
from firstsight.core.process import program
from firstsight.store.hours import HOUR, add_hours


def write_first_sights(
    connection: sqlite3.Connection, sights: Iterable[tuple[str, DnsEvent, int]], evidence: EvidenceOf
) -> None:
    """Write them in order, and count them in their hours; inside the caller's transaction.

    Args:
        connection: the database, in a transaction.
        sights: registrable domains, with the event of each and the number of who asked.
        evidence: gives an event's evidence, people's names as they may be kept.
    """
    rows = [(int(event.time), domain, agent, program(evidence(event).process.image)) for domain, event, agent in sights]
    connection.executemany("INSERT INTO first_sight (time, domain, agent, program) VALUES (?, ?, ?, ?)", rows)
    add_hours(connection, Counter((time // HOUR, "", "new") for time, *_ in rows))
