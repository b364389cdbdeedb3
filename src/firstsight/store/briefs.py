"""What of an alert is listed, filtered and counted, in rows of their own; and what somebody thought of it."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence

from firstsight.core.alerts import Alert
from firstsight.core.facts import Known
from firstsight.core.process import program
from firstsight.core.reasons import REASONS, mask_of
from firstsight.core.review import Review, State
from firstsight.store.hours import HOUR, add_hours

_COLUMNS = "seq, time, name, domain, agent, program, severity, reasons, category, age_days, first, state"


def write_briefs(
    connection: sqlite3.Connection, alerts: Sequence[tuple[int, Alert]], agents: Mapping[str, int | None]
) -> None:
    """Write the briefs of new alerts, and count them by the hour of their event; inside the caller's transaction.

    Args:
        connection: the database, in a transaction.
        alerts: with their numbers.
        agents: numbers of the agents that asked, by id of the alert.
    """
    counts: Counter[tuple[int, str, str]] = Counter()
    briefs: list[tuple[object, ...]] = []
    reasons: list[tuple[int, int]] = []
    for seq, alert in alerts:
        verdict, asked = alert.verdict, alert.asked
        codes = list(dict.fromkeys(reason.code for reason in verdict.reasons))
        registration = verdict.registration
        age = registration.value.age_days(alert.at) if isinstance(registration, Known) else None
        briefs.append((
            seq, asked.time, verdict.name, verdict.domain, agents[alert.id], program(asked.process.image),
            verdict.severity.rank, mask_of(codes), alert.category, age, verdict.seen.first, State.NEW,
        ))  # fmt: skip
        reasons += [(REASONS[code].bit, seq) for code in codes]
        hour = int(asked.time) // HOUR
        counts.update((hour, "", f"reason:{code}") for code in codes)
        counts[hour, "", f"alerts:{verdict.severity}"] += 1
    connection.executemany(
        f"INSERT INTO alert_brief ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # ours
        briefs,
    )
    connection.executemany("INSERT INTO alert_reason VALUES (?, ?)", reasons)
    add_hours(connection, counts)


def drop_brief(connection: sqlite3.Connection, seq: int) -> None:
    """An alert goes; inside the caller's transaction."""
    bits = [(kind.bit, seq) for kind in REASONS.values()]
    connection.executemany("DELETE FROM alert_reason WHERE reason = ? AND seq = ?", bits)
    connection.execute("DELETE FROM alert_brief WHERE seq = ?", (seq,))


def review(connection: sqlite3.Connection, alert_ids: Sequence[str], review: Review) -> list[str]:
    """Note what somebody thinks of alerts; inside the caller's transaction. The ids of those that are there."""
    found = connection.execute(
        "SELECT DISTINCT a.seq, a.id FROM json_each(?) AS wanted JOIN alert AS a ON a.id = wanted.value ORDER BY a.seq",
        (json.dumps(list(alert_ids)),),
    ).fetchall()
    connection.executemany(
        "UPDATE alert_brief SET state = ?, reviewer = ?, reviewed = ? WHERE seq = ?",
        [(review.state, review.by, review.at, seq) for seq, _ in found],
    )
    return [alert_id for _, alert_id in found]
