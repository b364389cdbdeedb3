"""How this site looks at a name: its kind, its looks, and whether everybody asks for it."""

from collections.abc import Sequence
from functools import lru_cache

from firstsight.core.facts import Absent, Fact, Known, Popularity, Registration, Unavailable
from firstsight.core.judge import Facts
from firstsight.core.names import Kind, Name, NameParser
from firstsight.core.popular import Popular
from firstsight.core.randomness import Looks
from firstsight.core.verdict import Randomness


class Lens:
    """The tables that say something of a name without asking anybody.

    Args:
        parser: tells the kind of a name.
        looks: tells how a name looks.
        popular: lists of popular domains, the most telling first; may be replaced at any time.
    """

    def __init__(self, parser: NameParser, looks: Looks, popular: Sequence[Popular]) -> None:
        self._parse = parser.parse
        # A fleet asks for the same names all day; a flood of unique ones passes through.
        self._parse_text = lru_cache(maxsize=65536)(parser.parse)
        self.popular = tuple(popular)
        self.looks = looks

    def parse(self, raw: object) -> Name:
        """Say what a source's name is. Never raises."""
        return self._parse_text(raw) if type(raw) is str else self._parse(raw)

    def popularity(self, name: Name) -> Known[Popularity] | Absent:
        """Whether a name stands on a list of popular domains."""
        for listing in self.popular:
            found = listing.lookup(name)
            if found is not None:
                return Known(found)
        return Absent(0.0)

    def letter_pairs(self, name: Name) -> tuple[float, float]:
        """The original's two figures (average, word) of a name's registrable domain."""
        return self.looks.letter_pairs(name)

    def randomness(self, name: Name) -> Randomness:
        """How a name looks."""
        return self.looks.judge(name)

    def facts(self, name: Name, registration: Fact[Registration]) -> Facts:
        """Everything known of a name, its registration being given."""
        return Facts(registration, self.popularity(name), Unavailable("off"), self.randomness(name))


def has_registration(name: Name) -> bool:
    """Whether a registry can be asked for the name; the others never leave the machine."""
    return name.kind is Kind.PUBLIC and bool(name.registered)
