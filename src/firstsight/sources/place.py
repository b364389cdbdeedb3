"""A place in a log's history: how it is written down, found again, and what comes after it."""

from dataclasses import replace

from msgspec import DecodeError, Struct
from msgspec.json import decode, encode

from firstsight.sources.rotated import History, Piece, moment


class Place(Struct, frozen=True):
    """Where reading stands. Everything before it was handed over.

    Attributes:
        device, inode: the file; a hint, since devices are renumbered and inode numbers come back.
        offset: bytes of it that were handed over, counted in the plain file.
        head: what tells its content apart (`History.head`); empty while it has no complete first line.
        dated: its dated name, or that of the file whose copy it is; empty where there is none.
        beside: it has none; `dated` is that of the file before it.
        mtime: when it was last written, nanoseconds since the epoch; orders files that have no dated name.
    """

    device: int
    inode: int
    offset: int
    head: str
    dated: str = ""
    beside: bool = False
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
    if not place.head:
        return _headless(history, place)
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
    for piece in siblings:
        if history.head(piece) == place.head:  # also a shorter one: we read what was written while it was made
            return piece, True
    return (fixed, False) if fixed is not None and _holds(history, fixed, place) else None


def later(history: History, place: Place) -> list[Piece]:
    """All files written after the one a place stands in, oldest first; the one at the fixed path is the last."""
    fixed = history.current()  # first of all: what is linked there has its dated name already
    dated = history.dated(place.dated)
    at = moment(place.dated)
    if at is None:
        found = [p for p in dated if p.mtime >= place.mtime and not _same(history, p, place)]
    else:
        found = [p for p in dated if (moment(p.dated) or at) > at or _refilled(history, p, place)]
        if place.beside:  # it may have got its dated name since, or its folder could not be listed
            found = [p for p in found if not _same(history, p, place)]
    found = _merged(found, _siblings_after(history, place, dated))
    if fixed is None or any(piece.inode == fixed.inode for piece in found):
        return found
    if fixed.inode != place.inode or _refilled(history, fixed, place):
        found.append(fixed)
    return found


def _headless(history: History, place: Place) -> tuple[Piece, bool] | None:
    """Of a file without a complete line nothing was handed over, unless it was its torn end: its name will do.

    Where it got lines and was emptied since, they are in a copy.
    """
    if moment(place.dated) is not None:
        named = history.named(place.dated)
        copies = [] if place.offset else _siblings_after(history, place, history.dated(place.dated))
        if named and copies and copies[0].mtime <= named.mtime:
            return copies[0], True
        return (named, named.packed) if named else None
    fixed = history.current()
    itself = fixed is not None and fixed.inode == place.inode
    # An inode alone proves little, as numbers come back: the oldest file written to since is it, or its copy.
    for piece in [] if place.offset and itself else _complete(history):
        if piece.mtime > place.mtime or (piece.mtime == place.mtime and piece.inode == place.inode):
            return piece, piece.packed or piece.inode != place.inode
    return (fixed, False) if itself and fixed is not None else None


def _complete(history: History) -> list[Piece]:
    """What logrotate put beside the log, but the copy that it is making: the log is not emptied yet."""
    siblings, fixed = history.siblings(), history.current()
    if not siblings or fixed is None or siblings[-1].packed or siblings[-1].inode == fixed.inode:
        return siblings
    unfinished = history.start(fixed).startswith(history.start(siblings[-1]))
    return siblings[:-1] if unfinished else siblings


def _siblings_after(history: History, place: Place, dated: list[Piece]) -> list[Piece]:
    """What logrotate put beside the log after a place, but what is there under a dated name too."""
    siblings = _complete(history)
    known = bool(place.head) or not dated  # an inode alone is no proof where there is a better one
    same = [index for index, piece in enumerate(siblings) if known and _same(history, piece, place)]
    itself = [index for index in same if siblings[index].inode == place.inode]
    for index in itself or same:
        after = siblings[index + 1 :]
        break
    else:
        # Written within the same tick: a copy is of before the dated file's last line, a rename may be of after it.
        since = place.mtime + 1 if dated else place.mtime
        after = [piece for piece in siblings if piece.mtime >= since]
    if not after or not dated:
        return after
    inodes = {piece.inode for piece in dated}
    heads = {history.head(piece) for piece in dated} - {""}
    return [piece for piece in after if piece.inode not in inodes and history.head(piece) not in heads]


def _merged(dated: list[Piece], siblings: list[Piece]) -> list[Piece]:
    """Both in one order: a copy comes before the dated file written to after it was made, and goes by its name."""
    merged: list[Piece] = []
    for piece in dated:
        while siblings and siblings[0].mtime <= piece.mtime:
            merged.append(replace(siblings.pop(0), dated=piece.dated))
        merged.append(piece)
    return merged + siblings


def _same(history: History, piece: Piece, place: Place) -> bool:
    if not place.head:
        return piece.inode == place.inode
    return history.head(piece) == place.head


def _holds(history: History, piece: Piece, place: Place) -> bool:
    return (piece.packed or piece.size >= place.offset) and history.head(piece) == place.head


def _refilled(history: History, piece: Piece, place: Place) -> bool:
    """Whether it is the place's own file, emptied and written anew (copytruncate)."""
    itself = piece.inode == place.inode and not piece.packed
    namesake = piece.dated == place.dated != "" and not place.beside
    return bool(place.head) and (itself or namesake) and not _holds(history, piece, place)
