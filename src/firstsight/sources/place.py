"""A place in a log's history: how it is written down, found again, and what comes after it."""

from msgspec import DecodeError, Struct
from msgspec.json import decode, encode

from firstsight.sources.rotated import History, Piece, moment


class Place(Struct, frozen=True):
    """Where reading stands. Everything before it was handed over.

    Attributes:
        device, inode: the file; a hint, since devices are renumbered and inode numbers come back.
        offset: bytes of it that were handed over, counted in the plain file.
        head: what tells its content apart (`History.head`); empty while it has no complete first line.
        dated: its dated name, or that of the file before it where it has none; may be empty.
        mtime: when it was last written, nanoseconds since the epoch; orders files that have no dated name.
    """

    device: int
    inode: int
    offset: int
    head: str
    dated: str = ""
    mtime: int = 0

    def text(self) -> str:
        """As it is stored."""
        return encode(self).decode()


def read_place(text: str) -> Place | None:
    """A stored place, None where the text is none."""
    try:
        place = decode(text, type=Place)
    except (DecodeError, RecursionError):
        return None
    return place if place.offset >= 0 else None


def find(history: History, place: Place) -> tuple[Piece, bool] | None:
    """The file that holds a place, and whether it is a copy (nobody writes to it any more), None where it is gone.

    The same inode with the same first line is the file itself; the same first line under another inode is a copy
    of it: compressed, or what logrotate's copytruncate left.
    """
    if not place.head:  # nothing of it was handed over: whatever now stands in its place will do
        return _untouched(history, place)
    fixed = history.current()
    if fixed is not None and fixed.inode == place.inode and _holds(history, fixed, place):
        return fixed, False
    named = history.named(place.dated)
    if named is not None and _holds(history, named, place):
        return named, named.packed
    siblings = history.siblings()
    for piece in siblings:
        if piece.inode == place.inode and _holds(history, piece, place):
            return piece, piece.packed
    for piece in [*siblings, *([fixed] if fixed else [])]:
        if _holds(history, piece, place):
            return piece, piece is not fixed
    return None


def later(history: History, place: Place) -> list[Piece]:
    """All files written after the one a place stands in, oldest first; the one at the fixed path is the last."""
    fixed = history.current()  # first of all: what is linked there has its dated name already
    dated = history.dated(place.dated)
    at = moment(place.dated)
    if at is not None:
        found = [p for p in dated if (moment(p.dated) or at) > at or _refilled(history, p, place)]
    elif dated:
        found = [p for p in dated if p.mtime >= place.mtime and not _same(history, p, place)]
    else:
        found = _siblings_after(history, place)
    if fixed is None or any(piece.inode == fixed.inode for piece in found):
        return found
    if fixed.inode != place.inode or _refilled(history, fixed, place):
        found.append(fixed)
    return found


def _untouched(history: History, place: Place) -> tuple[Piece, bool] | None:
    if moment(place.dated) is not None:
        named = history.named(place.dated)
        return (named, named.packed) if named else None
    fixed = history.current()
    for piece in [*([fixed] if fixed else []), *history.siblings()]:
        if piece.inode == place.inode:
            return piece, piece.packed
    return None


def _siblings_after(history: History, place: Place) -> list[Piece]:
    siblings = history.siblings()
    same = [index for index, piece in enumerate(siblings) if _same(history, piece, place)]
    itself = [index for index in same if siblings[index].inode == place.inode]
    for index in itself or same:
        return siblings[index + 1 :]
    return [piece for piece in siblings if piece.mtime >= place.mtime]


def _same(history: History, piece: Piece, place: Place) -> bool:
    if not place.head:
        return piece.inode == place.inode
    return history.head(piece) == place.head


def _holds(history: History, piece: Piece, place: Place) -> bool:
    return (piece.packed or piece.size >= place.offset) and history.head(piece) == place.head


def _refilled(history: History, piece: Piece, place: Place) -> bool:
    """Whether it is the place's own file, emptied and written anew (copytruncate)."""
    same = piece.inode == place.inode and not piece.packed and bool(place.head)
    return same and not _holds(history, piece, place)
