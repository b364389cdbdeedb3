"""`firstsight wazuh dashboards`."""

from pathlib import Path

from firstsight.core.errors import InputError
from firstsight.wazuh.boards import BOARDS
from firstsight.wazuh.savedobjects import render


def run(folder: Path) -> int:
    """Write the dashboards' files.

    Args:
        folder: where to; made where absent.

    Raises:
        InputError: it can't be written to.
    """
    for name, board in BOARDS.items():
        path = folder / f"{name}.ndjson"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(render(board), "utf-8")
        except OSError as error:
            raise InputError(
                f"{path} can't be written ({error.strerror}). Name a folder that you may write to."
            ) from error
        print(f"{path}: {board.description}")
    print(
        "Import them in the Wazuh dashboard, under Dashboards management → Saved objects; docs/dashboards.md says how."
    )
    return 0
