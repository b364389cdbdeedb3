"""The composition of registries: settings in, whom to ask for ages out. A part of `compose`."""

from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from firstsight import tables
from firstsight.lookups.ages import Ages
from firstsight.lookups.bootstrap import Bootstrap
from firstsight.lookups.http import HttpClient
from firstsight.lookups.isc import Isc
from firstsight.lookups.offline import Offline
from firstsight.lookups.polite import Limits
from firstsight.lookups.rdap import Rdap
from firstsight.lookups.renewal import Renewal
from firstsight.lookups.way_out import WayOut
from firstsight.lookups.whois import Whois, parse_servers
from firstsight.ports import Clock, Registry
from firstsight.settings import Settings


def registries(
    settings: Settings,
    clock: Clock,
    limits: Limits,
    *,
    user_agent: str,
    way_out: Callable[[], WayOut],
    flights: int,
) -> tuple[Registry, Renewal | None]:
    """Whom to ask for ages, and what keeps the table of them up to date; None where it is fixed.

    Args:
        settings: the settings.
        clock: the time.
        limits: the pace of each server.
        user_agent: what we say we are.
        way_out: makes the way to the Internet; not called where nobody outside may be asked.
        flights: questions under way at once.

    Raises:
        InputError: a table, or a server that the settings name, can't be used.
    """
    if settings.http.offline:
        return Offline(), None
    registration = settings.registration
    url = registration.bootstrap if "://" in registration.bootstrap else ""
    file = "" if url else registration.bootstrap
    if file:
        bootstrap = Bootstrap.parse(*tables.rdap_servers(file), own=registration.servers, trusted=True)
    else:
        bootstrap = Bootstrap(_shipped().servers, own=registration.servers, dated=_shipped().dated)
    out = way_out()
    http = HttpClient(user_agent, way_out=out, connections=flights)
    rdap = Rdap(bootstrap, http, clock, limits, registration.deadline)
    whois = isc = None
    if settings.whois.enabled:
        servers = parse_servers(tables.whois_servers(), settings.whois.servers)
        whois = Whois(servers, clock, limits, out, deadline=registration.deadline)
    if settings.isc.enabled:
        isc = Isc(settings.isc.url, http, clock, limits, registration.deadline)
    ages = Ages(rdap, whois, isc)
    if not url:
        return ages, None
    renewal = Renewal(
        url,
        http,
        clock,
        settings.rdap_table_path,
        shipped=bootstrap.servers,
        own=registration.servers,
        take=rdap.take,
    )
    renewal.load()
    return ages, renewal


def registry_hosts(settings: Settings) -> set[str | None]:
    """Hosts of those who may be asked for ages, by the shipped tables and the settings; and of who has the table.

    Raises:
        InputError: a WHOIS server that the settings name can't be used.
    """
    registration = settings.registration
    urls = {*_shipped().servers.values(), *registration.servers.values(), registration.bootstrap}
    if settings.isc.enabled:
        urls.add(settings.isc.url)
    hosts = {urlsplit(url).hostname for url in urls}
    if settings.whois.enabled:
        hosts |= {server.host for server in parse_servers(tables.whois_servers(), settings.whois.servers).values()}
    return hosts


@cache
def _shipped() -> Bootstrap:
    """The shipped RDAP servers: a start needs them twice, and reading them is a good part of it."""
    return Bootstrap.parse(*tables.rdap_servers(""))
