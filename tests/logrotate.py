"""logrotate(8)'s work on one log, step by step, so that a reader may look in between; and a program that logs."""

import gzip
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal


class Writer:
    """A program that appends to a log through a descriptor, until it is told to reopen it (or never, with a copy)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("ab", buffering=0)

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def reopen(self) -> None:
        self._file.close()
        self._file = self.path.open("ab", buffering=0)

    def close(self) -> None:
        self._file.close()


@dataclass
class Logrotate:
    """One log's section of logrotate.conf.

    Attributes:
        path: the log.
        copies: `copytruncate`, else rename and `create`.
        dates: `dateext`, else numbers.
        packs: `compress`; `delayed` is with `delaycompress`.
        keep: `rotate`.
    """

    path: Path
    copies: bool = False
    dates: bool = False
    packs: Literal["never", "at_once", "delayed"] = "never"
    keep: int = 1000
    _made: int = field(default=0, init=False)

    def rotate(self, writer: Writer | None = None) -> None:
        """Rotate once; `notifempty`."""
        for _ in self.steps(writer):
            pass

    def steps(self, writer: Writer | None = None) -> Iterator[None]:
        """The same, stopping between the steps. The writer is told to reopen the log, as `postrotate` does."""
        if not self.path.stat().st_size:
            return
        if self.packs == "delayed":
            for plain in [kept for kept in self.kept() if kept.suffix != ".gz"]:
                yield from pack(plain)
        self._made += 1
        if self.dates:
            target = self.path.with_name(f"{self.path.name}-{20261100 + self._made}")
        else:
            target = self.path.with_name(self.path.name + ".1")
            for kept in self.kept():
                number, gz = self._number(kept), ".gz" if kept.suffix == ".gz" else ""
                kept.rename(self.path.with_name(f"{self.path.name}.{number + 1}{gz}"))
                yield
        if self.copies:
            yield from _copy(self.path, target)
            os.truncate(self.path, 0)
        else:
            self.path.rename(target)
            yield
            self.path.touch()
            yield
            if writer is not None:
                writer.reopen()
        yield
        if self.packs == "at_once":
            yield from pack(target)
        for old in self.kept()[: -self.keep]:
            old.unlink()

    def kept(self) -> list[Path]:
        """Rotated files, oldest first."""
        found = {kept.with_name(kept.name.removesuffix(".gz")): kept for kept in self.path.parent.glob("*.json?*")}
        if self.dates:
            return [found[name] for name in sorted(found)]
        return [found[name] for name in sorted(found, key=self._number, reverse=True)]

    @staticmethod
    def _number(kept: Path) -> int:
        return int(kept.name.removesuffix(".gz").rpartition(".")[2])


def pack(plain: Path) -> Iterator[None]:
    """gzip; the .gz is half there for a while, and gets the plain file's time."""
    packed = plain.with_name(plain.name + ".gz")
    whole = gzip.compress(plain.read_bytes())
    packed.write_bytes(whole[: len(whole) // 2])
    yield
    packed.write_bytes(whole)
    shutil.copystat(plain, packed)
    yield
    plain.unlink()
    yield


def _copy(source: Path, target: Path) -> Iterator[None]:
    whole = source.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])
    yield
    target.write_bytes(whole)
    yield
