"""Leave people and endpoints out of what is kept: for a site that keeps no users, and for whom is to be forgotten."""

import re
from dataclasses import dataclass, replace

from firstsight.core.alerts import Alert, Asked
from firstsight.core.case import Case
from firstsight.core.events import Agent, Process
from firstsight.core.verdict import Reason

BLANK = "-"
"""Stands where a name was."""

# A user's own folder, whose name is the user's, of Windows, macOS and Linux.
_PROFILE = re.compile(r"([\\/](?:users|home|documents and settings)[\\/])([^\\/]+)(?=[\\/])", re.IGNORECASE)
_NOBODYS = frozenset({"public", "default", "all users"})
_ASKED_BY = "; asked by "  # core/judge.py: what a summary ends with


def without_user(process: Process) -> Process:
    """A process without its user, and without the name of the folder that it runs from."""
    return Process(_masked(process.image, None), process.guid, process.id)


def _masked(image: str, user: str | None) -> str:
    """An image path without the name of a user's folder: of this one, or (None) of whomever it is."""

    def mask(found: re.Match[str]) -> str:
        owner = found[2].casefold()
        whose = owner not in _NOBODYS if user is None else owner == user
        return found[1] + BLANK if whose else found[0]

    return _PROFILE.sub(mask, image)


@dataclass(frozen=True, slots=True)
class Forgotten:
    r"""Who is to be forgotten: a user, or an agent.

    Attributes:
        user: as the endpoint wrote it (`CORP\alice`), in any case; empty: not a user.
        agent: its name in Wazuh; empty: not an agent.
    """

    user: str = ""
    agent: str = ""

    def is_user(self, user: str) -> bool:
        """Whether it is this user."""
        return bool(self.user) and user.casefold() == self.user.casefold()

    def is_agent(self, name: str) -> bool:
        """Whether it is an agent of this name."""
        return bool(self.agent) and name == self.agent

    def image(self, image: str) -> str:
        r"""An image path without the user's own folder: `alice` of `CORP\alice` and of `alice@corp.example`."""
        if not self.user:
            return image
        return _masked(image, self.user.rpartition("\\")[2].partition("@")[0].casefold())

    def in_alert(self, alert: Alert) -> Alert:
        """An alert without them; the same object where they are not in it."""
        asked = self._in_asked(alert.asked)
        reasons = tuple(self._in_reason(reason, alert.asked) for reason in alert.verdict.reasons)
        if asked is alert.asked and reasons == alert.verdict.reasons:
            return alert
        return replace(
            alert,
            asked=asked,
            verdict=replace(alert.verdict, reasons=reasons),
            summary=self._in_summary(alert.summary, alert.asked),
        )

    def in_case(self, case: Case) -> Case:
        """A case without them; the same object where they are not in it."""
        asked = None if case.asked is None else self._in_asked(case.asked)
        return case if asked is case.asked else replace(case, asked=asked)

    def _in_asked(self, asked: Asked) -> Asked:
        process = asked.process
        user = "" if self.is_user(process.user) else process.user
        image = self.image(process.image)
        if (user, image) != (process.user, process.image):
            asked = replace(asked, process=Process(image, process.guid, process.id, user))
        if self.is_agent(asked.agent.name):
            asked = replace(asked, agent=Agent(asked.agent.manager, ""), computer="")
        return asked

    def _in_reason(self, reason: Reason, asked: Asked) -> Reason:
        text, evidence = reason.text, dict(reason.evidence)
        image = evidence.get("image")
        if isinstance(image, str):
            evidence["image"] = self.image(image)
        if self.is_agent(asked.agent.name) and text.startswith(self.agent):
            text = BLANK + text.removeprefix(self.agent)
        return replace(reason, text=text, evidence=evidence)

    def _in_summary(self, summary: str, asked: Asked) -> str:
        what, by, who = summary.rpartition(_ASKED_BY)
        if self.is_user(asked.process.user):
            who = who.replace(asked.process.user, BLANK)
        if self.is_agent(asked.agent.name) and who.startswith(self.agent):
            who = BLANK + who.removeprefix(self.agent)
        return what + by + who
