"""Millions of domains with a day each, as bytes that are searched where they lie (a mapped file).

A domain is kept as 8 bytes of its hash: two of ten million that are taken for each other are not to be met. Layout:
`MAGIC`, then records of 10 bytes in order: 8 bytes BLAKE2b of the domain, 2 bytes its day since the epoch, big-endian.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import overload

from firstsight.core.errors import InputError

MAGIC = b"fs-days1"
_HASH, _DAY = 8, 2
RECORD = _HASH + _DAY
"""Bytes of a record."""

LATEST = (1 << 8 * _DAY) - 1
"""The last day that fits, days since the epoch (in the year 2149)."""


def record(domain: str, day: int) -> bytes:
    """A domain's record.

    Args:
        domain: A-labels, lower case.
        day: days since the epoch, 0 to `LATEST`.
    """
    return _key(domain) + day.to_bytes(_DAY, "big")


def day_of(record: bytes) -> int:
    """A record's day, days since the epoch."""
    return int.from_bytes(record[_HASH:], "big")


def one_each(records: Iterable[bytes], *, latest: bool) -> Iterator[bytes]:
    """Records in order, of each domain one: the latest day, or the earliest."""
    held = b""
    for found in records:
        if held and held[:_HASH] != found[:_HASH]:
            yield held
            held = found
        elif latest or not held:
            held = found
    if held:
        yield held


class DayList:
    """Looks days up.

    Args:
        data: bytes, or a mapped file.

    Raises:
        InputError: it is no such list.
    """

    def __init__(self, data: "memoryview | bytes") -> None:
        view = memoryview(data)
        if bytes(view[: len(MAGIC)]) != MAGIC or (len(view) - len(MAGIC)) % RECORD:
            raise InputError("It is no list of days, or a damaged one.")
        self._keys = _Keys(view[len(MAGIC) :])

    def __len__(self) -> int:
        return len(self._keys)

    def day(self, domain: str) -> int | None:
        """A domain's day, days since the epoch; None where it is not on the list."""
        key = _key(domain)
        at = bisect_left(self._keys, key)
        if at == len(self._keys) or self._keys[at] != key:
            return None
        return day_of(self._keys.record(at))

    def records(self) -> Iterator[bytes]:
        """All records, in order."""
        return (self._keys.record(at) for at in range(len(self._keys)))


class _Keys(Sequence[bytes]):
    """The hashes, for bisect."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._count = len(view) // RECORD

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(self._count))]
        if at >= self._count:
            raise IndexError(at)
        return bytes(self._view[at * RECORD : at * RECORD + _HASH])

    def record(self, at: int) -> bytes:
        return bytes(self._view[at * RECORD : (at + 1) * RECORD])


def _key(domain: str) -> bytes:
    return blake2b(domain.encode(), digest_size=_HASH).digest()
