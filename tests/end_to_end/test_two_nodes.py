"""Two nodes of a cluster hand over to one service: verdicts wait for a registry, and the service is killed."""

import contextlib
import json
import signal
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from running import Client, Process, eventually, process
from servers.registry import Registry, Slow
from wazuh_home import dns_alert

CONFIG = """
data_dir = "{folder}/data"
learning.days = 0
wazuh.queue = "{queue}"
alerts.file = "{folder}/alerts.jsonl"
[registration]
deadline = {deadline}
servers = {{ com = "{registry}", net = "{registry}" }}
"""

Fields = dict[str, Any]


class Site:
    """The service's settings, its machine's own queue, and a registry that says nothing for an hour."""

    def __init__(self, folder: Path, queue: socket.socket, registry: Registry) -> None:
        self.folder = folder
        self._queue = queue
        self._registry = registry

    @contextlib.contextmanager
    def up(self, *, deadline: float = 1.0) -> Iterator[Process]:
        keys = {"queue": self._queue.getsockname(), "registry": self._registry.url, "deadline": deadline}
        with process(self.folder, CONFIG.format(folder=self.folder, **keys)) as service:
            yield service

    def in_file(self) -> dict[str, str]:
        """Domain → alert id of everything in the alert file."""
        lines = (self.folder / "alerts.jsonl").read_text().splitlines()
        return {alert["verdict"]["domain"]: alert["alert_id"] for alert in map(json.loads, lines)}

    def here(self) -> list[bytes]:
        """What came to the queue of the service's own machine."""
        heard = []
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(self._queue.recv(65_536))
        return heard


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with (
        tempfile.TemporaryDirectory(prefix="fs") as short,  # a socket's path is at most 107 bytes
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as queue,
        Registry() as registry,
    ):
        queue.bind(f"{short}/queue")
        queue.setblocking(False)
        registry.behaviour = Slow(3600)
        yield Site(tmp_path, queue, registry)


class Node:
    """A node's client: hands over, delivers, acknowledges with the next call."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.heard: list[Fields] = []
        self.pending = 0
        self._cursor = ""
        self._records = 0

    def events(self, *names: str) -> bytes:
        """Lines of this node's agent."""
        lines = []
        for name in names:
            self._records += 1
            agent = {"id": "007", "name": f"PC-{self.name}", "ip": "10.0.0.7"}
            computer = {"computer": f"PC-{self.name}"}
            at = time.time()  # noqa: TID251  # the service's clock is the machine's
            cluster = {"name": "hq", "node": self.name}
            lines.append(dns_alert(name, at=at, agent=agent, system=computer, record=self._records, cluster=cluster))
        return b"\n".join(lines)

    def call(self, client: Client, body: bytes = b"") -> bool:
        """One call; whether there is nothing more to come."""
        reply = client.get(f"/v1/wazuh/alerts?node={self.name}&cursor={self._cursor}", "POST", body)
        assert reply.status == 200, reply.body
        told = reply.json()
        self.heard += [json.loads(one.partition("->firstsight:")[2])["firstsight"] for one in told["deliver"]]
        assert all(one.startswith(f"1:[007] (PC-{self.name}) 10.0.0.7->firstsight:") for one in told["deliver"])
        self._cursor, self.pending = told["cursor"], told["pending"]
        return not told["deliver"] and not told["pending"]

    def collect(self, client: Client) -> None:
        """Collect until nothing more is to come."""
        eventually(lambda: self.call(client))

    def domains(self) -> dict[str, str]:
        """Domain → alert id; the same alert each time it came."""
        ids = {(fields["domain"], fields["alert_id"]) for fields in self.heard}
        assert len(ids) == len({domain for domain, _ in ids})
        return dict(ids)


def test_a_verdict_that_waited_leaves_through_the_node_of_its_event(site: Site) -> None:
    one, two = Node("one"), Node("two")
    with site.up() as service:
        assert not one.call(service.client, one.events("www.harbour.com", "www.microsoft.com"))
        assert not two.call(service.client, two.events("www.garden.net", "www.harbour.com"))
        assert (one.pending, two.pending) == (1, 1), "the registry has said nothing yet"
        for node in (one, two):
            node.collect(service.client)
        assert [set(node.domains()) for node in (one, two)] == [{"harbour.com"}, {"garden.net"}]
        (alert,) = one.heard
        assert (alert["missing"], alert["computer"], alert["source"]) == (["registration"], "PC-one", "node:one")
        eventually(lambda: len(site.in_file()) == 2)
        assert service.terminate() == 0
    assert site.here() == []
    assert site.in_file() == one.domains() | two.domains()


def test_killed_between_hand_over_and_delivery(site: Site) -> None:
    one, two = Node("one"), Node("two")
    with site.up(deadline=3.0) as service:
        body = one.events(*(f"a.harbour-{n}.com" for n in range(300)))
        one.call(service.client, body)
        two.call(service.client, two.events("www.garden.net"))
        assert [node.pending + len(node.heard) for node in (one, two)] == [300, 1]
        service.terminate(signal.SIGKILL)
    with site.up() as service:
        one.call(service.client, body)  # as if the answer had not come through
        eventually(lambda: service.client.get("/v1/alerts").json()["alerts"])
        service.terminate(signal.SIGKILL)  # decided, and not collected
    with site.up() as service:
        for node in (one, two):
            node.collect(service.client)
        eventually(lambda: len(site.in_file()) == 301)
        assert service.terminate() == 0
    assert set(one.domains()) == {f"harbour-{n}.com" for n in range(300)}
    assert set(two.domains()) == {"garden.net"}
    assert site.in_file() == one.domains() | two.domains()
    assert site.here() == []
    with contextlib.closing(sqlite3.connect(f"file:{site.folder}/data/firstsight.db?mode=ro", uri=True)) as database:
        assert database.execute("SELECT DISTINCT count, agents FROM domain").fetchall() == [(1, 1)]
