"""The files that one log's history lies in, and their order in time.

Wazuh writes `alerts/2026/Nov/ossec-alerts-24.json` (then `-24-001`, `-24-002` … where it rotates within a day) and
keeps the fixed name `alerts/alerts.json` as a hard link to the file of the hour; later it puts a `.json.gz` in the
plain file's place (`analysisd/getloglocation.c`, `monitord/`). Users' logrotate may rename or copy the fixed name
beside itself: `alerts.json.1`, `alerts.json.2.gz`, `alerts.json-20261124`, `alerts-20261124.json`.
"""

import errno
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from firstsight.sources.packed import Packed, UnfinishedError

_PREFIX = {"alerts.json": "ossec-alerts", "archives.json": "ossec-archive"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(r"(ossec-alerts|ossec-archive)-(\d\d)(?:-(\d{3,6}))?", re.ASCII)
_SIBLING = re.compile(r"(?:\.(\d{1,7})|[.-](\d[\d_-]{7,}))(\.gz)?", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)

HEAD = 65536
"""A first line is told apart by so many bytes of it, at most."""

Moment = tuple[int, int, int, int]
"""Year, month, day and part of a dated file."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of the history, as it was when looked at.

    Attributes:
        path: where it lies.
        dated: Wazuh's name for it below the log's folder, without ending (`2026/Nov/ossec-alerts-24`); else empty.
        packed: it is a .gz.
        device, inode: its identity while it lives; inode numbers come back.
        size: bytes on disk.
        mtime: last written, nanoseconds since the epoch.
    """

    path: Path
    dated: str
    packed: bool
    device: int
    inode: int
    size: int
    mtime: int

    def is_file(self, status: os.stat_result) -> bool:
        """Whether an open file is this one."""
        return (status.st_dev, status.st_ino) == (self.device, self.inode)


class History:
    """Looks for the files of one log.

    Attributes:
        denied: a folder that may not be listed, from the last look; None where all could be seen.
        damaged: .gz files that were waited for in vain; their end is where they break.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # A link elsewhere to Wazuh's file is followed: the other days lie beside the real one.
        real = Path(os.path.realpath(path)) if os.path.islink(path) else path  # noqa: PTH114  # never raises
        self._folder = real.parent
        self._name = real.name
        self._prefix = _PREFIX.get(real.name)
        self.denied: Path | None = None
        self.damaged: set[Path] = set()

    def current(self) -> Piece | None:
        """The file at the fixed path, None while there is none. It has no dated name here: see `name_of`."""
        try:
            return self._piece(self.path, "", packed=False)
        except FileNotFoundError:
            return None

    def dated(self, since: str = "") -> list[Piece]:
        """Wazuh's dated files from a dated name on, oldest first; the plain one where it is there, else the .gz."""
        self.denied = None
        if self._prefix is None:
            return []
        low = moment(since) or (0, 0, 0, 0)
        found: dict[Moment, tuple[Path, str, bool]] = {}
        for year in self._list(self._folder):
            if _YEAR.fullmatch(year) is None or int(year) < low[0]:
                continue
            for month in self._list(self._folder / year):
                if month not in _MONTHS or (int(year), _MONTHS.index(month) + 1) < low[:2]:
                    continue
                for name in self._list(self._folder / year / month):
                    dated = f"{year}/{month}/{name.removesuffix('.gz').removesuffix('.json')}"
                    packed = name.endswith(".json.gz")
                    at = moment(dated) if packed or name.endswith(".json") else None
                    if at is None or at < low or not name.startswith(self._prefix) or (packed and at in found):
                        continue
                    found[at] = (self._folder / year / month / name, dated, packed)
        return [self._piece(path, dated, packed=packed) for _, (path, dated, packed) in sorted(found.items())]

    def named(self, dated: str) -> Piece | None:
        """The file of one dated name: plain, else the .gz; None where neither is there or the name is none."""
        if self._prefix is None or moment(dated) is None:
            return None
        for ending in (".json", ".json.gz"):
            try:
                return self._piece(self._folder / (dated + ending), dated, packed=ending == ".json.gz")
            except FileNotFoundError:
                continue
        return None

    def name_of(self, piece: Piece) -> str:
        """The dated name that a file has too (a hard link), empty where it has none."""
        for other in reversed(self.dated()):
            if not other.packed and (other.device, other.inode) == (piece.device, piece.inode):
                return other.dated
        return ""

    def siblings(self) -> list[Piece]:
        """What logrotate put beside the fixed path, oldest first.

        Numbers tell the order, and so do dates; where a folder has both, the time of last writing must.
        """
        numbered: list[tuple[int, Piece]] = []
        lettered: list[tuple[str, Piece]] = []
        names = set(self._list(self._folder))
        for name in names:
            rest = self._added(name)
            if rest is None or (rest[3] and name.removesuffix(".gz") in names):
                continue
            piece = self._piece(self._folder / name, "", packed=bool(rest[3]))
            if rest[1]:
                numbered.append((-int(rest[1]), piece))
            else:
                lettered.append((rest[2], piece))
        if numbered and lettered:
            return sorted((piece for _, piece in [*numbered, *lettered]), key=lambda piece: piece.mtime)
        return [piece for _, piece in sorted(numbered, key=lambda pair: pair[0])] + [
            piece for _, piece in sorted(lettered, key=lambda pair: pair[0])
        ]

    def _added(self, name: str) -> re.Match[str] | None:
        """What logrotate added to the log's name: behind it, or (`extension`) before its ending."""
        stem, dot, ending = self._name.rpartition(".")
        plain = name.removesuffix(".gz")
        if name.startswith(self._name):
            return _SIBLING.fullmatch(name, len(self._name))
        if stem and name.startswith(stem) and plain.endswith(dot + ending):
            return _SIBLING.fullmatch(plain.removesuffix(dot + ending)[len(stem) :] + name[len(plain) :])
        return None

    @staticmethod
    def start(piece: Piece) -> bytes:
        """The first bytes of a plain file, at most `HEAD`."""
        with piece.path.open("rb", buffering=0) as file:
            return file.read(HEAD)

    def head(self, piece: Piece) -> str:
        """What tells a file's content apart: a hash of its first line, empty while that is not complete.

        Raises UnfinishedError where a .gz can't say yet.
        """
        if not piece.packed:
            return head(self.start(piece))
        with piece.path.open("rb", buffering=0) as file:
            packed = Packed(file, piece.path, damaged=piece.path in self.damaged)
            start = b""
            try:
                while len(start) < HEAD and b"\n" not in start and (data := packed.read(HEAD)):
                    start += data
            except UnfinishedError:
                if b"\n" not in start:
                    raise
        return head(start[:HEAD])

    def _list(self, folder: Path) -> list[str]:
        try:
            return os.listdir(folder)  # noqa: PTH208  # names are all it takes
        except PermissionError:
            self.denied = folder
            return []
        except (FileNotFoundError, NotADirectoryError):
            return []

    @staticmethod
    def _piece(path: Path, dated: str, *, packed: bool) -> Piece:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return Piece(path, dated, packed, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def head(start: bytes) -> str:
    """`History.head` of a file that starts with these (at least 64 KiB, or all) bytes."""
    first, newline, _ = start[:HEAD].partition(b"\n")
    if not newline and len(first) < HEAD:
        return ""
    return hashlib.blake2b(first, digest_size=16).hexdigest()


def moment(dated: str) -> Moment | None:
    """A dated name's place in time, None where it is no dated name."""
    folder, _, name = dated.rpartition("/")
    year, _, month = folder.partition("/")
    day = _DAY.fullmatch(name)
    if day is None or month not in _MONTHS or _YEAR.fullmatch(year) is None:
        return None
    return int(year), _MONTHS.index(month) + 1, int(day[2]), int(day[3] or 0)
