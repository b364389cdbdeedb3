"""What a running service takes up from files that others replace: lists, the lesson, tokens, certificates, keys."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import structlog

from firstsight import compose, tables
from firstsight.core.errors import FirstsightError
from firstsight.core.lens import Lens
from firstsight.service import Service
from firstsight.settings import Settings

log = structlog.get_logger()

T = TypeVar("T")

_LOOK_SECONDS = 20.0
_FILES_SECONDS = 1.0


def takings(settings: Settings, service: Service) -> Iterator[Coroutine[Any, Any, None]]:
    """One task for each thing that is taken up; they go on until they are cancelled."""
    for path in settings.popular_files.values():
        yield _take_lists(settings, service, path)
    yield _take_lesson(settings, service)
    for source, path in compose.days_paths(settings).items():
        yield _take_days(source, path, service.lens)
    yield _take_files(service)


async def _take_lists(settings: Settings, service: Service, path: Path) -> None:
    """Take the popular lists anew where one was imported or fetched to `path` while we run."""
    lens, files, top = service.lens, settings.popular_files, settings.popular.top
    async for lists in _renewed(path, lambda: tables.popular_lists(files, lens.parser.parse, top)):
        lens.popular = lists
        log.info("popular_lists_taken", **{listing.name: len(listing) for listing in lists})


async def _take_lesson(settings: Settings, service: Service) -> None:
    """Take what `firstsight train` has learnt while we run."""
    looks, path = service.lens.looks, settings.lesson_path
    async for lesson in _renewed(path, lambda: tables.lesson(path, looks.model.table)):
        looks.teach(lesson)
        log.info("lesson_taken", places=len(lesson))


async def _take_days(source: str, path: Path, lens: Lens) -> None:
    """Take a list of domains' ages that was imported while we run."""
    async for days in _renewed(path, lambda: tables.day_list(path)):
        others = {name: kept for name, kept in lens.days.items() if name != source}
        lens.days = others if days is None else {**others, source: days}
        log.info("days_taken", source=source, domains=0 if days is None else len(days))


async def _renewed(path: Path, read: Callable[[], T]) -> AsyncIterator[T]:
    """What a file beside the store holds, each time that another process has replaced or removed it.

    Args:
        path: the file.
        read: reads it, in a thread; what can't be used leaves the old one in force.
    """
    stamp = _stamp(path)
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        before, stamp = stamp, _stamp(path)
        if stamp == before:
            continue
        try:
            found = await asyncio.to_thread(read)
        except FirstsightError as error:
            log.warning("not_taken", file=str(path), what=str(error))
        else:
            yield found


async def _take_files(service: Service) -> None:
    """Take tokens, certificates, keys and exceptions that were changed: a revoked token is refused within seconds."""
    while True:
        await asyncio.sleep(_FILES_SECONDS)
        service.access.renew()
        service.exceptions.renew()
        if service.intelligence is not None:
            service.intelligence.renew()


def _stamp(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None
