"""Files below a manager's folder, reached without following symbolic links.

Wazuh's own user may write `etc` and others of its folders, and the installer is root: a link put there must not lead
it out. So each part of a path is opened by its folder's descriptor, and a file is made new and renamed into place:
at any moment the old one or the new one is there, whole.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from firstsight.core.errors import InputError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LARGEST = 64 << 20  # bytes of a file that is read whole


@dataclass(frozen=True, slots=True)
class File:
    """A file. `mode`: permission bits; `uid` and `gid`: its owners' numbers."""

    content: bytes
    mode: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, whatever is in it."""

    mode: int
    uid: int
    gid: int


State = File | Folder | None
"""What stands at a path; None: nothing."""


class Tree:
    """The folder `root`; paths are relative to it, with slashes. InputError where something can't be done."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def look(self, path: str) -> State:
        """What is there.

        Raises:
            InputError: a symbolic link, or what is neither file nor folder, stands in the way; or it can't be read.
        """
        with self._explained(path):
            try:
                with self._parent(path) as (folder, name):
                    return self._look(path, folder, name)
            except FileNotFoundError:
                return None

    def names(self, path: str) -> list[str]:
        """What is in a folder, sorted; nothing where there is none."""
        with self._explained(path):
            try:
                with self._parent(f"{path}/_") as (folder, _):
                    return sorted(os.listdir(folder))  # noqa: PTH208  # a path could be led astray
            except FileNotFoundError:
                return []

    def put(self, path: str, state: State) -> None:
        """Bring a path to a state, safe on disk when this returns. The folder it is in must be there."""
        with self._explained(path), self._parent(path) as (folder, name):
            before = self._look(path, folder, name)
            match state:
                case File():
                    _write(folder, name, state, same=isinstance(before, File) and before.mode == state.mode)
                case Folder():
                    if before is None:
                        os.mkdir(name, 0o700, dir_fd=folder)
                    _own(name, state, folder)
                case None if isinstance(before, Folder):
                    os.rmdir(name, dir_fd=folder)
                case None if before is not None:
                    os.unlink(name, dir_fd=folder)
            os.fsync(folder)

    def sweep(self, path: str) -> None:
        """Take away what a killed `put` has left beside a path."""
        with self._explained(path), suppress(FileNotFoundError), self._parent(path) as (folder, name):
            os.unlink(draft_of(name), dir_fd=folder)

    def _look(self, path: str, folder: int, name: str) -> State:
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        mode = stat.S_IMODE(found.st_mode)
        if stat.S_ISDIR(found.st_mode):
            return Folder(mode, found.st_uid, found.st_gid)
        if not stat.S_ISREG(found.st_mode):
            raise self._in_the_way(path, found.st_mode)
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise InputError(f"{self.root / path} is larger than {_LARGEST:,} bytes: that is no file of Wazuh's.")
        return File(content, mode, found.st_uid, found.st_gid)

    @contextmanager
    def _parent(self, path: str) -> Iterator[tuple[int, str]]:
        """The descriptor of the folder that a path is in, and the path's last part."""
        *folders, name = path.split("/")
        descriptor = os.open(self.root, _FOLDER)
        try:
            for number, part in enumerate(folders, start=1):
                try:
                    deeper = os.open(part, _FOLDER, dir_fd=descriptor)
                except OSError as error:
                    if error.errno not in {errno.ENOTDIR, errno.ELOOP}:  # what is said of a link
                        raise
                    found = os.stat(part, dir_fd=descriptor, follow_symlinks=False)
                    raise self._in_the_way("/".join(folders[:number]), found.st_mode) from None
                os.close(descriptor)
                descriptor = deeper
            yield descriptor, name
        finally:
            os.close(descriptor)

    def _in_the_way(self, path: str, mode: int) -> InputError:
        if stat.S_ISLNK(mode):
            what = "is a symbolic link, and nothing is written through one: whoever may change it could lead root away"
        else:
            what = "is not what belongs there"
        return InputError(f"{self.root / path} {what}. See what it is, put the real thing in its place, and try again.")

    @contextmanager
    def _explained(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self.root / path} can't be read or written ({error.strerror}). Is the disk full or mounted "
                f"read-only, and are you root?"
            ) from error


def _write(folder: int, name: str, state: File, *, same: bool) -> None:
    """Make a file new and rename it into place. `same`: it takes over the old one's ACL and labels."""
    draft = draft_of(name)
    with suppress(FileNotFoundError):  # left by a kill
        os.unlink(draft, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(draft, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(state.content)
            file.flush()
            os.fchown(file.fileno(), state.uid, state.gid)
            os.fchmod(file.fileno(), state.mode)
            if same:
                _take_over(name, folder, file.fileno())
            os.fsync(file.fileno())
        os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise


def _take_over(name: str, folder: int, new: int) -> None:
    old = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        with suppress(OSError):  # a file system without them
            for attribute in os.listxattr(old):
                os.setxattr(new, attribute, os.getxattr(old, attribute))
    finally:
        os.close(old)


def _own(name: str, state: Folder, folder: int) -> None:
    descriptor = os.open(name, _FOLDER, dir_fd=folder)
    try:
        os.fchown(descriptor, state.uid, state.gid)
        os.fchmod(descriptor, state.mode)
    finally:
        os.close(descriptor)


def draft_of(name: str) -> str:
    """Where a file is written before it is renamed: a name that Wazuh passes over, as it loads `*.xml`."""
    return f".{name}.firstsight-new"
