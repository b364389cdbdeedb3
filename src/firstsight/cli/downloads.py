"""Lists that verbs take from a file, or from a URL by the settings' way out, with a bar on a terminal."""

import asyncio
import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.fetching import list_client, way_out
from firstsight.lookups.http import HttpClient, Progress
from firstsight.lookups.popular import DEADLINE, usable
from firstsight.settings import Settings


def is_url(source: str) -> bool:
    """Whether a list is at a URL, and no file."""
    return source.startswith(("http://", "https://"))


def opened(source: str, settings: Settings, parse: Callable[[str], Name]) -> IO[bytes]:
    """A list, to be read and closed; what stands at a URL is bounded in size and time.

    Args:
        source: a file, or an http or https URL.
        settings: the settings.
        parse: tells what a name is (`NameParser.parse`).

    Raises:
        InputError: it can't be had, or nobody outside may be asked.
    """
    if is_url(source):
        return io.BytesIO(_downloaded(source, settings, parse))
    try:
        return Path(source).open("rb")
    except OSError as error:
        raise InputError(
            f"The list {source} can't be read: {error.strerror}. The list in use stays as it is."
        ) from error


def _downloaded(url: str, settings: Settings, parse: Callable[[str], Name]) -> bytes:
    if settings.http.offline:
        raise InputError(
            f"{url} is not asked: [http] offline is set. Download the list elsewhere, and import the file."
        )
    with _progress() as progress:
        return asyncio.run(_fetched(url, list_client(way_out(settings, parse)), progress))


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
