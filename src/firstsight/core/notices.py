"""What the service says of itself: one table of the kinds of notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice.

    Attributes:
        code: the public name.
        level: Wazuh rule level while it is trouble; 3 for one that only informs.
        two_sided: it begins and ends, and both are told; else it is told once.
        meaning: one line for reference pages.
        todo: what to do about it, for the operator.
    """

    code: str
    level: int
    two_sided: bool
    meaning: str
    todo: str


_TABLE = (
    NoticeKind("source_silent", 7, True, "a source brings nothing any more", "See whether its program runs."),
    NoticeKind("source_lagging", 5, True, "a source is read too slowly", "See what floods it."),
    NoticeKind("outbox_stuck", 7, True, "alerts can't leave", "See what the sink says in /readyz."),
    NoticeKind("registry_trouble", 5, True, "a registry doesn't answer", "Is the way out open?"),
    NoticeKind("store_trouble", 10, True, "the store can't be written", "Make room on the disk."),
    NoticeKind("clock_trouble", 5, True, "a clock is wrong", "Set the time, and keep it by NTP."),
    NoticeKind("node_silent", 7, True, "a node hands nothing over", "See whether it runs and reaches us."),
    NoticeKind("agent_silent", 5, True, "agents sent DNS queries and send none now", "See whether Sysmon still runs."),
    NoticeKind("learning_over", 3, False, "a source has learnt", "Read the report it names."),
    NoticeKind("digest", 3, False, "the day in figures", "Nothing."),
    NoticeKind("source_trouble", 7, True, "a source can't be read as it should", "The sentence says why."),
)

NOTICES = {kind.code: kind for kind in _TABLE}
"""The kinds, by code."""
