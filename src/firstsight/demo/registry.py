"""A registry on loopback that knows the scenario's domains: RDAP over HTTP (RFC 7480, 9082), answers of RFC 9083."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from firstsight.demo.chance import chance
from firstsight.demo.player import Player

_MEDIA_TYPE = "application/rdap+json"
_CONFORMANCE = ["rdap_level_0"]


class RegistryPlayer(Player):
    """Serves `GET /domain/{name}` on a free port of 127.0.0.1. Use it with `async with`, or start and stop it.

    Args:
        registrations: registered domain → (registered, expires), seconds since the epoch UTC.
        slowest: the longest an answer takes, seconds; each domain has its own delay below it.
        seed: another seed, other delays.
    """

    def __init__(
        self, registrations: Mapping[str, tuple[float, float]], *, slowest: float = 0.25, seed: int = 7
    ) -> None:
        super().__init__("/domain/{name}", self._domain)
        self._registrations = registrations
        self._slowest = slowest
        self._seed = seed
        self.asked = 0
        """Questions answered so far."""

    async def _domain(self, request: web.Request) -> web.Response:
        name = request.match_info["name"].lower().rstrip(".")
        await asyncio.sleep(chance(self._seed, name).uniform(0, self._slowest))
        self.asked += 1
        dates = self._registrations.get(name)
        if dates is None:
            return web.json_response(_not_found(name), status=404, content_type=_MEDIA_TYPE)
        return web.json_response(_found(name, dates, str(request.url)), content_type=_MEDIA_TYPE)


def _found(name: str, dates: tuple[float, float], url: str) -> dict[str, object]:
    """The answer for a domain that is registered (RFC 9083 5.3)."""
    registered, expires = dates
    return {
        "rdapConformance": _CONFORMANCE,
        "objectClassName": "domain",
        "handle": f"{chance(name, 'handle').getrandbits(32):08X}-LARKSPUR",
        "ldhName": name,
        "links": [{"value": url, "rel": "self", "href": url, "type": _MEDIA_TYPE}],
        "status": ["active"],
        "events": [
            {"eventAction": "registration", "eventDate": _date(registered)},
            {"eventAction": "expiration", "eventDate": _date(expires)},
        ],
    }


def _not_found(name: str) -> dict[str, object]:
    """The answer for a domain that nobody has (RFC 9083 6)."""
    return {
        "rdapConformance": _CONFORMANCE,
        "errorCode": 404,
        "title": "Not Found",
        "description": [f"No domain {name} is registered here."],
    }


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
