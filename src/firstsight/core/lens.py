"""How this site looks at a name: its kind, its looks, whether everybody asks for it, and what lists say of its age."""

from collections.abc import Collection, Mapping, Sequence

from firstsight.core.daylist import DayList
from firstsight.core.evidence import Proof, weigh
from firstsight.core.facts import NOT_WANTED, OFF, Absent, Fact, Intel, Known, Popularity, Registration
from firstsight.core.front import Front
from firstsight.core.indicators import indicators_of
from firstsight.core.judge import Facts
from firstsight.core.names import Kind, Name, NameParser
from firstsight.core.popular import Popular
from firstsight.core.randomness import Looks
from firstsight.core.verdict import Randomness

_NAMES_AT_HAND = 131_072
_DAY = 86400.0

OWN = "own"
"""The list that holds those whom firstsight itself asks."""


class Lens:
    """The tables that say something of a name without asking anybody.

    Args:
        parser: tells the kind of a name; kept for other threads, and for names that nobody asks for.
        looks: tells how a name looks.
        popular: lists of popular domains, the most telling first; may be replaced at any time.
        own: registrable domains of those whom firstsight itself asks: its own questions must not alert.

    Attributes:
        days: imported lists that say something of domains' ages, by who says so (core/evidence.py); may be replaced at
            any time.
    """

    def __init__(self, parser: NameParser, looks: Looks, popular: Sequence[Popular], own: Collection[str] = ()) -> None:
        self.parser = parser
        self._parse = parser.parse
        # A fleet asks for the same names all day; a flood of unique ones passes through.
        self._known: Front[str, Name] = Front(_NAMES_AT_HAND)
        self.popular = tuple(popular)
        self.looks = looks
        self.days: Mapping[str, DayList] = {}
        self._own = Popular(OWN, dict.fromkeys(own))

    def parse(self, raw: object) -> Name:
        """Say what a source's name is. Never raises."""
        return (self._known.young.get(raw) if type(raw) is str else None) or self._fresh(raw)

    def parse_all(self, raw: Sequence[str | None]) -> list[Name]:
        """Say what many names are, in order. Never raises."""
        known, fresh = self._known.young, self._fresh
        return [(known.get(text) if text is not None else None) or fresh(text) for text in raw]

    def _fresh(self, raw: object) -> Name:
        """A name that was not asked for lately."""
        if type(raw) is not str:
            return self._parse(raw)
        name = self._known.get(raw)
        if name is None:
            name = self._parse(raw)
            self._known.tidy()
            self._known.put(raw, name)
        return name

    def popularity(self, name: Name) -> Known[Popularity] | Absent:
        """Whether a name stands on a list of popular domains."""
        for listing in (*self.popular, self._own):
            found = listing.lookup(name)
            if found is not None:
                return Known(found)
        return Absent(0.0)

    def is_popular(self, name: Name) -> bool:
        """Whether a name stands on any list of popular domains."""
        return isinstance(self.popularity(name), Known)

    def letter_pairs(self, name: Name) -> tuple[float, float]:
        """The original's two figures (average, word) of a name's registrable domain."""
        return self.looks.letter_pairs(name)

    def randomness(self, name: Name) -> Randomness:
        """How a name looks."""
        return self.looks.judge(name)

    def wants_age(self, name: Name) -> bool:
        """Whether a name's registry is asked without anybody asking for it: whatever is not, is said here."""
        return has_registration(name) and not self.is_popular(name)

    def proofs(self, name: Name) -> list[Proof]:
        """What imported lists say of the age of a name's registered domain."""
        if not self.days or not has_registration(name):
            return []
        found = ((source, days.day(name.registered)) for source, days in self.days.items())
        return [Proof(source, day * _DAY) for source, day in found if day is not None]

    def age(self, name: Name, asked: Fact[Registration]) -> Fact[Registration]:
        """The age that is believed of a name, `asked` being what was asked for."""
        if asked == NOT_WANTED or not (proofs := self.proofs(name)):
            return asked
        return weigh(asked, proofs, popular=self.is_popular(name))

    def indicators(self, name: Name) -> tuple[str, ...]:
        """What threat intelligence may be asked about a name; nothing where the name is inside, or one of our own."""
        return () if self._own.lookup(name) else indicators_of(name)

    def facts(self, name: Name, registration: Fact[Registration], intel: Fact[Intel] = OFF) -> Facts:
        """Everything known of a name, what outsiders say being given."""
        return Facts(self.age(name, registration), self.popularity(name), intel, self.randomness(name))


def has_registration(name: Name) -> bool:
    """Whether a registry can be asked for the name; the others never leave the machine."""
    return name.kind is Kind.PUBLIC and bool(name.registered)
