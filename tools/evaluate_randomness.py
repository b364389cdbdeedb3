"""Writes docs/randomness.md: how well machine-made names are told, by which method, and what is out of reach.

    python tools/evaluate_randomness.py ../shared/data

Every figure is of names that the model in question has not seen: neither their family nor, among ordinary names, the
label on any list. The letter pairs of the original are scored with its own table, which is not shipped.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np

from firstsight import tables
from firstsight.core.letterpairs import ORIGINAL_LOW, LetterPairs, parse_freq_table
from firstsight.core.looks import signs
from namelab import synthetic
from namelab.corpus import CLEAN, CRUX, ISP, TOP, TRANCO, UMBRELLA, Corpus
from namelab.measuring import LENGTHS, RANDOM_AND_HASH, Found, Points, figures_of, quantile, read_elsewhere
from namelab.training import LINEAR, NETWORK, RANDOM, WORD_MADE, HeldOut, Material, head_of, hold_out

OUT = Path(__file__).resolve().parents[1] / "docs/randomness.md"
LISTS = {
    TRANCO: "Tranco, 100,000 domains",
    CLEAN: "in Tranco and Chrome UX, 80,000 domains",
    TOP: "Tranco's top 10,000 (half of them)",
    UMBRELLA: "Cisco Umbrella's top 20,000 (half of its hosts)",
    CRUX: "Chrome UX, 25,000 hosts",
    ISP: "reverse names of providers, 2,000",
}
KINDS = ("random-char", "hash/hex/base", "pronounceable", "permutation", "dictionary")


def points(held: HeldOut, corpus: Corpus, which: int) -> Points:
    """A head's thresholds: A and B, or 0.1 % and 1 % of Tranco."""
    tranco = held.list(corpus.domains(TRANCO))[:, which]
    strong = held.list(corpus.domains(CLEAN))[:, which] if which == RANDOM else tranco
    return Points(quantile(strong, 0.001), quantile(tranco, 0.01))


def found_by(held: HeldOut, material: Material, corpus: Corpus) -> Found:
    """What a trained method finds."""
    by_family = {family.name: held.families[family.name][:, head_of(family.kind)] for family in material.families}
    return Found(material.families, by_family, points(held, corpus, RANDOM), points(held, corpus, WORD_MADE))


def found_by_pairs(pairs: LetterPairs, material: Material, corpus: Corpus) -> Found:
    """What letter pairs find where their thresholds are moved to A and B; they have one head."""

    def score(label: str) -> float:
        return -pairs.scores(f"{label}.")[0]

    clean, tranco = (figures_of(corpus.domains(title), score) for title in (CLEAN, TRANCO))
    by_family = {family.name: figures_of(family.labels, score) for family in material.families}
    return Found(material.families, by_family, Points(quantile(clean, 0.001), quantile(tranco, 0.01)))


def methods(rows: dict[str, Found]) -> Iterator[str]:
    yield "| method | random + hash, A / B | the same, 8 characters or more | pronounceable | made of words |"
    yield "|---|---|---|---|---|"
    for name, found in rows.items():
        cells = (found.mean(RANDOM_AND_HASH), found.mean(RANDOM_AND_HASH, 8), found.mean(("pronounceable",)))
        words = found.mean(("dictionary",)) if found.words else (np.nan, np.nan)
        yield _row(name, *map(_pair, (*cells, words)))


def lengths(found: Found) -> Iterator[str]:
    yield "| characters | random + hash, A / B | pronounceable | made of words |"
    yield "|---|---|---|---|"
    for shortest, longest in LENGTHS:
        kinds = (RANDOM_AND_HASH, ("pronounceable",), ("dictionary",))
        title = f"{shortest} to {longest}" if longest < LENGTHS[-1][1] else f"{shortest} and more"
        yield _row(title, *(_pair(found.mean(kind, shortest, longest)) for kind in kinds))


def families(found: Found) -> Iterator[str]:
    yield "| family | kind | names | strong / weak |"
    yield "|---|---|---|---|"
    for family in sorted(found.families, key=lambda family: (KINDS.index(family.kind), family.name)):
        yield _row(family.name, family.kind, f"{len(family.labels):,}", _pair(found.of(family)))


def false_alarms(held: HeldOut, corpus: Corpus, at: Points, pairs: LetterPairs) -> Iterator[str]:
    yield "| list | domains flagged, A / B | names as listed, A / B | the original's rule, domains |"
    yield "|---|---|---|---|"
    for title, what in LISTS.items():
        domains, hosts = corpus.domains(title), corpus.hosts(title)
        flagged = [original(pairs, name) for name in corpus.registrable(title)]
        yield _row(
            what,
            _pair(at.reached(held.list(domains)[:, RANDOM]), 2),
            _pair(at.reached(held.list(hosts)[:, RANDOM]), 2),
            f"{100 * np.mean(flagged):.1f}",
        )


def original(pairs: LetterPairs, domain: str) -> bool:
    """Whether Domain Stats would call a domain LOW: suffix and dots included, both scores below its thresholds."""
    average, word = pairs.scores(domain)
    return average < ORIGINAL_LOW[0] and word < ORIGINAL_LOW[1]


def ordinary_signs(labels: Sequence[str], pairs: LetterPairs) -> Iterator[str]:
    counted = Counter(re.sub(r" \(.*\)| of \d+|\d+ ", "", sign) for label in labels for sign in signs(label, pairs))
    yield "| sign | clean ordinary names that bear it |"
    yield "|---|---|"
    for sign, count in counted.most_common():
        yield _row(sign, f"{count / len(labels):.1%}")


def page(corpus: Corpus, original_pairs: LetterPairs) -> str:
    material = Material.read(corpus)
    others = [label for title in (TOP, UMBRELLA, ISP, CRUX) for label in corpus.domains(title) + corpus.hosts(title)]
    own_pairs = tables.letter_pairs()
    chance = Random(1)
    uniform = [synthetic.uniform(chance, 10, 22) for _ in range(20_000)]
    voters = hold_out(material, [*others, *uniform])
    figures_held = HeldOut.together(voters)
    held = {_TRAINED[name]: one for name, one in voters.items()} | {_SHIPPED: figures_held}
    rows = {
        "letter pairs, the original's table": found_by_pairs(original_pairs, material, corpus),
        "letter pairs, firstsight's table": found_by_pairs(own_pairs, material, corpus),
        **{name: found_by(one, material, corpus) for name, one in held.items()},
    }
    shipped = rows[_SHIPPED]
    clean, tranco = corpus.domains(CLEAN), corpus.domains(TRANCO)
    of_clean, of_tranco = figures_held.list(clean), figures_held.list(tranco)
    rule = [
        np.mean([original(original_pairs, name) for name in names])
        for names in corpus.family_domains(RANDOM_AND_HASH).values()
    ]
    return _PAGE.format(
        methods="\n".join(methods(rows)),
        rule=f"{100 * np.mean(rule):.0f}",
        lengths="\n".join(lengths(shipped)),
        uniform=_pair(shipped.random.reached(figures_held.list(uniform)[:, RANDOM])),
        alarms="\n".join(false_alarms(figures_held, corpus, shipped.random, original_pairs)),
        elsewhere_a=f"{100 * read_elsewhere(clean, of_clean[:, RANDOM], 0.001):.3f}",
        elsewhere_b=f"{100 * read_elsewhere(tranco, of_tranco[:, RANDOM], 0.01):.2f}",
        elsewhere_words=f"{100 * read_elsewhere(tranco, of_tranco[:, WORD_MADE], 0.01):.2f}",
        signs="\n".join(ordinary_signs([label for label in clean if label], own_pairs)),
        families="\n".join(families(shipped)),
    )


_TRAINED = {
    LINEAR: "regression over runs, and over the label as a whole in bands",
    NETWORK: "small network over the label as a whole",
}
_SHIPPED = "both together (shipped)"


def _pair(shares: tuple[float, float], places_behind: int = 0) -> str:
    return " / ".join("–" if np.isnan(share) else f"{100 * share:.{places_behind}f}" for share in shares)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"


_PAGE = """# How well machine-made names are told

Made by `tools/evaluate_randomness.py`; change it there, not here. Figures are percent.

**What is scored** is the label under the public suffix: `example` of `www.example.co.uk`. A label under a provider's
suffix (`d1x2.cloudfront.net`) is scored only for dynamic DNS. Punycode, `_service` labels, single labels, reverse and
internal names are not scored.

**How it is measured.** Families of malware are dealt into five folds, ordinary names likewise by their label. Each
fold is scored by a model that has seen neither its families nor its names. Two points: **A**, reached by 0.1 % of the
domains that stand in both Tranco and Chrome UX, which makes `random_name`; **B**, reached by 1 % of Tranco's, the
weak mark. A family weighs as much as another, whatever its number of names. The head for names made of words has its
own points, 0.1 % and 1 % of Tranco. Popularity is not consulted: in service, what is popular raises nothing at all.

## Methods

Found of families that the method had not seen:

{methods}

The original's rule as it is shipped (both scores low) finds {rule} % of random and hash families, at the price in the
last column of the table of false alarms below.

Two voters. One is a regression: runs of one to seven characters, and of three to eight shapes (vowel, consonant, y,
digit; hexadecimal letters apart), not of every length, are hashed into one table, and so are bands of what the label is
as a whole, most of them crossed with its length: its outline (vowels, digits, rows without a vowel, different letters),
and how usual its runs of three to five characters are among ordinary names. The other is a network of one small hidden
layer, which reads the figures of the label as a whole as numbers and sees no run. In training, an ordinary name is
looked up among the usual runs as if it had not been counted. By itself the network finds less than the regression, but
it errs over other names, so that together they find more than either. Its vote is two fifths; on names made of words a
tenth.

Some sixty variants were compared on these same folds. So gains of tenths are no evidence, and the figures of the one
that was chosen flatter it a little: other families and lists are the proof. What found more than the model before it:
three times the places and longer runs, more counters of usual runs, as those that more runs share find less at the weak
mark, and more labels of each made-up family of words. Tried and not shipped: a network with three times the hidden
units, or with more figures (entropy, quartiles, the longest usual stretch, how usual rows of shapes are), a mean of
three networks, and one of three regressions, which find next to nothing more; pairs of characters with others between
them, which find a little more of names made of words and no more of the rest; a convolutional network over characters
beside these figures, which finds no more and is far larger; made-up families drawn by lot, each a generator with an
alphabet, a pattern and lengths of its own, which find less, as they spend the threshold on what looks like language;
leaving out the ordinary names that look most random, and a mean with a regression over runs alone, which helped before
there was a network and don't any more; words cut out of the label, by a table of words learnt from ordinary names,
which find no more word-made names than made-up families with more forms of words do; families put together of the words
that ordinary names put hyphens between, which find fewer; twice as many words to make families of, beside these or in
their place, which find more of some families and forget some pairs of common words; ordinary names that weigh more or
less than families, and leaving out the runs that few labels hold, which change next to nothing. Twice as many
counters of runs of five characters, for which the file has no room, find hardly more.

## By length

{lengths}

Letters drawn at random, 10 to 22 of them: {uniform}.

## False alarms

{alarms}

Thresholds set on four fifths of the names and read on the last fifth: A gives {elsewhere_a} % (0.1 is meant), B
{elsewhere_b} % (1 is meant), the head for words {elsewhere_words} % (1 is meant).

All this is of names that were not trained on. The shipped model has seen these lists and flags still fewer of them.

## What the reason says

The words in a reason name what anybody can check. So many clean ordinary names bear each of them; alone none of them
makes a reason, the model does:

{signs}

## By family

{families}

## Out of reach

- **Narrow alphabets and vowels**: generators that draw from few letters, or set vowels between them (pitou, mydoom,
  bazar), are found in part only; a word and a number (fosniw) not at all: it is what people register.
- **Short labels.** Up to seven characters there is too little to tell a mashed key from an abbreviation.
- **Names made of words.** Most look like what people register. They count only beside a young domain, or among many
  names that don't exist.
- **Pronounceable names** with as many vowels as a language has, and names that differ from a popular one by two
  letters.
- **Ordinary names that are random**: shops of numbers and letters, advertising and telemetry. Only popularity or age
  excuses them.
- A tenant under a dynamic DNS suffix that the public suffix list lacks is scored, but the suffix's domain stays the
  unit of first sight.
"""


def main() -> None:
    arguments = argparse.ArgumentParser(description="Measure the randomness model.")
    arguments.add_argument("data", type=Path, help="folder that holds benign/, dga/ and freq/")
    given = arguments.parse_args()
    pairs = parse_freq_table((given.data / "freq" / "freqtable2018.freq").read_bytes())
    OUT.write_text(page(Corpus(given.data), pairs), encoding="utf-8")
    print(f"wrote {OUT}")


if __name__ == "__main__":
    main()
