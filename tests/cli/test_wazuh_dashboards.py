from pathlib import Path

import pytest

from firstsight.cli.wazuh_dashboards import run
from firstsight.core.errors import InputError
from firstsight.wazuh.boards import BOARDS
from firstsight.wazuh.savedobjects import render


def test_the_files_are_written_also_over_older_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "dashboards"

    assert run(folder) == 0
    (folder / "firstsight.ndjson").write_text("of an older version", "utf-8")
    assert run(folder) == 0

    assert {path.name: path.read_text("utf-8") for path in folder.iterdir()} == {
        f"{name}.ndjson": render(board) for name, board in BOARDS.items()
    }
    assert str(folder / "dnsstat.ndjson") in capsys.readouterr().out


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(InputError, match=r"can't be written.*Name a folder"):
        run(file)
