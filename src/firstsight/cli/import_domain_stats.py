"""`firstsight import domain-stats URL|FILE`: an old server's history comes along.

It is read into a file beside the store first, page by page: broken off, it goes on from there. Once the file is
whole, whoever holds the store takes it in: the service if it runs, else this process.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path

import msgspec

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.downloads import is_url
from firstsight.cli.files import read_bounded, replaced
from firstsight.cli.old_server import OldServer
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.core.history import decode_page, encode_page, items_of, page_of
from firstsight.settings import Settings, load
from firstsight.watch.imports import READY, REFUSED

_MOST_BYTES = 1 << 30  # of a file; the original's export of a million domains is far below
_PAGE = 500  # records of a file that are taken in one transaction
_TOLD = 100  # pages between two lines of progress
_PACE = 0.2  # seconds between looks whether the service has taken it

Pages = Callable[[int], Iterator[list[msgspec.Raw]]]
"""Items from an offset on, some at a time."""


def run(source: str, config: Path | None) -> int:
    """Read a history, and see it taken in.

    Args:
        source: a server's address, or a file of its export.
        config: the settings file.

    Raises:
        FirstsightError: it can't be read or written; a sentence says what to do.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    settings.imports_path.mkdir(mode=0o700, exist_ok=True)
    draft = _draft(settings, source)
    draft.with_suffix(REFUSED).unlink(missing_ok=True)
    if is_url(source):
        with closing(OldServer(source)) as server:
            _read(server.pages, draft, settings)
    else:
        items = items_of(read_bounded(Path(source), _MOST_BYTES), source)
        draft.unlink(missing_ok=True)  # a file is read at once: there is nothing to go on from
        _read(lambda offset: (items[at : at + _PAGE] for at in range(offset, len(items), _PAGE)), draft, settings)
    _take(draft.with_suffix(READY), settings)
    noted(settings, "imported", "domain-stats")
    print(f"The history of {source} is in the store.")
    return 0


def _draft(settings: Settings, source: str) -> Path:
    """The file of a source while it is being read; the same one each time."""
    digest = blake2b(source.rstrip("/").encode(), digest_size=8).hexdigest()
    return settings.imports_path / f"domain-stats-{digest}.part"


def _read(pages: Pages, draft: Path, settings: Settings) -> None:
    """Read a source to its end into a file that is ready to be taken."""
    parse = tables.name_parser(settings.names.internal).parse
    read, taken = _resumed(draft)
    if read:
        print(f"Going on behind {read:,} records that were read before.")
    with replaced(draft.with_suffix(READY), draft=draft) as out:
        for number, items in enumerate(pages(read), start=1):
            page = page_of(items, parse, SystemClock.now(), read + len(items))
            out.write(encode_page(page) + b"\n")
            out.flush()
            read, taken = page.read, taken + len(page.looked_up)
            if not number % _TOLD:
                print(f"{read:,} records read.", flush=True)
    print(f"{read:,} records read, {taken:,} domains in them; {read - taken:,} are no public names, or stand twice.")


def _resumed(draft: Path) -> tuple[int, int]:
    """How many records a draft holds, and domains in them; half a line of a crash is cut off."""
    if not draft.exists():
        return 0, 0
    read = taken = whole = 0
    try:
        with draft.open("r+b") as file:
            for line in file:
                with suppress(msgspec.DecodeError):
                    page = decode_page(line)
                    if line.endswith(b"\n"):
                        read, taken, whole = page.read, taken + len(page.looked_up), whole + len(line)
                        continue
                break
            file.truncate(whole)
    except OSError as error:
        raise InputError(f"{draft} can't be read ({error.strerror}). Remove it to begin anew.") from error
    return read, taken


def _take(ready: Path, settings: Settings) -> None:
    """See a history taken in: by this process where no service runs, else by the service."""
    told = False
    while ready.exists():
        try:
            compose.take_history(settings)
        except StoreBusyError:
            if not told:
                print(
                    "The running service takes it in. It may be left to it: Ctrl-C ends the waiting only.", flush=True
                )
            told = True
            time.sleep(_PACE)
    refused = ready.with_suffix(REFUSED)
    if refused.exists():
        raise InputError(f"{refused} could not be taken in: it is damaged. Import again.")
