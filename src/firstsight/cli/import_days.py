"""`firstsight import nrd|isc|known-since FILE`: lists that say something of domains' ages."""

import heapq
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import IO, BinaryIO
from urllib.parse import urlsplit

from firstsight import compose, tables
from firstsight.cli.desk import noted
from firstsight.cli.downloads import is_url, opened
from firstsight.cli.files import replaced
from firstsight.clock import SystemClock
from firstsight.core.daylist import MAGIC, RECORD, day_of, one_each, record
from firstsight.core.errors import InputError
from firstsight.core.evidence import ISC, KNOWN_SINCE, NRD
from firstsight.core.isc_answer import read_feed
from firstsight.core.names import Kind, Name
from firstsight.lookups.unpacked import UNREADABLE, unpacked
from firstsight.settings import load

_EPOCH = date(1970, 1, 1)
_KEPT_DAYS = 30  # of NRD lists: what is older is new no more
_AHEAD = timedelta(days=1)  # it is tomorrow already where some lists are made
_AT_ONCE = 500_000  # records sorted in memory
_LONGEST = 4096  # bytes of a line
_MOST_JSON = 1 << 30
_DATE = re.compile(r"(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])")
_WORDS = {
    NRD: "newly registered domains",
    ISC: "domains that SANS ISC has met",
    KNOWN_SINCE: "domains that were there by then",
}


def run(source: str, listed: Path | str, day: str | None, span: int, config: Path | None) -> int:
    """Add a list to what is known of its kind; in one step, the old stays until the new is whole.

    Args:
        source: `NRD`, `ISC` or `known-since`.
        listed: the list; plain, .gz or .zip; a file, or an http or https URL.
        day: the list's date, YYYY-MM-DD; else by its name, or by its lines.
        span: days that the list covers, up to its date: its domains count as of the first of them.
        config: the settings file.

    Raises:
        FirstsightError: the list can't be used; nothing is changed.
    """
    settings = load(config)
    compose.prepare_folder(settings.data_dir)
    parse, origin = tables.name_parser(settings.names.internal).parse, str(listed)
    target = settings.days_path(source)
    today = datetime.fromtimestamp(SystemClock.now(), UTC).date()
    given = _given(day, origin, today)
    span_begins = given - timedelta(days=span - 1) if given else None
    oldest = (today - _EPOCH).days - _KEPT_DAYS if source == NRD else 0
    taken = _Taken(parse, span_begins, (oldest, (today + _AHEAD - _EPOCH).days), origin)
    with (
        closing(opened(origin, settings, parse)) as file,
        tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="import-") as scratch,
        replaced(target) as out,
        ExitStack() as open_runs,
    ):
        before = tables.day_list(target)
        rows = _isc_rows(file, origin) if source == ISC else _rows(file, origin)
        paths = _sorted_runs(taken.records(rows), Path(scratch))
        runs = [_records(open_runs.enter_context(path.open("rb"))) for path in paths]
        old = before.records() if before is not None else iter(())
        out.write(MAGIC)
        kept = 0
        for found in one_each(heapq.merge(old, *runs), latest=source == NRD):
            if day_of(found) >= oldest:
                out.write(found)
                kept += 1
        if not taken.good and not taken.old:
            raise InputError(
                f"{origin} holds no registered domain with a day that can be ({taken.bad:,} other lines); nothing of "
                f"it was taken. It should hold one domain a line."
            )
    noted(settings, "imported", source.lower())
    old_ones = f"; {taken.old:,} are older than {_KEPT_DAYS} days, and new no more" if taken.old else ""
    print(
        f"{taken.good:,} {_WORDS[source]} taken from {origin}{old_ones}; {taken.bad:,} other lines are left out. "
        f"{target} holds {kept:,} now; a running service reads it within a minute."
    )
    return 0


class _Taken:
    """What is taken of a list's rows.

    Args:
        parse: says what a name is.
        usual: the day of rows that have none of their own.
        days: the first and the last that are taken, days since the epoch.
        origin: where they come from, for errors.

    Attributes:
        good: rows that were taken.
        old: rows of days before the first that is taken.
        bad: other rows.
    """

    def __init__(self, parse: Callable[[str], Name], usual: date | None, days: tuple[int, int], origin: str) -> None:
        self._parse = parse
        self._usual = usual
        self._first, self._last = days
        self._origin = origin
        self.good = self.old = self.bad = 0

    def records(self, rows: Iterable[tuple[str, date | None]]) -> Iterator[bytes]:
        """Records of those rows that name a registered domain itself: no suffix (`co.uk`), no host name below one.

        A day that is still to come proves nothing, and would keep a domain new until then: such a row is bad.

        Raises:
            InputError: a row has no day, and nobody says of which day the list is.
        """
        for text, own in rows:
            name = self._parse(text)
            if name.kind is not Kind.PUBLIC or name.fqdn != name.registered or "*" in name.fqdn:
                self.bad += 1
                continue
            day = own or self._usual
            if day is None:
                raise InputError(
                    f"Of which day is {self._origin}? Neither its name nor its lines say so: give `--date YYYY-MM-DD`. "
                    f"Nothing of it was taken."
                )
            number = (day - _EPOCH).days
            if not 0 <= number <= self._last:
                self.bad += 1
                continue
            if number < self._first:
                self.old += 1
                continue
            self.good += 1
            yield record(name.registered, number)


def _given(day: str | None, origin: str, today: date) -> date | None:
    """The list's day, as it is given, or else as its name has it.

    Raises:
        InputError: it is none, or still to come.
    """
    try:
        found = date.fromisoformat(day) if day is not None else _day_in(_name_of(origin))
    except ValueError:
        raise InputError(f"--date {day}: give a day as 2026-11-24.") from None
    if found is not None and found > today + _AHEAD:
        whose = "--date" if day is not None else f"By its name {origin}"
        raise InputError(
            f"{whose} is of {found}, which is still to come. Give the day of the list as `--date YYYY-MM-DD`. Nothing "
            f"of it was taken."
        )
    return found


def _name_of(origin: str) -> str:
    return Path(urlsplit(origin).path if is_url(origin) else origin).name


def _day_in(name: str) -> date | None:
    found = _DATE.search(name)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _rows(file: IO[bytes], origin: str) -> Iterator[tuple[str, date | None]]:
    """(domain, its own day) of each line: `domain`, `rank,domain`, `domain,YYYY-MM-DD`; `#` begins a comment."""
    with _readable(file, origin) as stream:
        while line := stream.readline(_LONGEST):
            text = line.decode("utf-8", "replace").lstrip("\ufeff").partition("#")[0]
            fields = [field.strip().strip('"') for field in re.split(r"[,;\t]", text)]
            name = next((field for field in fields if "." in field), "")
            if name:
                yield name, next((day for field in fields if (day := _iso(field)) is not None), None)


def _isc_rows(file: IO[bytes], origin: str) -> Iterator[tuple[str, date | None]]:
    with _readable(file, origin) as stream:
        body = stream.read(_MOST_JSON + 1)
    if len(body) > _MOST_JSON:
        raise InputError(f"{origin} unpacks to more than {_MOST_JSON:,} bytes. Nothing of it was taken.")
    try:
        yield from read_feed(body)
    except InputError as error:
        raise InputError(
            f"{origin} is not SANS ISC's domaindata.json: {error} Get it from https://isc.sans.edu/feeds/ again."
        ) from error


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if len(text) >= len("2026-11-24") else None
    except ValueError:
        return None


@contextmanager
def _readable(file: IO[bytes], origin: str) -> Iterator[IO[bytes]]:
    try:
        with unpacked(file, largest=True) as stream:
            yield stream
    except UNREADABLE as error:
        raise InputError(f"{origin} can't be read: {error}. Nothing of it was taken.") from error


def _sorted_runs(records: Iterator[bytes], folder: Path) -> Iterator[Path]:
    """Files of sorted records, so that no list is too long for memory."""
    full = True
    number = 0
    while full:
        held = [found for _, found in zip(range(_AT_ONCE), records, strict=False)]
        full = len(held) == _AT_ONCE
        if held:
            path = folder / str(number)
            path.write_bytes(b"".join(sorted(held)))
            number += 1
            yield path


def _records(stream: BinaryIO) -> Iterator[bytes]:
    while found := stream.read(RECORD):
        yield found
