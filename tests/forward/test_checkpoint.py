from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.core.errors import StoreBusyError, StoreError
from firstsight.forward.checkpoint import Checkpoint, State


@pytest.fixture
def checkpoint(tmp_path: Path) -> Iterator[Checkpoint]:
    checkpoint = Checkpoint(tmp_path / "state")
    yield checkpoint
    checkpoint.close()


def test_what_is_saved_is_there_after_a_restart(tmp_path: Path, checkpoint: Checkpoint) -> None:
    assert checkpoint.load() == State()
    checkpoint.save(State("here", "7"))
    checkpoint.close()
    again = Checkpoint(tmp_path / "state")
    assert again.load() == State("here", "7")
    checkpoint._lock = again._lock
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["forward.json", "forward.lock"]


def test_one_process_at_a_time(tmp_path: Path, checkpoint: Checkpoint) -> None:
    with pytest.raises(StoreBusyError, match="Another firstsight forward"):
        Checkpoint(tmp_path / "state")


@pytest.mark.parametrize("damage", [b"", b"\0" * 80, b'{"position": 3}', b"\xff{"], ids=str)
def test_a_damaged_one_is_a_position_that_can_not_be_read(
    tmp_path: Path, checkpoint: Checkpoint, damage: bytes
) -> None:
    (tmp_path / "state/forward.json").write_bytes(damage)
    assert checkpoint.load().position is not None


def test_a_folder_or_file_that_refuses_is_named(tmp_path: Path, checkpoint: Checkpoint) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--state"):
        Checkpoint(tmp_path / "file/state")
    (tmp_path / "state/forward.json").mkdir()
    with pytest.raises(StoreError, match="can't be written in"):
        checkpoint.save(State("here"))
    with pytest.raises(StoreError, match="can't be read in"):
        checkpoint.load()
