"""The site's exceptions: those of its file and those made by the verb or the API, in force together."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Protocol

import msgspec

from firstsight.core.alerts import Alert
from firstsight.core.deeds import By, Deed
from firstsight.core.document import Document, exception_document, preview_document
from firstsight.core.errors import InputError, StoreError
from firstsight.core.exception_words import account
from firstsight.core.exceptions import ExceptionRule, ExceptionRules
from firstsight.core.names import Name
from firstsight.core.preview import Preview
from firstsight.ports import NO_HITS, Changes, Clock, Hits, Store

PREVIEW_DAYS = 30
"""How far back a preview counts."""

_DAY = 86400.0
_PORTION = 500  # alerts weighed at once
_REST = 0.005  # seconds until the next ones: a thread that never rests takes the interpreter away from events
_MOST_DOMAINS = 1000  # that are looked for one by one
_MOST_ROWS = 1000
_MARK = "exceptions_file"
_NOBODY = By("")  # a file does not tell who wrote it


class Written(Protocol):
    """The exceptions file, read again when it changes."""

    @property
    def value(self) -> Sequence[ExceptionRule]:
        """What it last said that could be used."""
        ...

    def renew(self) -> None:
        """Read it again if it has changed."""
        ...

    def trouble(self) -> str | None:
        """A sentence while its newest version can't be used, else None."""
        ...


class Counted(NamedTuple):
    """An exception, and what it has held back."""

    rule: ExceptionRule
    hits: Hits


class Exceptions:
    """Says what is excepted, and changes what may be changed while it runs.

    Args:
        store: holds those that were made here, and the hits of all.
        clock: the time.
        written: the site's file; None where it has none.

    Raises:
        StoreError: the store can't be read.
    """

    def __init__(self, store: Store, clock: Clock, written: Written | None = None) -> None:
        self._store = store
        self._clock = clock
        self._written = written
        self._made = {rule.id: rule for rule in store.exceptions()}
        self._noted: Sequence[ExceptionRule] | None = None  # the file's, once the trail has them
        self._gather()

    def _gather(self) -> None:
        self._from_file = self._written.value if self._written is not None else ()
        self._all = {**self._made, **{rule.id: rule for rule in self._from_file}}
        self._rules = ExceptionRules(self._all.values())

    def matching(self, name: Name, agent: str, image: str) -> tuple[ExceptionRule, ...]:
        """The exceptions that are in force now and match (see ExceptionRules)."""
        if not self._all:
            return ()
        return self._rules.matching(name, agent, image, self._clock.now())

    def renew(self) -> None:
        """Take up the file if it has changed; what has come and gone is noted, a stop of the service in between."""
        if self._written is not None:
            self._written.renew()
            if self._written.value is not self._from_file:
                self._gather()
        if self._noted is not self._from_file:
            with suppress(StoreError):  # tried again by the next call
                self._note_file()
                self._noted = self._from_file

    def _note_file(self) -> None:
        now = self._clock.now()
        is_there = {rule.id: account(exception_document(rule, now=now)) for rule in self._from_file}
        was_there = msgspec.json.decode(self._store.mark(_MARK) or "{}", type=dict[str, str])
        if is_there != was_there:
            deed = _NOBODY.deed("exceptions_file", now, _changes(was_there, is_there))
            mark = msgspec.json.encode(is_there).decode()
            self._store.apply(Changes(marks={_MARK: mark}, deeds=[deed]))

    def trouble(self) -> str | None:
        """A sentence while the file's newest version can't be used, else None."""
        return None if self._written is None else self._written.trouble()

    def listed(self) -> list[Document]:
        """All of them, expired ones too: the file's first, in its order, then those made here, the oldest first.

        Raises:
            StoreError: the store can't be read.
        """
        rules = sorted(self._all.values(), key=lambda rule: (not rule.line, rule.line, rule.made or 0.0))
        return self._documents(rules)

    def counted(self) -> list[Counted]:
        """All of them, expired ones too.

        Raises:
            StoreError: the store can't be read.
        """
        return self._counted(self._all.values())

    def naming(self, name: Name) -> list[Counted]:
        """Those in force whose domain matches, whatever agent or program they ask for besides.

        Raises:
            StoreError: the store can't be read.
        """
        return self._counted(self._rules.naming(name, self._clock.now()))

    def find(self, exception_id: str) -> Counted | None:
        """One of them, perhaps expired; None where there is none of that id.

        Raises:
            StoreError: the store can't be read.
        """
        rule = self._all.get(exception_id)
        return None if rule is None else self._counted([rule])[0]

    def add(self, rule: ExceptionRule, by: By) -> Document:
        """Put an exception into force, in the place of one that matched and held back the same.

        Args:
            rule: the exception; an author who is named in it is kept beside who makes it.
            by: who makes it.

        Raises:
            InputError: the file has it already.
            StoreError: it can't be kept; nothing has changed.
        """
        self._not_of_the_file(rule.id)
        rule = replace(rule, author=by.who, on_behalf_of=rule.author)
        what = "exception_changed" if rule.id in self._made else "exception_added"
        self._store.keep_exception(rule, self._deed(by, what, rule))
        self._made[rule.id] = rule
        self._gather()
        return self._documents([rule])[0]

    def remove(self, exception_id: str, by: By) -> bool:
        """End an exception and forget it; False where there is none of that id.

        Raises:
            InputError: it stands in the file.
            StoreError: it can't be forgotten; nothing has changed.
        """
        self._not_of_the_file(exception_id)
        if exception_id not in self._made:
            return False
        self._store.drop_exception(exception_id, self._deed(by, "exception_removed", self._made[exception_id]))
        del self._made[exception_id]
        self._gather()
        return True

    def _deed(self, by: By, what: str, rule: ExceptionRule) -> Deed:
        now = self._clock.now()
        return by.deed(what, now, account(exception_document(rule, now=now)))

    def _counted(self, rules: Iterable[ExceptionRule]) -> list[Counted]:
        found = self._store.exception_hits()
        return [Counted(rule, found.get(rule.id, NO_HITS)) for rule in rules]

    def _documents(self, rules: Sequence[ExceptionRule]) -> list[Document]:
        now = self._clock.now()
        return [
            exception_document(rule, now=now, hits=hits.count, last_hit=hits.last)
            for rule, hits in self._counted(rules)
        ]

    def _not_of_the_file(self, exception_id: str) -> None:
        rule = self._all.get(exception_id)
        if rule is not None and rule.line:
            raise InputError(
                f"Exception {exception_id} stands in the exceptions file, line {rule.line}. Change it there; a running "
                f"service takes the file up by itself."
            )

    async def preview(self, rule: ExceptionRule) -> Document:
        """What an exception would have held back in the last `PREVIEW_DAYS` days, weighed in threads.

        Raises:
            StoreError: the store can't be read.
        """
        since = self._clock.now() - PREVIEW_DAYS * _DAY
        preview, store = Preview(rule, since), self._store
        alerts = await asyncio.to_thread(store.alerts_since, since)
        domains = await asyncio.to_thread(store.domains_of, rule.domain, _MOST_DOMAINS) if rule.domain else None
        after = 0
        while page := await asyncio.to_thread(self._weighed, preview, after, domains):
            after = page[-1][0]
            await asyncio.sleep(_REST)
        return preview_document(preview, since=since, alerts=alerts, most=_MOST_ROWS)

    def _weighed(self, preview: Preview, after: int, domains: Sequence[str] | None) -> list[tuple[int, Alert]]:
        """The next portion of alerts, weighed."""
        page = self._store.alerts(after=after, limit=_PORTION, domains=domains)
        for _, alert in page:
            preview.take(alert)
        return page


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """What has come, is otherwise and has gone, by id: their numbers, then themselves."""
    come = [now[key] for key in now if key not in before]
    changed = [now[key] for key in now if before.get(key, now[key]) != now[key]]
    gone = [before[key] for key in before if key not in now]
    counts = f"{len(come):,} added, {len(changed):,} changed, {len(gone):,} removed"
    signed = (f"{sign} {each}" for sign, found in (("+", come), ("~", changed), ("-", gone)) for each in found)
    return "; ".join([counts, *signed])
