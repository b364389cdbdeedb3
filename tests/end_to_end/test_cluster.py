"""A cluster as it is run: one service over TLS, nodes with `firstsight forward`, one with the integration script."""

import contextlib
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from node_home import NodeHome
from other_machines import CA, LOOPBACK, OWN, issue
from running import Process, eventually, process
from tokens_of_tests import line, token_file
from wazuh_home import WazuhHome, dns_alert

CONFIG = """
data_dir = "{folder}/data"
learning.days = 0
http.offline = true
[auth]
token_file = "{folder}/tokens"
[tls]
cert = "{folder}/cert"
key = "{folder}/key"
"""


class Node:
    """A manager with its log and its queue; its agent asks for names of its own."""

    def __init__(self, name: str, home: NodeHome, log: WazuhHome) -> None:
        self.name, self.home, self.log = name, home, log
        self.asked: list[str] = []

    def alert(self) -> bytes:
        """The next event of its agent, as Wazuh writes it."""
        number = len(self.asked) + 1
        self.asked.append(f"www.{self.name}-{number}.com")
        return dns_alert(
            self.asked[-1],
            at=time.time(),  # noqa: TID251  # the service's clock is the machine's
            agent={"id": "007", "name": f"PC-{self.name}", "ip": "10.0.0.7"},
            system={"computer": f"PC-{self.name}"},
            record=number,
            cluster={"name": "hq", "node": self.name},
        )

    def write(self, count: int) -> None:
        self.log.write(*(self.alert() for _ in range(count)))

    def all_came(self) -> bool:
        """Whether each of its alerts came, and nobody else's."""
        assert set(self.home.queries()) <= set(self.asked)
        return set(self.home.queries()) == set(self.asked)


class Site:
    """The service; the same address and port each time it starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listen = f"{OWN}:0"
        issue(folder)
        token_file(
            folder,
            *(line(f"token-of-{name}", "ingest") for name in ("one", "two", "three")),
            line("may-read", "read"),
            line("was-good-once", "ingest", "2024-02-29"),
        )
        (folder / "ca").write_bytes(CA.cert_pem.bytes())

    @contextlib.contextmanager
    def up(self) -> Iterator[Process]:
        with process(self.folder, CONFIG.format(folder=self.folder), self._listen) as service:
            self._listen = f"{OWN}:{service.client.port}"
            yield service

    def configure(self, node: Node, *, token: str = "", ca: Path | None = None) -> None:
        (node.home.path / "etc/token").write_text(token or f"token-of-{node.name}")
        url = f"https://{self._listen}"
        node.home.configure(url=url, node=node.name, token_file="etc/token", ca=ca or self.folder / "ca")


@contextlib.contextmanager
def node(name: str) -> Iterator[Node]:
    with NodeHome() as home:
        log = WazuhHome(home.path)
        yield Node(name, home, log)
        log.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_each_alert_leaves_through_the_node_of_its_event(site: Site) -> None:
    with node("one") as one, node("two") as two, node("three") as three, site.up():
        for each in (one, two, three):
            site.configure(each)
        with one.home.forwarding(), two.home.forwarding():
            one.write(300)
            two.write(5)
            for each in (one, two):
                eventually(each.all_came)
            # Behind the others: a script that is not answered within its second leaves the service alone for half a
            # minute, and a service that has just started on a busy machine may be that slow.
            assert three.home.integrate(three.alert()).status == 0
            eventually(three.all_came)

            one.home.stop()  # analysisd of one node is away: its alerts wait, the others' don't
            one.write(20)
            two.write(5)
            eventually(two.all_came)
            assert not one.all_came()
            one.home.start()
            eventually(one.all_came)


def test_who_may_not_hand_over_loses_nothing_and_says_so_once(site: Site, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.write_bytes(trustme.CA().cert_pem.bytes())
    with node("one") as one, site.up():
        tried: list[tuple[str, Path | None]] = [("", foreign)]
        if OWN != LOOPBACK:  # the service's own machine needs no token
            tried += [("was-good-once", None), ("no-such-token", None), ("may-read", None)]
        for number, (token, ca) in enumerate(tried, 1):
            site.configure(one, token=token, ca=ca)
            with one.home.forwarding():
                one.write(3)
                eventually(lambda: len(one.home.errors()) == number)  # noqa: B023
        assert one.home.queries() == []
        site.configure(one)
        with one.home.forwarding():
            eventually(one.all_came)
        assert len(one.home.errors()) == len(tried), "said once each"
        secrets = {token for token, _ in tried if token} | {"token-of-one"}
        said = (one.home.path / "stderr").read_text() + "".join(one.home.errors())
        assert not [secret for secret in secrets if secret in said]


def kill_at_random(site: Site, *, rounds: int, seed: int) -> None:
    """The service and the forwarders are killed at any moment, logs rotate, sockets are away: each alert comes."""
    chance = random.Random(seed)
    with node("one") as one, node("two") as two:
        with site.up():
            for each in (one, two):
                site.configure(each)
                with each.home.forwarding():  # it begins in this file: what was rotated away before is none of its
                    each.write(1)
                    eventually(each.all_came)
        for _ in range(rounds):
            with site.up() as service, one.home.forwarding(), two.home.forwarding():
                away = chance.choice([one, two, None])
                if away:
                    away.home.stop()
                for each in (one, two):
                    each.write(chance.randrange(1, 60))
                    if chance.random() < 0.3:
                        each.log.switch_day()
                time.sleep(chance.uniform(0, 1.0))  # any moment will do
                service.terminate(signal.SIGKILL)
                if away:
                    away.home.start()
        with site.up(), one.home.forwarding(), two.home.forwarding():
            for each in (one, two):
                each.write(1)
                eventually(each.all_came)
    for each in (one, two):
        ids = {(fields["query"], fields["alert_id"]) for fields in each.home.received() if "query" in fields}
        assert len(ids) == len(each.asked), "what came twice is the same alert"


def test_kills_lose_nothing(site: Site) -> None:
    kill_at_random(site, rounds=2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_many_kills_lose_nothing(site: Site, seed: int) -> None:
    kill_at_random(site, rounds=8, seed=seed)
