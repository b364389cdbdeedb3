"""How far a node's log was handed over, in a small file that survives a power cut."""

import fcntl
import os
from pathlib import Path

import msgspec

from firstsight.core.errors import StoreBusyError, StoreError


class State(msgspec.Struct, frozen=True):
    """Where a forwarder stands.

    Attributes:
        position: the log's, after the last line that the service has; None: it never had one.
        cursor: acknowledges what was delivered last; empty: nothing.
    """

    position: str | None = None
    cursor: str = ""


class Checkpoint:
    """The state of one node, for one process at a time: a lock beside it ends with its process.

    Args:
        folder: where both are kept; made 0700 where absent.

    Raises:
        StoreError: the folder can't be used.
        StoreBusyError: another process has it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "forward.json"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = os.open(folder / "forward.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{folder} can't be written to ({error.strerror}). Make it for the user who forwards, or name another "
                "one with --state."
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise StoreBusyError(
                f"Another firstsight forward uses {folder}. One is enough for a node; for another log name another "
                "folder with --state."
            ) from error

    def load(self) -> State:
        """What was saved last. Of a damaged file the text is the position: the follower says so, and begins anew.

        Raises:
            StoreError: the file can't be read.
        """
        try:
            data = self._file.read_bytes()
        except FileNotFoundError:
            return State()
        except OSError as error:
            raise self._refused("read", error) from error
        try:
            return msgspec.json.decode(data, type=State)
        except msgspec.DecodeError:
            return State(data.decode("utf-8", "replace"))

    def save(self, state: State) -> None:
        """Keep it; on disk when this returns.

        Raises:
            StoreError: it can't be written; what was saved before stays.
        """
        draft = self._file.with_suffix(".new")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(state))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._file)
            folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._refused("written", error) from error

    def close(self) -> None:
        """Let another process have it."""
        os.close(self._lock)

    def _refused(self, done: str, error: OSError) -> StoreError:
        return StoreError(
            f"How far was read can't be {done} in {self._file} ({error.strerror}). Make room and check its owner; "
            "after a restart lines are handed over again from the place saved last."
        )
