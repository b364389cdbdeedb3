"""What stood in the manager's folder before firstsight changed it: kept there, so that it can be given back.

`backup/firstsight`, which only root can open (in `etc` Wazuh's own user may write, and could have root restore what
it likes): `installed.json`, and a copy of each file that was changed. It is complete before the first change, and
taken away after the last one is undone. So whatever a kill leaves, the next install or uninstall knows what was ours.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from firstsight.core.errors import InputError
from firstsight.wazuh.setup.manager import Manager
from firstsight.wazuh.setup.tree import File, Folder, State

FOLDER = "backup/firstsight"
_RECORD = "installed.json"


class _Owned(msgspec.Struct, omit_defaults=True):
    """What stood at a path before: a copy's name, a folder, or nothing. And the hashes of what we put there."""

    copy: str = ""
    folder: bool = False
    mode: int = 0
    uid: int = 0
    gid: int = 0
    written: list[str] = []


Mode = Literal["follow", "integration"]
"""How queries come: the service or `firstsight forward` reads alerts.json, or integratord starts the script."""


class _Record(msgspec.Struct):
    mode: Mode | None
    paths: dict[str, _Owned]


class Originals:
    """The originals of a manager's files.

    Args:
        manager: whose.

    Raises:
        InputError: the record can't be read.
    """

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._tree = manager.tree
        self._record = self._load()

    @property
    def mode(self) -> Mode | None:
        """How it was installed; None where it was not."""
        return self._record.mode

    @property
    def paths(self) -> list[str]:
        """What may have been changed."""
        return list(self._record.paths)

    @property
    def left(self) -> bool:
        """Whether anything is kept, if only what a kill has left."""
        return self._tree.look(FOLDER) is not None

    def before(self, path: str) -> State:
        """What stood at a path before the first change.

        Raises:
            InputError: the copy is gone.
        """
        owned = self._record.paths[path]
        if owned.folder:
            return Folder(owned.mode, owned.uid, owned.gid)
        if not owned.copy:
            return None
        copy = self._tree.look(f"{FOLDER}/{owned.copy}")
        if not isinstance(copy, File):
            raise InputError(
                f"{self._manager.home / FOLDER / owned.copy}, the copy of {path} as it was, is gone. Put it back from "
                f"a backup; or remove {path} and {self._manager.home / FOLDER} by hand."
            )
        return File(copy.content, owned.mode, owned.uid, owned.gid)

    def ours(self, path: str, state: State) -> bool:
        """Whether what stands at a path is what we put there, or what was there before us."""
        if path not in self._record.paths:
            return False
        if isinstance(state, Folder):
            return True
        before = self.before(path)
        return (
            state is None
            or _digest(state) in self._record.paths[path].written
            or (isinstance(before, File) and before.content == state.content)
        )

    def keep(self, mode: Mode, becoming: Mapping[str, tuple[State, State]]) -> None:
        """Keep what stands at paths now, where it is not kept already, and note what is going to stand there.

        Args:
            mode: how it is installed.
            becoming: by path, what is there and what is put there.
        """
        self._tree.put(FOLDER, Folder(0o700, self._manager.root, self._gid))
        paths = dict(self._record.paths)
        for path, (was, becomes) in becoming.items():
            owned = paths.get(path) or self._kept(path, was)
            written = [*owned.written, *([_digest(becomes)] if isinstance(becomes, File) else [])]
            paths[path] = msgspec.structs.replace(owned, written=list(dict.fromkeys(written)))
        self._write(_Record(mode, paths))

    def drop(self, paths: Iterable[str]) -> None:
        """These stand as they stood before us."""
        gone = set(paths)
        rest = {path: owned for path, owned in self._record.paths.items() if path not in gone}
        dropped = [owned.copy for path, owned in self._record.paths.items() if path in gone and owned.copy]
        self._write(_Record(self._record.mode, rest))
        for copy in dropped:
            self._tree.put(f"{FOLDER}/{copy}", None)

    def forget(self) -> None:
        """All is as it was: nothing need be kept."""
        if self._record.paths:
            self._write(_Record(None, {}))  # first: a record without its copies would be of no use
        for name in self._tree.names(FOLDER):
            self._tree.put(f"{FOLDER}/{name}", None)
        if self.left:
            self._tree.put(FOLDER, None)

    @property
    def _gid(self) -> int:
        return self._manager.wazuh[1]

    def _kept(self, path: str, was: State) -> _Owned:
        """Copy what was there."""
        if was is None:
            return _Owned()
        if isinstance(was, Folder):
            return _Owned(folder=True, mode=was.mode, uid=was.uid, gid=was.gid)
        name = path.replace("/", "_")
        self._tree.put(f"{FOLDER}/{name}", File(was.content, 0o600, self._manager.root, self._gid))
        return _Owned(name, mode=was.mode, uid=was.uid, gid=was.gid)

    def _load(self) -> _Record:
        found = self._tree.look(f"{FOLDER}/{_RECORD}")
        if not isinstance(found, File):
            return _Record(None, {})
        try:
            return msgspec.json.decode(found.content, type=_Record)
        except msgspec.DecodeError as error:
            raise InputError(
                f"{self._manager.home / FOLDER / _RECORD} holds no record of an installation ({error}). Put it back "
                f"from a backup, or take firstsight's files out by hand and remove {self._manager.home / FOLDER}."
            ) from error

    def _write(self, record: _Record) -> None:
        content = msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n"
        self._tree.put(f"{FOLDER}/{_RECORD}", File(content, 0o600, self._manager.root, self._gid))
        self._record = record


def _digest(file: State) -> str:
    return hashlib.sha256(file.content).hexdigest() if isinstance(file, File) else ""
