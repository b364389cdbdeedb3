"""Which sets of reasons an alert can carry, and with which severity: found by judging every kind of case."""

from collections.abc import Iterator
from itertools import product

from firstsight.core.alerts import Asked
from firstsight.core.bursts import Burst
from firstsight.core.case import Case
from firstsight.core.events import Agent, Process, Status
from firstsight.core.facts import Absent, Fact, Known, Popularity, Registration, Unavailable
from firstsight.core.judge import Facts, judge
from firstsight.core.names import Kind, Name
from firstsight.core.policy import Policy
from firstsight.core.verdict import Randomness, Seen, Severity, WordMade

Outcome = tuple[tuple[str, ...], Severity]
"""The codes in the verdict's order, and its severity."""

_DAY = 86400
_NOW = 1_800_000_000.0  # any time will do
_POLICY = Policy()

_NAMES = (
    Name(Kind.PUBLIC, "www.name.com", "name.com", "name.com", "com"),
    Name(Kind.UNKNOWN_SUFFIX, "www.name.bit", "name.bit"),
)
_AGES = (_POLICY.very_new_days - 1, _POLICY.new_days - 1, _POLICY.established_days)
_IMAGES = (r"C:\Program Files\Browser\browser.exe", r"C:\Windows\System32\wscript.exe")

_LOOKS = [
    Randomness(score=float(strong), threshold=0.5, weak=weak, words=WordMade(float(words), 0.5))
    for strong, weak, words in product((False, True), (False, True), (False, True))
]

# First of the site, first of the agent, days of silence before.
_HISTORIES = ((True, True, None), (False, True, None), (False, False, None), (False, True, 60), (False, False, 60))

_BURST = Burst(("name.com",), _NOW, _NOW)


def outcomes() -> set[Outcome]:
    """Everything that an alert can say."""
    verdicts = (judge(case, facts, _POLICY, _NOW).verdict for case in _cases() for facts in _facts(case.name))
    return {
        (tuple(reason.code for reason in verdict.reasons), verdict.severity)
        for verdict in verdicts
        if verdict.severity is not Severity.NONE
    }


def _cases() -> Iterator[Case]:
    cases = product(_NAMES, Status, _IMAGES, _HISTORIES, (False, True), (None, _BURST))
    for name, status, image, history, learning, burst in cases:
        first_here, first_for_agent, silent_days = history
        yield Case(
            name=name,
            seen=Seen(_NOW, _NOW, 1, 1),
            asked=Asked(_NOW, "", "", status, Agent("", ""), Process(image), "", ()),
            first_here=first_here,
            first_for_agent=first_for_agent,
            silent_days=silent_days,
            learning=learning,
            burst=burst if status is Status.NXDOMAIN else None,
        )


def _facts(name: Name) -> Iterator[Facts]:
    registrations: list[Fact[Registration]] = [Unavailable("off")]
    if name.registered:
        registrations = [Known(Registration(_NOW - days * _DAY, None, "RDAP", _NOW)) for days in _AGES]
    popularities: list[Fact[Popularity]] = [Absent(_NOW), Known(Popularity("", None))]
    for registration, popularity, looks in product(registrations, popularities, _LOOKS):
        yield Facts(registration, popularity, Unavailable("off"), looks)
