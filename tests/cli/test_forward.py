"""`firstsight forward` as a process: signals, kills, and what it says where it can't start."""

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from node_home import NodeHome
from running import PATIENCE, command, eventually
from servers import central as play
from servers.central import Behaviour, Central, query_of
from wazuh_home import WazuhHome, dns_alert, other_alert

TOKEN = "s3cret-of-the-node"


@pytest.fixture
def central() -> Iterator[Central]:
    with Central() as server:
        server.token = TOKEN
        yield server


@pytest.fixture
def home(central: Central) -> Iterator[NodeHome]:
    with NodeHome() as folder:
        (folder.path / "etc/token").write_text(TOKEN)
        folder.configure(url=central.url, token_file="etc/token")
        yield folder


def names(count: int, first: int = 0) -> list[str]:
    return [f"d{number}.example.com" for number in range(first, first + count)]


def taken(central: Central) -> list[str]:
    return list(dict.fromkeys(query_of(line) for line in central.lines["node-1"]))


def test_it_forwards_until_it_is_told_to_stop(home: NodeHome, central: Central) -> None:
    log = WazuhHome(home.path)
    with home.forwarding() as process:
        log.write(*(dns_alert(name) for name in names(3)))
        eventually(lambda: home.queries() == names(3) and central.owed("node-1") == 0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert home.told()[-1] == "stopped"
    assert TOKEN not in (home.path / "stderr").read_text()

    log.write(dns_alert("d3.example.com"))
    with home.forwarding():
        eventually(lambda: taken(central) == names(4))
    assert len(central.lines["node-1"]) == 4
    log.close()


def kills(home: NodeHome, central: Central, *, rounds: int, seed: int) -> None:
    """Killed at any moment while the service comes and goes and the log rotates: each line arrives, in order."""
    chance = random.Random(seed)
    log, written = WazuhHome(home.path), 0
    behaviours: list[Behaviour | None] = [None, None, play.status(503), play.breaking]
    with home.forwarding():
        eventually(lambda: central.calls)  # it has begun: in this file
    for _ in range(rounds):
        central.behaviour = chance.choice(behaviours)
        count, calls = chance.randrange(1, 200), len(central.calls) + chance.randrange(1, 4)
        with home.forwarding():
            for name in names(count, written):
                log.write(other_alert(), dns_alert(name))
            written += count
            if chance.random() < 0.3:
                log.switch_day()
            eventually(lambda: len(central.calls) >= calls, every=0.003)  # noqa: B023
    central.behaviour = None
    with home.forwarding():
        eventually(lambda: len(taken(central)) == written)
        assert taken(central) == names(written)
        eventually(lambda: set(home.queries()) == set(names(written)) and central.owed("node-1") == 0)
    log.close()


def test_kills_lose_nothing(home: NodeHome, central: Central) -> None:
    kills(home, central, rounds=1, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_many_kills_lose_nothing(home: NodeHome, central: Central, seed: int) -> None:
    kills(home, central, rounds=15, seed=seed)


def test_a_mistake_is_a_sentence(home: NodeHome, tmp_path: Path) -> None:
    ended = command("forward", "--state", tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "needs firstsight's url" in ended.stderr
