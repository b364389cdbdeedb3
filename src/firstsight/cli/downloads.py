"""Lists that verbs take from a URL, by the settings' way out, with a bar on a terminal."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Iterator

from firstsight.core.errors import InputError
from firstsight.core.names import Name
from firstsight.fetching import list_client
from firstsight.lookups.http import HttpClient, Progress
from firstsight.lookups.popular import DEADLINE, usable
from firstsight.settings import Settings


def is_url(source: str) -> bool:
    """Whether a list is at a URL, and no file."""
    return source.startswith(("http://", "https://"))


def downloaded(url: str, settings: Settings, parse: Callable[[str], Name]) -> bytes:
    """What stands at a URL, bounded in size and time.

    Args:
        url: http or https.
        settings: the settings.
        parse: tells what a name is (`NameParser.parse`).

    Raises:
        InputError: it can't be had, or nobody outside may be asked.
    """
    if settings.http.offline:
        raise InputError(
            f"{url} is not asked: [http] offline is set. Download the list elsewhere, and import the file."
        )
    with _progress() as progress:
        return asyncio.run(_fetched(url, list_client(settings, parse), progress))


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
