"""The bundle for endpoints: a folder with what goes into `active-response/bin` of agents, and how it gets there.

It holds a token, so it is open to its owner alone. A record in it tells what was written there: whatever else stands
at these names is somebody's own, and is never overwritten. It grows before the first file changes, so a run that was
killed is ended by another one.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.wazuh.active_response.parts import AUTHORITY, SETTINGS, TOKEN, UNIX, WINDOWS, endpoint_file, settings
from firstsight.wazuh.setup.plan import Change
from firstsight.wazuh.setup.tree import File, Folder, State, Tree, draft_of

README = "README.md"
SYSTEMS = {"windows": WINDOWS, "unix": UNIX}
"""Folders of the bundle, and the scripts in each."""

_RECORD = ".firstsight-written"
_OPEN_TO_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What endpoints need to know.

    Attributes:
        url: where the service listens for them.
        authority: PEM of the authority that signed its certificate; empty: one that is in the bundle stays.
        token: of scope intel; empty: one that is in the bundle stays.
    """

    url: str
    authority: bytes = b""
    token: str = ""


class Bundle:
    """The bundle in a folder. The folder it is in must be there.

    Args:
        folder: the bundle's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._tree = Tree(self.folder)

    @property
    def lacks_token(self) -> bool:
        """Whether no token is in it yet."""
        return any(self._look(f"{system}/{TOKEN}") is None for system in SYSTEMS)

    def changes(self, endpoints: Endpoints) -> list[Change]:
        """What makes it fit these endpoints, in order; paths are relative to it, and empty for itself.

        Raises:
            InputError: something of somebody else's stands in the way.
        """
        self._refuse_foreign()
        record = self._look(_RECORD)
        written = set(record.content.decode("ascii", "replace").split()) if isinstance(record, File) else set()
        wanted = self._wanted(endpoints)
        for path, content in wanted.items():
            found = self._look(path)
            if isinstance(found, Folder):
                raise InputError(f"{self.folder / path} is a folder. Move it away, and run this again.")
            ours = written | {_digest(content)}
            if found is not None and not _given(path) and _digest(found.content) not in ours:
                raise InputError(
                    f"{self.folder / path} was changed by somebody since firstsight wrote it, and that would be lost. "
                    f"Move it away, and run this again; or name a new folder."
                )
        written |= {_digest(content) for path, content in wanted.items() if not _given(path)}
        return list(self._differences("".join(f"{digest}\n" for digest in sorted(written)).encode(), wanted))

    def write(self, changes: list[Change]) -> None:
        """Make the changes.

        Raises:
            InputError: something can't be written; another run goes on from there.
        """
        beside = (
            f"{system}/{name}" for system, names in SYSTEMS.items() for name in (*names, SETTINGS, AUTHORITY, TOKEN)
        )
        for path in (_RECORD, README, *beside):
            self._tree.sweep(path)
        for change in changes:
            if change.path:
                self._tree.put(change.path, change.becomes)
            else:
                Tree(self.folder.parent).put(self.folder.name, change.becomes)

    def _refuse_foreign(self) -> None:
        """A folder that is not ours to write to."""
        if not self.folder.parent.is_dir():
            raise InputError(f"{self.folder.parent} is not there. Make it, or name a folder in one that is there.")
        found = self._look("")
        if found is None:
            return
        if isinstance(found, File):
            raise InputError(f"{self.folder} is a file. Name a new folder for the endpoints' files.")
        if found.mode & _OPEN_TO_OTHERS or found.uid != os.geteuid():
            raise InputError(
                f"{self.folder} is open to others, and a token is to be in it. Name a new folder; or, if nothing else "
                f"needs it, `chown root {self.folder} && chmod 700 {self.folder}`, and run this again."
            )
        names = [name for name in os.listdir(self.folder) if name != draft_of(_RECORD)]  # noqa: PTH208  # one is enough
        if names and _RECORD not in names:
            raise InputError(
                f"{self.folder} holds what firstsight did not write ({', '.join(sorted(names)[:3])}). Name a new or an "
                f"empty folder for the endpoints' files."
            )

    def _wanted(self, endpoints: Endpoints) -> dict[str, bytes]:
        """The files, by path."""
        wanted: dict[str, bytes] = {}
        for system, scripts in SYSTEMS.items():
            wanted |= {f"{system}/{name}": endpoint_file(name) for name in scripts}
            kept = self._look(f"{system}/{AUTHORITY}") is not None
            own = settings(endpoints.url, own_authority=bool(endpoints.authority) or kept)
            wanted[f"{system}/{SETTINGS}"] = own.encode()
            if endpoints.authority:
                wanted[f"{system}/{AUTHORITY}"] = endpoints.authority
            if endpoints.token:
                wanted[f"{system}/{TOKEN}"] = f"{endpoints.token}\n".encode()
        text = resources.files("firstsight.wazuh.setup").joinpath("bundle.md").read_text("utf-8")
        wanted[README] = text.replace("{url}", endpoints.url).encode()
        return wanted

    def _differences(self, record: bytes, wanted: Mapping[str, bytes]) -> Iterator[Change]:
        user, group = os.geteuid(), os.getegid()
        folder = Folder(0o700, user, group)
        whys = {SETTINGS: "whom endpoints ask", TOKEN: "the token of endpoints", AUTHORITY: "whom endpoints trust"}
        states: list[tuple[str, State, str]] = [
            ("", folder, "the endpoints' files"),
            (_RECORD, File(record, 0o600, user, group), "what is ours"),
            *((system, folder, f"for {system} agents") for system in SYSTEMS),
            *(
                (path, File(content, 0o600, user, group), whys.get(path.rpartition("/")[2], "as this version has it"))
                for path, content in wanted.items()
            ),
        ]
        for path, becomes, why in states:
            was = self._look(path)
            if was != becomes and not (isinstance(was, Folder) and isinstance(becomes, Folder)):
                yield Change(path, was, becomes, why)

    def _look(self, path: str) -> State:
        return self._tree.look(path) if path else Tree(self.folder.parent).look(self.folder.name)


def _given(path: str) -> bool:
    """Whether it is a file that people give: what is given now takes the place of what was given before."""
    return path.endswith((TOKEN, AUTHORITY))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
