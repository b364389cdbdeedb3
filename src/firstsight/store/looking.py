"""Everything that a store knows of a domain, read beside whoever writes it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from firstsight.core.alerts import Alert
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Intel, Registration
from firstsight.core.indicators import indicators_of
from firstsight.core.names import Name
from firstsight.core.verdict import Seen
from firstsight.ports import Answer, Hits
from firstsight.store import exceptions
from firstsight.store.alerts import Alerts
from firstsight.store.beside import beside
from firstsight.store.domains import Domains, Unresolved
from firstsight.store.holdings import Holdings, holdings
from firstsight.store.hosts import Hosts
from firstsight.store.key_marks import key_marks
from firstsight.store.questions import Questions
from firstsight.store.views import DOMAIN

_AT_HAND = 1000
_NEVER = Seen()


@dataclass(frozen=True, slots=True)
class FirstAsker:
    """Who asked for a domain first; empty where that is not known (any more)."""

    agent: str = ""
    image: str = ""
    user: str = ""


_NOBODY = FirstAsker()


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept of a name's domain.

    Attributes:
        seen: its sightings.
        in_vain: what was asked in vain, if anything was.
        first: who asked first.
        hosts: host names under it.
        more_hosts: there were more than are kept.
        alerts: its alerts, the newest first.
        answer: what its registry said, fresh or not.
        intel: what threat intelligence said of it and of the host name, fresh or not, by name.
    """

    seen: Seen = _NEVER
    in_vain: Unresolved | None = None
    first: FirstAsker = _NOBODY
    hosts: tuple[str, ...] = ()
    more_hosts: bool = False
    alerts: tuple[Alert, ...] = ()
    answer: Answer[Registration] | None = None
    intel: dict[str, Answer[Intel]] = field(default_factory=dict)


class Look:
    """Looks into a store.

    Args:
        connection: a connection that can't write.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._domains = Domains(connection, _AT_HAND)
        self._hosts = Hosts(connection, _AT_HAND)
        self._alerts = Alerts(connection, (), ())
        self._questions = Questions(connection)

    def at(self, name: Name) -> Found:
        """What is kept of a name's domain, as of the last flush: counts may lag behind by half a minute."""
        answer = self._questions.answers([name.registered]).get(name.registered) if name.registered else None
        intel = self._questions.intel(indicators_of(name))
        domain = self._domains.find([name.registrable]).get(name.registrable)
        if domain is None:
            return Found(answer=answer, intel=intel)
        hosts, more = self._hosts.of(domain)
        return Found(
            seen=domain.seen(),
            in_vain=domain.unresolved,
            first=self._first(domain.name),
            hosts=tuple(hosts),
            more_hosts=more,
            alerts=tuple(self._alerts.of(domain.name)),
            answer=answer,
            intel=intel,
        )

    def exceptions(self) -> list[ExceptionRule]:
        """Exceptions made by the verb or the API, expired ones too."""
        return exceptions.stored(self._connection)

    def exception_hits(self) -> dict[str, Hits]:
        """What exceptions have held back, by id."""
        return exceptions.hits(self._connection)

    def holdings(self) -> Holdings:
        """What is held of people's names."""
        return holdings(self._connection)

    def key_marks(self) -> list[tuple[str, float]]:
        """By which keys pseudonyms have come here, and since when."""
        return key_marks(self._connection)

    def _first(self, domain: str) -> FirstAsker:
        _, *first = self._connection.execute(DOMAIN, (domain,)).fetchone()
        return FirstAsker(*first)


@contextmanager
def looking(path: Path) -> Iterator[Look]:
    """Look into a store; it is read only, and nothing holds it up.

    Raises:
        StoreError: see `beside`.
    """
    with beside(path) as connection:
        yield Look(connection)
