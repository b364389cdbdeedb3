"""What a verb knows of a name: by the store, the tables and the settings; nobody outside is asked."""

from dataclasses import dataclass

from firstsight import compose
from firstsight.clock import SystemClock
from firstsight.core.case import Case
from firstsight.core.document import Document, exception_document
from firstsight.core.evidence import said
from firstsight.core.exceptions import ExceptionRules
from firstsight.core.facts import NOT_ASKED, NOT_WANTED, OFF, OFFLINE, Fact, Intel, Known, Registration
from firstsight.core.indicators import told_by
from firstsight.core.judge import judge
from firstsight.core.lens import Lens, has_registration
from firstsight.core.names import Name
from firstsight.core.verdict import Verdict
from firstsight.ports import NO_HITS
from firstsight.settings import Settings
from firstsight.store.looking import Found, Look
from firstsight.watch.outside import Answers


@dataclass(frozen=True, slots=True)
class NameKnown:
    """Everything known of a name.

    Attributes:
        verdict: what is said of it.
        found: what is kept of it.
        ages: what is said of its age.
        exceptions: those that name it.
        now: when that was, seconds since the epoch.
    """

    verdict: Verdict
    found: Found
    ages: list[Registration]
    exceptions: list[Document]
    now: float


class Knowledge:
    """What is told of names: what the store holds, by the tables and the settings of the moment.

    Args:
        look: the store.
        lens: says what names are.
        settings: the settings.

    Raises:
        FirstsightError: the store, or the exceptions file, can't be read.
    """

    def __init__(self, look: Look, lens: Lens, settings: Settings) -> None:
        self._look = look
        self._lens = lens
        self._asks_intel = bool(settings.otx.url)
        self._unknown = OFFLINE if settings.http.offline else NOT_ASKED
        self._policy = compose.policy(settings)
        self._hits = look.exception_hits()
        # Those of the store and those of the site's file, which count where both have one.
        written = compose.written_exceptions(settings, lens.parser.parse)
        rules = {rule.id: rule for rule in (*look.exceptions(), *(() if written is None else written.value))}
        self._rules = ExceptionRules(rules.values())

    def of(self, name: Name) -> NameKnown:
        """Everything known of a name."""
        now = SystemClock.now()
        found = self._look.at(name) if name.judged else Found()
        case = Case(name=name, seen=found.seen)
        asked = self._registration(name, found, now)
        facts = self._lens.facts(name, asked, self._intel(name, found, now))
        verdict = judge(case, facts, self._policy, now).verdict
        return NameKnown(verdict, found, said(asked, self._lens.proofs(name)), self._exceptions(name, now), now)

    def _registration(self, name: Name, found: Found, now: float) -> Fact[Registration]:
        if not has_registration(name):
            return NOT_WANTED
        answer = found.answer
        # A date that was once known does not change by getting old; its `checked` says how old it is.
        if answer is not None and (answer.fresh(now) or isinstance(answer.fact, Known)):
            return answer.fact
        return self._unknown

    def _intel(self, name: Name, found: Found, now: float) -> Fact[Intel]:
        if not self._asks_intel:
            return OFF
        indicators = self._lens.indicators(name)
        if not indicators:
            return NOT_WANTED
        answers = Answers({}, found.intel, now).intel
        return told_by([answers.get(indicator) for indicator in indicators]) or self._unknown

    def _exceptions(self, name: Name, now: float) -> list[Document]:
        return [
            exception_document(rule, now=now, hits=hit.count, last_hit=hit.last)
            for rule in self._rules.naming(name, now)
            for hit in [self._hits.get(rule.id, NO_HITS)]
        ]
