"""An OTX on loopback that knows one domain of the story: answers of its section `general`."""

from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from firstsight.demo.player import Player


class OtxPlayer(Player):
    """Serves `GET /api/v1/indicators/{section}/{name}/general`.

    Args:
        known: name → the title of the pulse that names it, and when that was published, seconds since the epoch.
    """

    def __init__(self, known: Mapping[str, tuple[str, float]]) -> None:
        super().__init__("/api/v1/indicators/{section}/{name}/general", self._general)
        self._known = known

    async def _general(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        pulses = [_pulse(*self._known[name])] if name in self._known else []
        about = {"count": len(pulses), "pulses": pulses, "references": []}
        return web.json_response({"indicator": name, "validation": [], "pulse_info": about})


def _pulse(title: str, published: float) -> dict[str, object]:
    at = datetime.fromtimestamp(published, UTC).replace(tzinfo=None).isoformat()
    return {
        "id": "6a1c0ffee0000000000d3m0",
        "name": title,
        "author": {"username": "AlienVault"},
        "created": at,
        "modified": at,
        "tags": ["phishing"],
        "adversary": "",
        "malware_families": [],
        "attack_ids": [{"id": "T1566.001"}],
        "TLP": "white",
        "indicator_count": 37,
    }
