import os
from pathlib import Path

import pytest

from firstsight.cli.desk import me, noted
from running import settings


def test_who_starts_a_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    plain = me()
    assert plain.startswith("local:")
    monkeypatch.setenv("SUDO_USER", "alice")
    assert me() == f"{plain} (sudo alice)"
    monkeypatch.delenv("SUDO_USER")
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000_000)
    assert me() == "local:4000000000"


def test_no_store_is_made_for_a_note(tmp_path: Path) -> None:
    where = settings(tmp_path)
    noted(where, "imported", "popular")
    assert not where.store_path.exists()
