"""Evidence with people's names left out, or with pseudonyms in their place (`[privacy] users`)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache, partial

from firstsight.core.alerts import ASKED_BY, Alert, asked_with
from firstsight.core.case import Case
from firstsight.core.events import Detail, DnsEvent, Process
from firstsight.core.process import is_listed, program
from firstsight.core.usernames import (
    BLANK,
    Users,
    has_pseudonym,
    in_profiles,
    in_words,
    is_pseudonym,
    person,
    pseudonym,
    with_person,
)
from firstsight.core.verdict import Reason

EvidenceOf = Callable[[DnsEvent], Detail]
"""Gives an event's evidence as it may be stored, judged, sent and logged: the one way to it for whoever keeps it."""


def as_it_is(event: DnsEvent) -> Detail:
    """An event's evidence where people's names are kept."""
    return event.detail()


class Disguise:
    """Takes people's names away. What it has given once, it leaves as it is.

    Args:
        naming: gives what stands in the place of a person's name; None: nothing does.
    """

    def __init__(self, naming: Callable[[str], str] | None = None) -> None:
        self._naming = naming
        # The same few programs and users ask nearly always.
        self._others = lru_cache(maxsize=8192)(lambda user, image: (self.user(user), self.image(image, user)))

    @property
    def users(self) -> Users:
        """What is kept of people's names."""
        return Users.LEAVE_OUT if self._naming is None else Users.PSEUDONYM

    def evidence(self, event: DnsEvent) -> Detail:
        """An event's evidence."""
        detail = event.detail()
        return Detail(self.process(detail.process), detail.answers)

    def process(self, process: Process) -> Process:
        """A process under other names; the same object where there is nobody's in it."""
        user, image = self._others(process.user, process.image)
        if (user, image) == (process.user, process.image):
            return process
        return Process(image, process.guid, process.id, user)

    def user(self, user: str) -> str:
        """A user under another name; accounts that are no people's stay."""
        who = person(user)
        if not who:
            return user
        return "" if self._naming is None else with_person(user, self._named(who))

    def image(self, image: str, user: str) -> str:
        """The path of a program that a user runs, without names of people.

        These are the names of users' own folders, and the user's wherever it stands as words of their own. What
        attackers borrow goes on being called as it is, whatever an account is called.
        """
        who = person(user)
        if who:
            begin = max(image.rfind("\\"), image.rfind("/")) + 1
            folder, name = image[:begin], image[begin:]
            other = self._named(who)
            image = in_words(folder, who, other) + (name if is_listed(name.lower()) else in_words(name, who, other))
        return in_profiles(image, self._named)

    def _named(self, name: str) -> str:
        if self._naming is None:
            return BLANK
        return name if is_pseudonym(name) else self._naming(name)

    def alert(self, alert: Alert) -> Alert:
        """An alert under other names; the same object where there is nobody's in it."""
        before = alert.asked.process
        process = self.process(before)
        reasons = tuple(self._reason(reason, before) for reason in alert.verdict.reasons)
        if process is before and reasons == alert.verdict.reasons:
            return alert
        return replace(
            alert,
            asked=replace(alert.asked, process=process),
            verdict=replace(alert.verdict, reasons=reasons),
            summary=_summary(alert.summary, before, process),
        )

    def case(self, case: Case) -> Case:
        """A case under other names; the same object where there is nobody's in it."""
        if case.asked is None:
            return case
        process = self.process(case.asked.process)
        return case if process is case.asked.process else replace(case, asked=replace(case.asked, process=process))

    def _reason(self, reason: Reason, process: Process) -> Reason:
        image = reason.evidence.get("image")
        if not isinstance(image, str):
            return reason
        masked = self.image(image, process.user)
        text = reason.text
        if text.startswith(program(image)):
            text = program(masked) + text.removeprefix(program(image))
        return replace(reason, text=text, evidence={**reason.evidence, "image": masked})


def _summary(summary: str, before: Process, after: Process) -> str:
    """A summary with another program and user at its end; one that does not end so loses who asked."""
    ending = asked_with(before)
    if summary.endswith(ending):
        return summary.removesuffix(ending) + asked_with(after)
    return summary.rpartition(ASKED_BY)[0] or summary


LEFT_OUT = Disguise()
"""Leaves people's names out."""

_ANYBODY = Disguise(partial(pseudonym, b"any"))


def holding(process: Process) -> Users:
    """What a process holds of people: names (`keep`), pseudonyms alone, or nothing (`leave_out`)."""
    if LEFT_OUT.process(process) is process:
        return Users.LEAVE_OUT
    return Users.PSEUDONYM if _ANYBODY.process(process) is process else Users.KEEP


def held_by(processes: Iterable[Process]) -> set[Users]:
    """What several processes hold, all together; may leave out `leave_out` beside names."""
    held: set[Users] = set()
    for process in set(processes):
        # Beside a name only a pseudonym adds to it: most stores hold names, and thousands of programs and users.
        if Users.KEEP not in held or has_pseudonym(process.user) or has_pseudonym(process.image):
            held.add(holding(process))
    return held


def held_in_words(held: set[Users]) -> str:
    """What several hold, all together: `names`, `pseudonyms`, `names and pseudonyms`, `no names`."""
    words = {Users.KEEP: "names", Users.PSEUDONYM: "pseudonyms"}
    return " and ".join(word for users, word in words.items() if users in held) or "no names"
