"""`firstsight import popular FILE|URL`."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import IO

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.downloads import downloaded, is_url
from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.lookups.lists import read_list, write_list
from firstsight.settings import Settings, load


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
    with contextlib.closing(_opened(source, settings, parse)) as file:
        taken = read_list(file, source, parse, settings.popular.top)
    write_list(settings.popular_path, taken)
    noted(settings, "imported", "popular")
    print(
        f"{len(taken.entries):,} popular domains of {source} are in {settings.popular_path}; {taken.bad:,} lines could "
        f"not be used."
    )
    return 0


def _opened(source: str, settings: Settings, parse: Callable[[str], Name]) -> IO[bytes]:
    if is_url(source):
        return io.BytesIO(downloaded(source, settings, parse))
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise InputError(
            f"The list {source} can't be read: {error.strerror}. The list in use stays as it is."
        ) from error
