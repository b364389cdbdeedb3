"""Does a name look machine-made? Which of its labels is looked at, what the model says of it, and in which words.

The two letter-pair figures of Domain Stats stand beside it: its clients read them, nothing here rests on them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from firstsight.core.front import Front
from firstsight.core.letterpairs import LetterPairs
from firstsight.core.looks import signs
from firstsight.core.namemodel import STRONG, WEAK, NameModel
from firstsight.core.names import Kind, Name
from firstsight.core.verdict import Randomness, WordMade

_LABELS_AT_HAND = 65_536

WORD_MADE = WEAK
"""The score from which a name counts as put together of words: 1 % of a popular list's names reach it."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which a name counts as machine-made.

    Attributes:
        strong: makes the reason `random_name`.
        weak: lifts a first-seen or young domain; not above `strong`.
    """

    strong: float = STRONG
    weak: float = WEAK


USUAL = Thresholds()
"""Those that the shipped model is calibrated to."""


class Looks:
    """Judges how names look.

    Args:
        model: the trained model.
        pairs: the letter-pair scorer, for the original's figures and for words.
        dynamic_dns: suffixes of dynamic DNS services.
        thresholds: of the model's score.
        original: the letter-pair scorer of a site's Domain Stats table: what the original's figures are told by, where
            there is one.
    """

    def __init__(
        self,
        model: NameModel,
        pairs: LetterPairs,
        dynamic_dns: Collection[str],
        thresholds: Thresholds,
        original: LetterPairs | None = None,
    ) -> None:
        self._pairs = pairs
        self._original = original or pairs
        self._dynamic_dns = dynamic_dns
        self._thresholds = thresholds
        self.model = model
        # An event's name is judged more than once: as news, when its age comes, when it is asked for.
        self._known: Front[str, tuple[float, float]] = Front(_LABELS_AT_HAND)

    def teach(self, lesson: Mapping[int, float]) -> None:
        """Take up what a site has taught, in place of what it had taught before (core/lesson.py)."""
        self.model = NameModel(self.model.table, lesson)
        self._known.clear()

    def judge(self, name: Name) -> Randomness:
        """How a name looks; nothing is said of a name that isn't judged."""
        if not name.judged or not name.registrable:
            return Randomness()
        freq = self.letter_pairs(name)
        label = scored_label(name, self._dynamic_dns)
        strong, weak = self._thresholds.strong, self._thresholds.weak
        if not label:
            return Randomness(threshold=strong, words=WordMade(None, WORD_MADE), freq=freq)
        score, words = self._scores(label)
        return Randomness(
            label=label,
            score=score,
            threshold=strong,
            weak=score >= weak,
            words=WordMade(words, WORD_MADE),
            freq=freq,
            share_below=self.model.share_below(score),
            signs=tuple(signs(label, self._pairs)) if score >= weak else (),
        )

    def letter_pairs(self, name: Name) -> tuple[float, float]:
        """The original's two figures of a name's registrable domain, suffix and dots included."""
        return self._original.scores(name.registrable)

    def _scores(self, label: str) -> tuple[float, float]:
        scores = self._known.get(label)
        if scores is None:
            scores = self.model.scores(label)
            self._known.tidy()
            self._known.put(label, scores)
        return scores


def scored_label(name: Name, dynamic_dns: Collection[str]) -> str:
    """The label whose looks say something: the one that somebody chose under a suffix. Empty where there is none.

    Whoever rents a place under a provider's suffix (`d1x2….cloudfront.net`) gets a machine-made label as a rule;
    under dynamic DNS the label is the tenant's own choice. Punycode is an encoding: its letters meet by arithmetic.
    A label with `_` in front names a service, `*` nothing.

    Args:
        name: the name.
        dynamic_dns: suffixes of dynamic DNS services, which need not be on the public suffix list.
    """
    label = _under_dynamic_dns(name.fqdn, dynamic_dns) if name.judged else ""
    if not label and (name.kind is Kind.UNKNOWN_SUFFIX or name.registrable == name.registered):
        label = name.label
    return "" if label.startswith(("xn--", "_", "*")) else label


def _under_dynamic_dns(fqdn: str, suffixes: Collection[str]) -> str:
    """The label under such a suffix; empty where the name is under none."""
    label, _, rest = fqdn.partition(".")
    while rest and rest not in suffixes:
        label, _, rest = rest.partition(".")
    return label if rest else ""
