import os
from pathlib import Path

import pytest

from firstsight.core.errors import StoreBusyError, StoreError
from firstsight.store.lock import lock


def test_it_is_held_until_it_is_closed(tmp_path: Path) -> None:
    held = lock(tmp_path / "store.db")
    with pytest.raises(StoreBusyError, match=r"store\.db\.lock"):
        lock(tmp_path / "store.db")
    os.close(held)
    os.close(lock(tmp_path / "store.db"))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="can't be opened"):
        lock(tmp_path / "nowhere" / "store.db")
