"""What exceptions hold back of known indicators: judged once a window, then only counted.

A domain that many ask for all day may be on somebody's list by mistake, and excepted for that. Each of its events is
news, as of any domain that threat intelligence knows; to judge them all would cost more than all other events do.
"""

from collections.abc import Sequence

from firstsight.core.alerts import Asked
from firstsight.core.case import Case
from firstsight.core.events import Status
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.front import Front
from firstsight.core.names import Name
from firstsight.ports import Changes, News
from firstsight.watch.bursts import Place

_AT_HAND = 20_000
_KNOWN = "known_indicator"

_Key = tuple[tuple[str, str], str, Status, tuple[ExceptionRule, ...]]
_Held = tuple[float, tuple[str, ...]]


class HeldBack:
    """What was held back lately of each agent's questions. Only in memory: what is not here is judged.

    Args:
        window: for so many seconds of event time a judgement holds for further events.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._lately: Front[_Key, _Held] = Front(_AT_HAND)

    def note(self, case: Case, rules: Sequence[ExceptionRule], held: tuple[str, ...]) -> None:
        """Note a case of a known indicator that exceptions hold something back of.

        Only where each of these holds known indicators back: then the next event brings nothing but that, whatever else
        this one brought, and hits the same exceptions.

        Args:
            case: the case, as it was before.
            rules: the exceptions that match it.
            held: ids of those that hold something back.
        """
        if case.asked is None or case.excepted or case.burst is not None or case.in_burst:
            return
        if all(rule.holds(_KNOWN) for rule in rules if rule.id in held):
            self._lately.tidy()
            self._lately.put(_key(case.name, case.asked, rules), (case.asked.time, held))

    def again(self, changes: Changes, name: Name, asked: Asked, rules: Sequence[ExceptionRule]) -> bool:
        """Whether one more event of a known indicator is held back as an earlier one was; then it is counted.

        Args:
            changes: what is decided so far.
            name: the name asked for.
            asked: who asked.
            rules: the exceptions that match now; where they are others than before, it is to be judged.
        """
        lately = self._lately.get(_key(name, asked, rules))
        if lately is None or abs(asked.time - lately[0]) >= self._window:
            return False
        changes.hold("exception")
        changes.hit(lately[1])
        return True


def one_more(item: News, place: Place) -> bool:
    """Whether an event of a domain that threat intelligence knows brings nothing else that is new."""
    plain = not (item.first_for_agent or item.spread or place.begun or place.goes_on)
    return item.marked and item.known and plain


def _key(name: Name, asked: Asked, rules: Sequence[ExceptionRule]) -> _Key:
    return asked.agent.key, name.fqdn, asked.status, tuple(rules)
