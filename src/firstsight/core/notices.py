"""What firstsight says of itself: troubles as they begin and end, and a day's figures. One table of all kinds."""

from dataclasses import dataclass, field
from enum import StrEnum

from firstsight.core.ids import stable_id

Details = dict[str, str | list[str]]
"""Figures and names that a notice carries beside its sentence; texts, as Wazuh takes nothing else."""


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind of notice.

    Attributes:
        code: the public name.
        level: of its Wazuh rule: of the beginning where it is two-sided (the end is 3).
        two_sided: a trouble, which begins and is over; else it is news, told once.
        meaning: one line for reference pages.
        todo: what to do about it.
    """

    code: str
    level: int
    two_sided: bool
    meaning: str
    todo: str


# The order is public: places in the numbering of Wazuh rules hang on it. New kinds go to the end.
_TABLE = (
    NoticeKind(
        "source_silent",
        7,
        True,
        "no DNS event has come from a source for longer than it usually rests",
        "Does Event 22 still reach alerts.json (`grep -c sysmon_event_22`)? An upgrade of Wazuh may have taken the "
        "rules away, a change of Sysmon's configuration its DNS queries. Is the manager running?",
    ),
    NoticeKind(
        "source_lagging",
        5,
        True,
        "a source is read far behind what is written to it: alerts come late",
        "See what floods alerts.json, and the machine's load. Nothing is lost while Wazuh keeps its files.",
    ),
    NoticeKind(
        "outbox_stuck",
        7,
        True,
        "a sink takes no alerts",
        "The sentence says why. Alerts wait in the store and are sent in order once the sink works.",
    ),
    NoticeKind(
        "registry_trouble",
        5,
        True,
        "no registry answers: alerts leave without ages",
        "Can this machine reach RDAP servers (HTTPS, port 443 out)? Ages follow once they are known.",
    ),
    NoticeKind(
        "store_trouble",
        10,
        True,
        "the store can't be written: nothing is recorded and no new alert is raised",
        "The sentence says why: a full disk, rights, a damaged file. Nothing is lost while Wazuh keeps its files; "
        "reading goes on by itself.",
    ),
    NoticeKind(
        "clock_trouble",
        5,
        True,
        "this machine's clock was set back, or many events bear times that can't be",
        "Is time synchronised (`chronyc tracking`, `timedatectl`) here, on the manager and on the endpoints?",
    ),
    NoticeKind(
        "node_silent",
        7,
        True,
        "no DNS event has come from a node of the cluster for longer than it usually rests",
        "Does the node's script or `firstsight forward` run, and can it reach this service? Its own error says more.",
    ),
    NoticeKind(
        "agent_silent",
        5,
        True,
        "agents that used to send DNS events have sent none for long; a list, once a day",
        "Are they off, removed or re-enrolled? If they are on: is Sysmon running, and its channel sent?",
    ),
    NoticeKind(
        "learning_over",
        3,
        False,
        "a source has learnt: from now on what is merely new alerts",
        "Look through the report beside the store: it lists what was learnt that is young, looks random or was asked "
        "for by one agent.",
    ),
    NoticeKind("digest", 3, False, "a day's figures", "Nothing; a day without one is a reason to look."),
    NoticeKind(
        "source_trouble",
        7,
        True,
        "a source can't be read as it should, or lines of it may be missing",
        "The sentence says why: a missing file, rights, a damaged archive.",
    ),
    NoticeKind(
        "intel_trouble",
        5,
        True,
        "threat intelligence can't be asked: alerts leave without it",
        "The sentence says why: a key that can't be used or is refused, a quota that is used up, a server that does "
        "not answer. What is found follows once it does.",
    ),
    NoticeKind(
        "access_changed",
        5,
        False,
        "who may ask was changed (users, their passwords, tokens), or a copy of the store put back",
        "Was it meant? `by` says who did it. `firstsight user list` and `token list` tell who may ask now.",
    ),
    NoticeKind(
        "alerting_changed",
        5,
        False,
        "what raises an alert was changed (exceptions, imported lists, the model's lesson), or who asked, or people's "
        "names, were erased",
        "Was it meant? `by` says who did it, where that is known. `firstsight exception list` tells what is in force.",
    ),
    NoticeKind(
        "login_locked",
        7,
        False,
        "so many log-ins were wrong that an address must wait",
        "Is it a person who has forgotten theirs? `origins` are the addresses, `firstsight audit --what login_failed` "
        "tells every attempt, `--what login` whether one came through.",
    ),
)

NOTICES = {kind.code: kind for kind in _TABLE}
"""All kinds, by code."""


class NoticeState(StrEnum):
    """Which side of a trouble is told; `ONCE` for what has no sides."""

    BEGAN = "began"
    OVER = "over"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as stored and sent.

    Attributes:
        id: stable: the same notice decided again is the same.
        code: of NOTICES.
        state: which side.
        subject: what it is about: a source, a sink, a node; may be empty.
        summary: a sentence for the operator.
        at: when it was told, seconds since the epoch.
        since: when it began, or what it covers began; seconds since the epoch.
        times: how often this trouble has begun within a day, this time included.
        details: further figures and names.
    """

    id: str
    code: str
    state: NoticeState
    subject: str
    summary: str
    at: float
    since: float
    times: int = 1
    details: Details = field(default_factory=dict)


def make_notice(
    code: str,
    state: NoticeState,
    subject: str,
    summary: str,
    *,
    at: float,
    since: float,
    times: int = 1,
    details: Details | None = None,
) -> Notice:
    """A notice with its id: the same side of the same thing that began then is the same notice, decided again."""
    what = stable_id("notice", code, state, subject, repr(since), str(times))
    return Notice(what, code, state, subject, summary, at, since, times, details or {})


def span(seconds: float) -> str:
    """A length of time in words, in its largest unit that says enough: `90 seconds`, `26 hours`, `3 days`."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 3 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{max(0.0, seconds):.0f} seconds"
