"""What keeps a log from being read, in sentences for the operator; and how long a half file is waited for."""

from pathlib import Path

PATIENCE = 300.0
"""Seconds that a half-written .gz is waited for once it stops growing."""

_GAP_TOLD = 86400.0  # seconds that a gap stays in the sentence


class Trouble:
    """The present trouble with one log, and what may be missing of it.

    Attributes:
        now: what hinders at the moment; None while nothing does.
        gaps: how often lines may have been missed because their file was gone or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.now: str | None = None
        self.gaps = 0
        self._path = path
        self._gap: tuple[float, str] | None = None
        self._half: tuple[object, float] | None = None  # the .gz waited for, and since when it is unchanged

    def sentence(self, now: float, denied: Path | None) -> str | None:
        """What to tell at a time; `denied` is a folder that may not be listed."""
        if self.now is not None:
            return self.now
        if denied is not None:
            return (
                f"{denied} may not be listed: files of other days in it can't be found. "
                "Give this user read access to it."
            )
        if self._gap is not None and 0 <= now - self._gap[0] < _GAP_TOLD:
            return self._gap[1]
        return None

    def missing(self) -> None:
        """There is no file at the path."""
        self.now = (
            f"There is no file {self._path}. It is waited for; check that wazuh-manager is running "
            "and that this is its path."
        )

    def refused(self, error: OSError) -> None:
        """The operating system said no."""
        path = error.filename or self._path
        if isinstance(error, PermissionError):
            self.now = (
                f"{path} may not be read: permission denied. Give this user read access to the file and search "
                "access to its folders (setfacl, or the group wazuh); reading then goes on by itself."
            )
        else:
            self.now = f"{path} can't be read: {error.strerror}. It is tried again every moment."

    def unfinished(self, path: Path, now: float) -> bool:
        """A .gz does not decompress to its end. Returns whether it was waited for long enough."""
        try:
            status = path.stat()
        except OSError:
            return False
        seen = (path, status.st_size, status.st_mtime_ns)
        if self._half is None or self._half[0] != seen:
            self._half = (seen, now)
        self.now = (
            f"{path} is not complete. It is waited for, up to {PATIENCE:.0f} s after it stopped growing; "
            "if it is damaged, put a whole one in its place."
        )
        return not 0 <= now - self._half[1] < PATIENCE

    def gap(self, what: str, now: float) -> None:
        """Lines may be missing for good."""
        self.gaps += 1
        self._gap = (now, f"Lines of {self._path} may be missing: {what} ({self.gaps} such gaps since start).")
