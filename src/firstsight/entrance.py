"""Who may come in: put together from the settings and an open store. A part of compose."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from firstsight.access.access import Access
from firstsight.access.certificate import Certificate
from firstsight.access.desk import Desk
from firstsight.access.machines import Machines
from firstsight.access.peers import Peers
from firstsight.access.people import People
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import read_tokens
from firstsight.ports import Clock
from firstsight.settings import Settings
from firstsight.store.database import Database
from firstsight.store.machines import SqliteTokens
from firstsight.store.people import SqlitePeople
from firstsight.store.trail import SqliteTrail


class Entrance:
    """What the settings say of it, read before the store is opened and locked.

    Args:
        settings: the settings.
        clock: the time.

    Raises:
        InputError: a file that they name can't be used.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        tls, path = settings.tls, Path(settings.auth.token_file)
        self._clock = clock
        self._peers = Peers(settings.web.trusted_proxies)
        self._file = Renewed(lambda: read_tokens(path), path) if settings.auth.token_file else None
        self._certificate = Certificate(Path(tls.cert), Path(tls.key), clock) if tls.cert else None
        self._others = bool(not settings.loopback or settings.web.trusted_proxies or self._file)

    def access(self, database: Database) -> Access:
        """The access to a service on an open store."""
        return Access(
            Refusals(self._clock),
            self._peers,
            Machines(SqliteTokens(database), self._clock, self._file),
            People(SqlitePeople(database), self._clock),
            SqliteTrail(database),
            others=self._others,
            certificate=self._certificate,
        )


@contextmanager
def desk_of(store: Path, clock: Clock) -> Iterator[Desk]:
    """The desk of a store that no service holds.

    Raises:
        StoreBusyError: one does.
        StoreError: the store can't be used.
    """
    database = Database(store)
    try:
        yield Desk(
            Machines(SqliteTokens(database), clock),
            People(SqlitePeople(database), clock),
            SqliteTrail(database),
            clock,
        )
    finally:
        database.close()
