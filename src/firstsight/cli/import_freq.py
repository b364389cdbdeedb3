"""`firstsight import freq FILE`."""

from pathlib import Path

from firstsight import compose
from firstsight.cli.desk import noted
from firstsight.cli.files import read_bounded, replaced
from firstsight.core.letterpairs import parse_freq_table
from firstsight.settings import load

_MOST_BYTES = 16 * 1024 * 1024  # the original's own is far below one


def run(file: Path, config: Path | None) -> int:
    """Check a frequency table of Domain Stats, then put it beside the store.

    Args:
        file: as Domain Stats writes it.
        config: the settings file.

    Raises:
        FirstsightError: the table can't be used; the one before stays.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    data = read_bounded(file, _MOST_BYTES)
    average, word = parse_freq_table(data).scores("example.com")
    with replaced(settings.freq_path) as out:
        out.write(data)
    noted(settings, "imported", "freq")
    print(
        f"{file} is in {settings.freq_path}: example.com scores {average} and {word} by it. A service that runs takes "
        f"it up when it is started again."
    )
    return 0
