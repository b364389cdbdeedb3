"""Does a name look machine-made? What is said here rests on letter pairs alone: a long name whose letters rarely meet.

Two blind spots are deliberate. Short labels hold too few pairs to tell a brand without vowels from a mashed key.
And whoever rents a place under a provider's suffix (`d1x2….cloudfront.net`) gets a machine-made name as a rule.
"""

from firstsight.core.letterpairs import LetterPairs
from firstsight.core.names import Kind, Name
from firstsight.core.verdict import Randomness

SHORTEST = 10
"""Letters a label needs to be judged. Below it the benign names of a low score outnumber the machine-made ones."""


def judge_randomness(name: Name, pairs: LetterPairs, low: tuple[float, float]) -> Randomness:
    """Score a name's registrable domain, suffix and dots included, as Domain Stats does.

    Args:
        name: the name; one that is not judged gets no score.
        pairs: the letter-pair scorer.
        low: its (average, word) thresholds; a name is low where both scores are below them.
    """
    domain = name.registrable
    if not name.judged or not domain:
        return Randomness()
    average, word = pairs.scores(domain)
    return Randomness(
        freq=(average, word),
        low=average < low[0] and word < low[1] and _telling(name),
    )


def _telling(name: Name) -> bool:
    """Whether low scores say anything of this name."""
    label = name.label
    tenant = name.kind is Kind.PUBLIC and name.registrable != name.registered
    # Punycode is an encoding: its letters meet by arithmetic, not by language.
    return len(label) >= SHORTEST and not label.startswith("xn--") and not tenant
