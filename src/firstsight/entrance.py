"""Who may come in: put together from the settings and an open store. A part of compose."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from firstsight.access.access import Access
from firstsight.access.certificate import Certificate
from firstsight.access.desk import Desk
from firstsight.access.id_token import need_library
from firstsight.access.keys import read_key
from firstsight.access.machines import Machines
from firstsight.access.peers import Peers
from firstsight.access.people import People, Role
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.sign_on import SignOn, Wanted
from firstsight.access.tokens import read_tokens
from firstsight.lookups.http import HttpClient
from firstsight.lookups.provider import ANSWER_MOST, Provider
from firstsight.lookups.way_out import WayOut
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
        user_agent: what an identity provider is told that we are.
        way_out: makes the way to it.

    Raises:
        InputError: a file that they name, or what they need, can't be used.
    """

    def __init__(self, settings: Settings, clock: Clock, *, user_agent: str, way_out: Callable[[], WayOut]) -> None:
        tls, path = settings.tls, Path(settings.auth.token_file)
        self._clock = clock
        self._peers = Peers(settings.web.trusted_proxies)
        self._file = Renewed(lambda: read_tokens(path), path) if settings.auth.token_file else None
        self._certificate = Certificate(Path(tls.cert), Path(tls.key), clock) if tls.cert else None
        self._others = bool(not settings.loopback or settings.web.trusted_proxies or self._file)
        self._oidc = settings.oidc
        self._sign_on = _sign_on(settings, clock, user_agent, way_out) if settings.oidc.issuer else None

    def access(self, database: Database) -> Access:
        """The access to a service on an open store."""
        return Access(
            Refusals(self._clock),
            self._peers,
            Machines(SqliteTokens(database), self._clock, self._file),
            People(SqlitePeople(database), self._clock, issuer=self._oidc.issuer, passwords=self._oidc.local_login),
            SqliteTrail(database),
            others=self._others,
            certificate=self._certificate,
            sign_on=self._sign_on,
        )


def _sign_on(settings: Settings, clock: Clock, user_agent: str, way_out: Callable[[], WayOut]) -> SignOn:
    need_library()
    oidc, url = settings.oidc, settings.web.public_url
    path = Path(oidc.client_secret_file)
    key = None
    if oidc.client_secret_file:
        key = Renewed(lambda: read_key(path, "oidc.client_secret_file", "nobody can log in by [oidc]"), path)
    redirect_uri = f"{url}/login/oidc/callback"
    provider = Provider(
        oidc.issuer,
        oidc.client_id,
        redirect_uri,
        # Whom the settings name is asked with `[http] offline` too: that is about names that endpoints ask for.
        HttpClient(user_agent, max_bytes=ANSWER_MOST, max_redirects=0, way_out=way_out(), connections=4),
        clock,
        secret=None if key is None else lambda: key.value.text,
    )
    wanted = Wanted(
        name=oidc.name or urlsplit(oidc.issuer).hostname or "",
        client_id=oidc.client_id,
        redirect_uri=redirect_uri,
        log_in=f"{url}/login",
        scopes=tuple(oidc.scopes),
        name_claim=oidc.name_claim,
        role_claim=oidc.role_claim,
        roles={value: Role(role) for value, role in oidc.roles.items()},
    )
    return SignOn(provider, wanted, clock, key)


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
