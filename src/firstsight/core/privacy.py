"""Leave a person or an endpoint out of what is kept, for whom is to be forgotten."""

from dataclasses import dataclass, replace

from firstsight.core.alerts import ASKED_BY, Alert, Asked
from firstsight.core.case import Case
from firstsight.core.disguise import Disguise
from firstsight.core.events import Agent, Process
from firstsight.core.usernames import BLANK, in_profiles, in_words, person
from firstsight.core.verdict import Reason


@dataclass(frozen=True, slots=True)
class Forgotten:
    r"""Who is to be forgotten: a user, or an agent.

    Attributes:
        user: as the endpoint wrote it (`CORP\alice`), in any case; empty: not a user.
        agent: its name in Wazuh; empty: not an agent.
        pseudonym: what stands for the user where names are not kept; empty: nothing does.
    """

    user: str = ""
    agent: str = ""
    pseudonym: str = ""

    def is_user(self, user: str) -> bool:
        """Whether it is this user."""
        return bool(user) and user.casefold() in {self.user.casefold(), self.pseudonym.casefold()}

    def is_agent(self, name: str) -> bool:
        """Whether it is an agent of this name."""
        return bool(self.agent) and name == self.agent

    def image(self, image: str) -> str:
        r"""An image path without the user's own folder: `alice` of `CORP\alice` and of `alice@corp.example`.

        And without their pseudonym, wherever it stands.
        """
        if not self.user:
            return image
        theirs = {person(user).casefold() for user in (self.user, self.pseudonym)} - {""}
        return self._unnamed(in_profiles(image, lambda owner: BLANK if owner.casefold() in theirs else owner))

    def _unnamed(self, text: str) -> str:
        """A text without the pseudonym, which stands in place of a name anywhere (core/disguise.py)."""
        return in_words(text, person(self.pseudonym), BLANK) if self.pseudonym else text

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
        text, evidence = self._unnamed(reason.text), dict(reason.evidence)
        image = evidence.get("image")
        if isinstance(image, str):
            evidence["image"] = self.image(image)
        if self.is_agent(asked.agent.name) and text.startswith(self.agent):
            text = BLANK + text.removeprefix(self.agent)
        return replace(reason, text=text, evidence=evidence)

    def _in_summary(self, summary: str, asked: Asked) -> str:
        what, by, who = summary.rpartition(ASKED_BY)
        if self.is_user(asked.process.user):
            who = who.replace(asked.process.user, BLANK)
        if self.is_agent(asked.agent.name) and who.startswith(self.agent):
            who = BLANK + who.removeprefix(self.agent)
        return what + by + self._unnamed(who)


def known_as(forgotten: Forgotten, disguise: Disguise | None) -> Forgotten:
    """The same, with the pseudonym that a user goes by here."""
    if disguise is None or not forgotten.user:
        return forgotten
    return replace(forgotten, pseudonym=disguise.user(forgotten.user))
