"""`firstsight train`: what this site's own ordinary names teach the randomness model."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.files import replaced
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError
from firstsight.core.lesson import ENOUGH, Flagged, flagged, learn, made_up
from firstsight.core.namemodel import NameModel, SiteTable
from firstsight.core.randomness import scored_label
from firstsight.core.times import rfc3339
from firstsight.settings import Settings, load
from firstsight.store.sqlite import SqliteStore

_DAY = 86400.0
_PORTION = 1000
_MOST_BYTES = 64 * 1024 * 1024


def run(file: Path | None, config: Path | None, *, agents: int, days: int, reset: bool) -> int:
    """Learn from a file's names, or from the store's; say what it changes, and put it beside the store.

    Args:
        file: ordinary names, one a line; None takes them from the store.
        config: the settings file.
        agents: a domain of the store is ordinary when so many agents have asked for it,
        days: and when it was first seen so many days ago.
        reset: forget what was learnt instead.

    Raises:
        FirstsightError: there is nothing to learn from; what was learnt before stays.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    if reset:
        noted(settings, "trained", "made to forget")
        _forget(settings.lesson_path)
        print("What this site had taught is forgotten; a running service goes back to the shipped model in a minute.")
        return 0
    parser, dynamic_dns = tables.name_parser(settings.names.internal), tables.dynamic_dns()
    names = _domains(settings, agents, days) if file is None else _lines(file)
    labels = sorted({scored_label(parser.parse(name), dynamic_dns) for name in names} - {""})
    if len(labels) < ENOUGH:
        raise InputError(
            f"{len(labels)} distinct names are too few to learn from; {ENOUGH} are needed. Wait until more domains "
            f"have been seen, lower --agents or --days, or give a file of ordinary names, one a line."
        )
    table = tables.name_model()
    _tell_halves(NameModel(table), labels)
    lesson = learn(table, labels)
    if not lesson:
        print("There is nothing to learn: no runs of letters are common to what looks machine-made here.")
        return 0
    _tell(NameModel(table), NameModel(table, lesson), "machine-made names found", made_up())
    site = SiteTable(rfc3339(SystemClock.now()) or "", len(labels), table.identity(), lesson)
    noted(settings, "trained", f"{len(labels):,} names")
    with replaced(settings.lesson_path) as out:
        out.write(msgspec.json.encode(site))
    print(f"{settings.lesson_path} holds it; a running service takes it up in a minute. `--reset` undoes it.")
    return 0


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{path} can't be removed ({error.strerror}). Run this as the user who runs firstsight."
        ) from error


def _tell_halves(before: NameModel, labels: list[str]) -> None:
    """What learning from one half of the names does for the other half, which is how it will do for names to come."""
    learnt_from, others = labels[0::2], labels[1::2]
    after = NameModel(before.table, learn(before.table, learnt_from))
    print(f"{len(labels):,} ordinary names of this site. Learning from one half of them, measured on the other:")
    _tell(before, after, "ordinary names flagged", others)


def _tell(before: NameModel, after: NameModel, what: str, labels: list[str]) -> None:
    was, will_be = flagged(before, labels), flagged(after, labels)
    for mark in Flagged.__slots__:
        print(f"  {what:26} {mark:7} {getattr(was, mark):8.2%} before, {getattr(will_be, mark):8.2%} after")


def _lines(file: Path) -> Iterator[str]:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InputError(f"The file {file} is larger than {_MOST_BYTES:,} bytes. Give the names of this site only.")
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The file {file} can't be read: {error}. Nothing was learnt.") from error
    yield from text.splitlines()


def _domains(settings: Settings, agents: int, days: int) -> Iterator[str]:
    clock = SystemClock()
    store = SqliteStore(settings.store_path, clock)
    try:
        before, after = clock.now() - days * _DAY, ""
        while page := store.page(after, _PORTION):
            after = page[-1][0]
            yield from (
                domain
                for domain, seen in page
                if seen.agents >= agents and seen.first is not None and seen.first <= before
            )
    finally:
        store.close()
