"""The Protocols between the pipeline and the world. Adapters take plain arguments, never Settings."""

from firstsight.ports.adapters import Clock, Outgoing, Registry, Render, Sink, Source
from firstsight.ports.store import Store
from firstsight.ports.values import (
    FOR_A_REASON,
    FOR_AN_ALERT,
    FOR_THE_RECORD,
    NO_HITS,
    WHILE_LEARNING,
    Answer,
    Changes,
    Contact,
    Doomed,
    Hits,
    News,
    Pending,
    Question,
    Silence,
    SourceState,
    Uncollected,
)

__all__ = [
    "FOR_AN_ALERT",
    "FOR_A_REASON",
    "FOR_THE_RECORD",
    "NO_HITS",
    "WHILE_LEARNING",
    "Answer",
    "Changes",
    "Clock",
    "Contact",
    "Doomed",
    "Hits",
    "News",
    "Outgoing",
    "Pending",
    "Question",
    "Registry",
    "Render",
    "Silence",
    "Sink",
    "Source",
    "SourceState",
    "Store",
    "Uncollected",
]
