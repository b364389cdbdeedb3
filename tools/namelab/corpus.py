"""The names a model is made and measured on: ordinary ones, and those of domain generation algorithms."""

import csv
import gzip
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from firstsight import tables
from firstsight.core.names import Name
from firstsight.core.randomness import scored_label

FOLDS = 5

TRANCO = "benign_registrable_100k"
CLEAN = "benign_clean_tranco_and_crux_80k"
TOP = "benign_top10k_registrable"
UMBRELLA = "benign_hostnames_umbrella"
CRUX = "benign_hostnames_crux_25k"
ISP = "isp_rdns_hostnames_2k"


@dataclass(frozen=True, slots=True)
class Family:
    """One domain generation algorithm.

    Attributes:
        name: what it is called; all its variants are one family.
        kind: as the corpus sorts them: random-char, hash/hex/base, pronounceable, permutation, dictionary.
        labels: the labels that are scored, one a name; empty where a name is not scored.
        fold: the fold it is held out in.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    fold: int


def fold_of(label: str) -> int:
    """The fold an ordinary label is held out in: the same on whatever list and under whatever suffix it stands."""
    return crc32(label.encode()) % FOLDS


class Corpus:
    """Reads the folder of telemetry (its MANIFEST.md says what is in it).

    Args:
        folder: holds benign/ and dga/.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parse = tables.name_parser([]).parse
        self._dynamic = tables.dynamic_dns()

    def label(self, name: str | Name) -> str:
        """The label of a name that is scored; empty where none is."""
        return scored_label(self._parse(name) if isinstance(name, str) else name, self._dynamic)

    def hosts(self, title: str) -> list[str]:
        """Scored labels of a list's names, one a line."""
        return [self.label(line) for line in _lines(self._folder / "benign" / f"{title}.txt.gz")]

    def domains(self, title: str) -> list[str]:
        """Scored labels of a list's registrable domains, each once, in the list's order."""
        names = (self._parse(line) for line in _lines(self._folder / "benign" / f"{title}.txt.gz"))
        return [self.label(name) for name in {name.registrable: name for name in names if name.judged}.values()]

    def registrable(self, title: str) -> list[str]:
        """A list's registrable domains, each once."""
        names = (self._parse(line) for line in _lines(self._folder / "benign" / f"{title}.txt.gz"))
        return list(dict.fromkeys(name.registrable for name in names if name.judged))

    def family_domains(self, kinds: Collection[str]) -> dict[str, list[str]]:
        """Registrable domains of the families of some kinds."""
        found: dict[str, list[str]] = {}
        for row in csv.DictReader(_lines(self._folder / "dga" / "dga_dev.csv.gz")):
            if row["kind"] in kinds:
                found.setdefault(row["family"], []).append(self._parse(row["domain"]).registrable)
        return found

    def families(self) -> list[Family]:
        """All families, spread over the folds kind by kind."""
        found: dict[tuple[str, str], list[str]] = {}
        for row in csv.DictReader(_lines(self._folder / "dga" / "dga_dev.csv.gz")):
            found.setdefault((row["kind"], row["family"]), []).append(self.label(row["domain"]))
        return [
            Family(name, kind, tuple(labels), number % FOLDS)
            for number, ((kind, name), labels) in enumerate(sorted(found.items()))
        ]


def _lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from (line.strip() for line in file if line.strip())
