"""What somebody thinks of an alert."""

from dataclasses import dataclass
from enum import StrEnum

MOST_MARKED = 500
"""Alerts that are marked by one request."""


class State(StrEnum):
    """How far an alert has come."""

    NEW = "new"
    REVIEWED = "reviewed"
    FALSE_ALARM = "false_alarm"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Review:
    """A state, who set it (None: nobody did yet), and when, seconds since the epoch."""

    state: State = State.NEW
    by: str | None = None
    at: float | None = None
