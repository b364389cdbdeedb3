"""Makes src/firstsight/data/letter_pairs.json out of lists of benign domains, and measures what it does.

    python tools/make_letter_pairs.py ../shared/data 2026-11-24

Trained on the even lines of the domains that stand in Tranco *and* in Chrome UX; everything else is held out. Two
choices were measured against their alternatives (share of random-character DGA names found with the best pair of
thresholds at 1 % of the 100,000 Tranco domains):

* The text is the label and the dot behind it, without the suffix: 71 %. With the suffix 46 %, because few suffixes
  hold much of the mass and lift every name under `.com`; the label alone 69 %.
* A pair weighs the square root of its count: 71 %; the count itself 68 %, the fourth root 72 %. Plain counts let a
  few frequent pairs carry a name. Roots flatter than the square one find hardly more, and bring ordinary names below
  the original's thresholds, which the compatibility API keeps.

The weights are still counts of a table: the probabilities that come of them add up to one.
"""

import argparse
import csv
import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from firstsight.core.letterpairs import ORIGINAL_LOW, LetterPairs
from firstsight.core.names import Name, NameParser
from firstsight.core.suffixes import Suffixes

TRAINED_ON = "benign_clean_tranco_and_crux_80k"
BENIGN = (
    "benign_registrable_100k",
    "benign_top10k_registrable",
    "benign_hostnames_umbrella",
    "benign_hostnames_crux_25k",
)
OUT = Path("src/firstsight/data/letter_pairs.json")


def lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [line.strip() for line in file if line.strip()]


def count_pairs(names: Iterable[Name]) -> dict[str, int]:
    """Ten times the root of each pair's count, as whole numbers: one place behind the point is kept."""
    pairs: Counter[str] = Counter()
    for name in names:
        text = f"{name.label}."
        if name.judged and not text.startswith("xn--"):
            pairs.update(text[at : at + 2] for at in range(len(text) - 1))
    return {pair: round(10 * math.sqrt(count)) for pair, count in sorted(pairs.items())}


def flagged(names: list[Name], pairs: LetterPairs) -> float:
    """Share of names that Domain Stats would call LOW by this table: both scores below its thresholds."""
    scores = [pairs.scores(name.registrable) for name in names if name.judged]
    return sum(average < ORIGINAL_LOW[0] and word < ORIGINAL_LOW[1] for average, word in scores) / len(names)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Make the letter-pair table.")
    arguments.add_argument("data", type=Path, help="folder that holds benign/ and dga/")
    arguments.add_argument("made", help="today, YYYY-MM-DD: goes into the file")
    given = arguments.parse_args()

    suffixes = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    parser = NameParser(Suffixes.from_list(suffixes))
    clean = [parser.parse(line) for line in lines(given.data / "benign" / f"{TRAINED_ON}.txt.gz")]
    counts = count_pairs(clean[0::2])
    pairs = LetterPairs(counts)

    trained = {name.registrable for name in clean[0::2]}
    corpora = {f"{TRAINED_ON} (odd)": clean[1::2]}
    for title in BENIGN:
        corpora[title] = [parser.parse(line) for line in lines(given.data / "benign" / f"{title}.txt.gz")]
    corpora["registrable_100k, not trained on"] = [
        name for name in corpora[BENIGN[0]] if name.registrable not in trained
    ]
    with gzip.open(given.data / "dga" / "dga_dev.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            corpora.setdefault(f"DGA {row['kind']}", []).append(parser.parse(row["domain"]))
    for title, names in corpora.items():
        print(f"{title:36}{flagged(names, pairs):7.2%}")

    table = {
        "source": "Labels of domains that stand in both the Tranco list of 2025-01-15 (tranco-list.eu) and the Chrome "
        "UX Report as MISP's warning lists hold them; the even lines of 80,000.",
        "made": given.made,
        "how": "tools/make_letter_pairs.py: pairs of each label with the dot behind it, weight = 10 * sqrt(count).",
        "counts": counts,
    }
    OUT.write_text(json.dumps(table, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(counts)} pairs, {OUT.stat().st_size} bytes in {OUT}")


if __name__ == "__main__":
    main()
