"""What the doctor says: a line for each thing it looked at, and the command that mends it."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

MARK = "firstsight-check"
"""What the name, the program and the computer of an event that the doctor sends itself begin with."""


class State(StrEnum):
    """How it is. `NOTE`: it works, and something should be known."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `what`: the thing; `text`: a sentence; `mend`: a command or what to do, or empty."""

    what: str
    state: State
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A user that must be able to do something. `uid` and `gid`: numbers."""

    name: str
    uid: int
    gid: int

    @classmethod
    def of(cls, uid: int, gid: int) -> "Person":
        """By number."""
        try:
            return cls(pwd.getpwuid(uid).pw_name, uid, gid)
        except KeyError:
            return cls(str(uid), uid, gid)

    def may(self, right: str, path: Path) -> bool:
        """Whether they may read (`-r`), write (`-w`) or run (`-x`) a path: asked of the kernel, so that ACLs count.

        Only root can ask for another; anybody else is told of themselves.
        """
        user = group = groups = None
        if os.geteuid() == 0:
            user, group = self.uid, self.gid
            groups = os.getgrouplist(self.name, self.gid) if self._known() else [self.gid]
        asked = ["test", right, os.fspath(path)]
        return subprocess.run(asked, check=False, user=user, group=group, extra_groups=groups).returncode == 0

    def _known(self) -> bool:
        try:
            return pwd.getpwnam(self.name).pw_uid == self.uid
        except KeyError:
            return False
