"""`firstsight import popular FILE|URL`."""

import asyncio
import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.fetching import list_client
from firstsight.lookups.http import HttpClient, Progress
from firstsight.lookups.lists import read_list, write_list
from firstsight.lookups.popular import DEADLINE, usable
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
    if source.startswith(("http://", "https://")):
        if settings.http.offline:
            raise InputError(
                f"{source} is not asked: [http] offline is set. Download the list elsewhere, and import the file."
            )
        with _progress() as progress:
            return io.BytesIO(asyncio.run(_fetched(source, list_client(settings, parse), progress)))
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise InputError(
            f"The list {source} can't be read: {error.strerror}. The list in use stays as it is."
        ) from error


async def _fetched(url: str, client: HttpClient, progress: Progress | None) -> bytes:
    try:
        reply = await client.get(url, deadline=DEADLINE, trusted=True, progress=progress)
        return usable(reply.status, reply.body, url)
    finally:
        await client.close()


@contextlib.contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    with Progress(BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
