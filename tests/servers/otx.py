"""An OTX on loopback: a registry's server that is asked by OTX' paths.

async with Otx() as otx:
    otx.domains["evil.com"] = general("evil.com", pulse())
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from dns_events import AT
from servers.registry import Registry, Status

DAY = 86400


class Otx(Registry):
    """Answers `/api/v1/indicators/{hostname|domain}/{name}/general`; knows nothing of any name unless told."""

    def __init__(self) -> None:
        super().__init__()
        self.default = general("")

    def name_in(self, path: str) -> str:
        return path.removesuffix("/general").rpartition("/")[2]


def pulse(
    name: str = "Lures of a courier",
    author: str = "AlienVault",
    *,
    days: float = 30,
    now: float = AT,
    indicators: int = 40,
    **more: Any,
) -> dict[str, Any]:
    """A pulse as OTX lists it, changed so many days ago."""
    changed = datetime.fromtimestamp(now - days * DAY, UTC).replace(tzinfo=None).isoformat()
    return {
        "id": sha256(f"{name} {author}".encode()).hexdigest()[:24],
        "name": name,
        "description": "",
        "modified": changed,
        "created": changed,
        "tags": ["courier", "phishing"],
        "references": [],
        "public": 1,
        "adversary": "",
        "malware_families": [],
        "attack_ids": [{"id": "T1566", "name": "Phishing", "display_name": "T1566 - Phishing"}],
        "TLP": "green",
        "author": {"username": author, "id": "2", "is_subscribed": False},
        "indicator_type_counts": {"domain": indicators},
        "indicator_count": indicators,
    } | more


def document(indicator: str, *pulses: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A `general` section."""
    about = {"count": len(pulses), "pulses": list(pulses), "references": [], "related": {}}
    return {
        "sections": ["general", "geo", "url_list", "passive_dns", "malware", "whois", "http_scans"],
        "indicator": indicator,
        "type": "domain",
        "validation": [],
        "base_indicator": {},
        "pulse_info": about,
        "false_positive": [],
    } | more


def general(indicator: str, *pulses: dict[str, Any], **more: Any) -> Status:
    """The answer that holds it."""
    return Status(200, json.dumps(document(indicator, *pulses, **more)).encode(), "application/json")
