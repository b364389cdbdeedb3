"""The machine that is changed: each step is said, and left undone where it is only to be said."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from firstsight.core.errors import InputError

_PATIENCE = 600.0  # seconds; a folder of many years' logs


class Host:
    """A machine, or the tree of one that is being built.

    Args:
        root: where its tree begins; `/` is this machine.
        dry: say what would be done, and do nothing.
        systemd: whether its systemd runs: a unit can be started.
        say: takes a line about each step.
        patience: seconds that a command may take.
    """

    def __init__(
        self, root: Path, *, dry: bool, systemd: bool, say: Callable[[str], None], patience: float = _PATIENCE
    ) -> None:
        self.root = root
        self.dry = dry
        self.systemd = systemd
        self.say = say
        self._patience = patience

    @property
    def this(self) -> bool:
        """Whether it is this machine."""
        return self.root == Path("/")

    def at(self, path: Path) -> Path:
        """Where a path of the machine stands."""
        return self.root / path.relative_to("/")

    def run(self, *command: str | Path, said: str = "") -> None:
        """Run a command, but for a dry run.

        Args:
            command: its words.
            said: what is said of it instead, where it is long.

        Raises:
            InputError: it is not there, says that it failed, or does not end.
        """
        self.say(f"run      {said or ' '.join(map(str, command))}")
        if not self.dry:
            self.ask(*command)

    def ask(self, *command: str | Path) -> str:
        """What a command that changes nothing prints, also in a dry run.

        Raises:
            InputError: as above.
        """
        words = [str(word) for word in command]
        program = shutil.which(words[0])
        if program is None:
            package = {"setfacl": "acl", "getfacl": "acl"}.get(words[0], words[0])
            raise InputError(
                f"There is no program {words[0]}. Install it (package {package}) and run this again: what was done so "
                f"far stays as it is."
            )
        try:
            done = subprocess.run(
                [program, *words[1:]], capture_output=True, text=True, timeout=self._patience, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise InputError(
                f"`{' '.join(words)}` did not end within {self._patience:g} seconds. See what holds it up and run this "
                f"again: what was done so far is not done twice."
            ) from error
        if done.returncode:
            told = (done.stderr or done.stdout).strip()
            raise InputError(
                f"`{' '.join(words)}` failed ({told}). Mend that and run this again: what was done so far is not done "
                f"twice."
            )
        return done.stdout

    def write(self, path: Path, text: str, *, mode: int, group: int = 0) -> bool:
        """A file of root's with this text; whether it had to be written.

        Args:
            path: of the machine.
            text: what it holds.
            mode: its permission bits.
            group: the group it belongs to.
        """
        target = self.at(path)
        if target.is_file() and target.read_text("utf-8") == text:
            self.own(path, mode=mode, group=group)
            return False
        self.say(f"write    {path}")
        if not self.dry:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft = target.with_name(f".{target.name}.new")
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(text, "utf-8")
            draft.replace(target)
            self.own(path, mode=mode, group=group)
        return True

    def folder(self, path: Path, *, mode: int, owner: int, group: int) -> None:
        """A folder with this owner and mode."""
        target = self.at(path)
        if not target.is_dir():
            self.say(f"make     {path}")
            if not self.dry:
                target.mkdir(parents=True)
        self.own(path, mode=mode, owner=owner, group=group)

    def own(self, path: Path, *, mode: int, owner: int = 0, group: int = 0) -> None:
        """Give a file or folder its owner and its permission bits."""
        if not self.dry:
            os.chown(self.at(path), owner, group)
            self.at(path).chmod(mode)

    def remove(self, path: Path) -> bool:
        """Remove a file, or a folder with all that is in it; whether it was there."""
        target = self.at(path)
        if not target.exists():
            return False
        self.say(f"remove   {path}")
        if not self.dry:
            if target.is_dir():
                shutil.rmtree(target)
            else:
                target.unlink()
        return True

    def ids(self, user: str) -> tuple[int, int] | None:
        """A user's and its group's number, out of the machine's own list; None where there is no such user."""
        found = self._listed("passwd", user)
        return (int(found[2]), int(found[3])) if found else None

    def has_group(self, group: str) -> bool:
        """Whether the machine's own list has a group."""
        return self._listed("group", group) is not None

    def _listed(self, name: str, key: str) -> list[str] | None:
        """The entry of one of the lists in /etc whose entries are lines such as `key:x:1:…`."""
        path = self.at(Path("/etc") / name)
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return next((line.split(":") for line in lines if line.startswith(f"{key}:")), None)
