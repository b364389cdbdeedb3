"""`firstsight import popular FILE|URL`."""

import contextlib
from pathlib import Path

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.downloads import opened
from firstsight.lookups.lists import read_list, write_list
from firstsight.settings import load


def run(source: str, config: Path | None) -> int:
    """Check a list, then put it beside the store in one step: the old one stays until the new one is whole.

    Args:
        source: CSV, plain, gzip or zip; a file, or an http or https URL.
        config: the settings file.

    Raises:
        FirstsightError: the list can't be used; the old one stays.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    parse = tables.name_parser(settings.names.internal).parse
    with contextlib.closing(opened(source, settings, parse)) as file:
        taken = read_list(file, source, parse, settings.popular.top)
    write_list(settings.popular_path, taken)
    noted(settings, "imported", "popular")
    print(
        f"{len(taken.entries):,} popular domains of {source} are in {settings.popular_path}; {taken.bad:,} lines could "
        f"not be used."
    )
    return 0
