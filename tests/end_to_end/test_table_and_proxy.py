"""A service that knows its registries from a downloaded table, and reaches them through a proxy."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from running import InThread, eventually, running
from servers.proxy import Proxy
from servers.registry import Answer, Registry, Status


def table(**servers: str) -> Status:
    services = [[[suffix], [url]] for suffix, url in servers.items()]
    return Status(200, json.dumps({"services": services}).encode(), headers={"ETag": '"1"'})


async def off_the_loop(work: Callable[[], Any]) -> Any:
    """Wait for what waits for the servers of this loop."""
    return await asyncio.to_thread(work)


def registration(service: InThread, name: str) -> dict[str, Any]:
    found: dict[str, Any] = service.get(f"/v1/domains/{name}?wait=10").json()["registration"]
    return found


async def test_ages_through_a_proxy_by_a_downloaded_table(tmp_path: Path) -> None:
    async with Registry() as registry, Proxy({"rdap.registry.com": registry.port}, login="user:hunter2") as proxy:
        registry.domains["kestrelvale.com"] = Answer(registered="2020-01-02T03:04:05Z")
        registry.domains["/dns.json"] = table(
            com="http://rdap.registry.com/", net="http://10.0.0.7/", org="http://127.0.0.1:1/", dev="http://rdap.lan/"
        )
        keys = {
            "http": {"proxy": proxy.url},
            "registration": {"bootstrap": f"{registry.url}dns.json", "rate": 1000, "burst": 1000},
            "names": {"internal": ["corp.example.com"]},
        }
        with running(tmp_path, **keys) as service:
            renewal = service.parts.renewal
            assert renewal is not None
            await off_the_loop(lambda: eventually(lambda: service.do(lambda: not renewal.due())))
            known = await off_the_loop(lambda: registration(service, "www.kestrelvale.com"))
            assert (known["state"], known["registered"]) == ("known", "2020-01-02T03:04:05Z")
            for name in ("garden.net", "garden.org", "garden.dev"):
                refused = await off_the_loop(lambda name=name: registration(service, name))  # type: ignore[misc]
                assert refused["reason"] == "blocked_address", name
        assert proxy.asked == ["GET http://rdap.registry.com/domain/kestrelvale.com"]

        # Kept over a restart, though it can't be had any more.
        registry.domains["/dns.json"] = Status(500)
        (tmp_path / "data" / "firstsight.db").unlink()
        (tmp_path / "data" / "firstsight.db.made").unlink()
        with running(tmp_path, **keys) as service:
            again = await off_the_loop(lambda: registration(service, "kestrelvale.com"))
            assert again["state"] == "known"
        assert registry.count("/dns.json") == 1, "it is a week's"
