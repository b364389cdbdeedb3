"""The composition of what is fetched from outside: the way out, and lists. A part of `compose`."""

from collections.abc import Callable

from firstsight import __version__
from firstsight.core.names import Kind, Name
from firstsight.lookups.http import HttpClient
from firstsight.lookups.popular import MOST_PACKED, PopularFetch
from firstsight.lookups.way_out import WayOut
from firstsight.ports import Clock
from firstsight.settings import Settings

USER_AGENT = f"firstsight/{__version__} (DNS first-sight monitor; registration age of newly seen domains)"
"""What we say we are."""


def way_out(settings: Settings, parse: Callable[[str], Name]) -> WayOut:
    """How the Internet is reached.

    Raises:
        InputError: `[http] ca_file` can't be used.
    """
    return WayOut(
        settings.http.proxy,
        no_proxy=settings.http.no_proxy,
        ca_file=settings.http.ca_file,
        outside=lambda host: parse(host).kind is Kind.PUBLIC,
    )


def popular_fetch(
    settings: Settings, clock: Clock, parse: Callable[[str], Name], way_out: Callable[[], WayOut]
) -> PopularFetch | None:
    """What renews the popular list; None where none is fetched."""
    popular = settings.popular
    if not popular.url or not popular.top or settings.http.offline:
        return None
    return PopularFetch(list_client(way_out()), popular.url, settings.fetched_popular_path, parse, popular.top, clock)


def list_client(way_out: WayOut) -> HttpClient:
    """What fetches lists, of popular domains and of domains' ages."""
    return HttpClient(USER_AGENT, max_bytes=MOST_PACKED, way_out=way_out)
