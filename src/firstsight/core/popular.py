"""Lists of domains that everybody asks for, and whether a name stands on one.

A list holds registrable domains and nothing else quiets a name: with `github.io` on it, `anyone.github.io` is as
loud as before. Only firstsight's own list also names whole suffixes that their provider alone fills (`*.`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from firstsight.core.errors import InputError
from firstsight.core.facts import Popularity
from firstsight.core.names import Kind, Name

_ANY = "*."
_CHECKED = "# firstsight has checked the lines below: "


@dataclass(frozen=True, slots=True)
class PopularText:
    """What a list's text held.

    Attributes:
        entries: registrable domain (A-labels; `*.` before it: everything below too) → rank, None where it has none.
        bad: lines that are neither an entry nor a comment, a header or blank.
    """

    entries: dict[str, int | None]
    bad: int


class Popular:
    """One list. `name` is how evidence calls it; `entries` as in `PopularText`."""

    __slots__ = ("_below", "_entries", "name")

    def __init__(self, name: str, entries: Mapping[str, int | None]) -> None:
        self.name = name
        self._entries = dict(entries)
        self._below = {entry.removeprefix(_ANY) for entry in entries if entry.startswith(_ANY)}

    def __len__(self) -> int:
        return len(self._entries)

    def lookup(self, name: Name) -> Popularity | None:
        """The name's place on the list by its registrable domain, or None."""
        domain = name.registrable
        if domain in self._entries:
            return Popularity(self.name, self._entries[domain])
        while domain:
            if domain in self._below:
                return Popularity(self.name)
            domain = domain.partition(".")[2]
        return None


def parse_own(lines: Iterable[str], parse: Callable[[str], Name]) -> PopularText:
    """Read a list as firstsight writes it: `example.com` or `*.example.net` a line, `#` begins a comment.

    Args:
        lines: the text's lines.
        parse: tells what a name is (`NameParser.parse`).
    """
    entries: dict[str, int | None] = {}
    bad = 0
    for line in lines:
        text = line.partition("#")[0].strip()
        if not text:
            continue
        domain = _registrable(text.removeprefix(_ANY), parse)
        if domain is None:
            bad += 1
        else:
            entries[_ANY + domain if text.startswith(_ANY) else domain] = None
    return _usable(entries, bad)


def parse_csv(lines: Iterable[str], parse: Callable[[str], Name], *, top: int | None = None) -> PopularText:
    """Read a foreign list: `rank,domain` or `domain` a line, as Tranco, Umbrella, Radar and Majestic publish.

    A host name stands for its registrable domain, a domain named twice keeps its first rank. A header line may name
    the columns. Other fields, quotes, a byte order mark, CRLF, blank lines and upper case do no harm; `*.` is a bad
    line: no foreign list may quiet what anyone can rent.

    Args:
        lines: the text's lines.
        parse: tells what a name is (`NameParser.parse`).
        top: take ranks up to this, or as many domains where the list has no ranks; None takes all.
    """
    entries: dict[str, int | None] = {}
    bad = 0
    columns: tuple[int, int | None] | None = None
    for line in lines:
        fields = [field.strip().strip('"').strip() for field in line.lstrip("\ufeff").split(",")]
        if not any(fields) or fields[0].startswith("#"):
            continue
        if columns is None:
            columns, header = _columns(fields)
            if header:
                continue
        at, rank_at = columns
        rank = _rank(fields, rank_at)
        if top is not None and (rank or len(entries) + 1) > top:
            continue  # before the name is parsed: a million lines are read for the sake of the first 100,000
        domain = _registrable(fields[at], parse) if at < len(fields) else None
        if domain is None or (rank_at is not None and rank is None):
            bad += 1
        else:
            entries.setdefault(domain, rank)
    return _usable(entries, bad)


def kept_text(taken: PopularText) -> str:
    """A list as it is kept: CSV for everybody, under a first line by which it is read again without a check."""
    lines = [domain if rank is None else f"{rank},{domain}" for domain, rank in taken.entries.items()]
    body = "\n".join([*lines, ""])
    return f"{_CHECKED}{_digest(body)}\n{body}"


def parse_kept(text: str, parse: Callable[[str], Name], *, top: int) -> PopularText:
    """Read a list that is kept: fast where it is as `kept_text` wrote it, else as any foreign one.

    Args:
        text: the list.
        parse: tells what a name is (`NameParser.parse`).
        top: see `parse_csv`.

    Raises:
        InputError: it holds no usable line.
    """
    first, _, body = text.partition("\n")
    if first != _CHECKED + _digest(body):  # somebody has put or changed it there, or an earlier version wrote it
        return parse_csv(text.splitlines(), parse, top=top)
    entries: dict[str, int | None] = {}
    for line in body.splitlines():
        rank, _, domain = line.rpartition(",")
        place = int(rank) if rank else None
        if (place or len(entries) + 1) <= top:
            entries[domain] = place
    return _usable(entries, 0)


def _digest(body: str) -> str:
    return blake2b(body.encode(), digest_size=16).hexdigest()


def _columns(fields: list[str]) -> tuple[tuple[int, int | None], bool]:
    """Where the domain and the rank stand, by a list's first line; and whether that line is a header."""
    titles = [field.lower() for field in fields]
    header = not any("." in field for field in fields)
    domain = next((at for at, title in enumerate(titles) if title in _DOMAIN_TITLES), None)
    rank = next((at for at, title in enumerate(titles) if title in _RANK_TITLES), None)
    if header and domain is not None:
        return (domain, rank), True
    return ((0, None) if len(fields) == 1 else (1, 0)), header


_DOMAIN_TITLES = frozenset({"domain", "host", "hostname", "name"})
_RANK_TITLES = frozenset({"rank", "globalrank", "position"})


def _rank(fields: list[str], at: int | None) -> int | None:
    if at is None or at >= len(fields) or not (fields[at].isascii() and fields[at].isdigit()):
        return None
    return int(fields[at])


def _registrable(text: str, parse: Callable[[str], Name]) -> str | None:
    name = parse(text)
    return name.registrable if name.kind is Kind.PUBLIC and "*" not in name.fqdn else None


def _usable(entries: dict[str, int | None], bad: int) -> PopularText:
    if not entries:
        raise InputError(
            f"The list of popular domains holds no usable line ({bad} bad ones); nothing of it was taken. "
            "Give one domain, or a rank, a comma and a domain, on each line."
        )
    return PopularText(entries, bad)
