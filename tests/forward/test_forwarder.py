import json
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firstsight.core.wazuh_event import error_datagram
from firstsight.forward.checkpoint import Checkpoint
from firstsight.forward.client import Client
from firstsight.forward.forwarder import Forwarder, NodeQueue
from firstsight.sources.follow import Follower
from node_home import NodeHome
from servers import central as play
from servers.central import Central, query_of
from wazuh_home import NOON, WazuhHome, dns_alert, other_alert

TOKEN = "s3cret-of-the-node"


class Time:
    """Goes on when it is told to."""

    at = NOON

    def now(self) -> float:
        return self.at


class Node:
    """A manager's folder and its forwarder. `restart` is what a kill leaves behind: closing saves nothing."""

    def __init__(self, home: NodeHome, central: Central, name: str = "node-1", **follower: str) -> None:
        self.home = home
        self.log = WazuhHome(home.path)
        self.state = home.path / "state"
        self.central = central
        self.name = name
        self.time = Time()
        self.follower = follower
        self.forwarder = self._new()

    async def restart(self) -> None:
        await self.forwarder.close()
        self.forwarder = self._new()

    def _new(self) -> Forwarder:
        return Forwarder(
            Follower(self.log.path, self.follower.get("start", "start"), clock=self.time),  # type: ignore[arg-type]
            Client(self.central.url, self.name, lambda: TOKEN, deadline=20.0),
            NodeQueue(self.home.queue, self.time, "--queue"),
            Checkpoint(self.state),
            self.time,
            random.Random(1),
        )

    async def turn(self) -> float:
        """A turn, and the time it asks to wait."""
        pause = await self.forwarder.turn()
        self.time.at += pause
        return pause

    async def until(self, look: Callable[[], object]) -> None:
        for _ in range(2000):
            if look():
                return
            await self.turn()
        raise AssertionError("it did not come about")

    def taken(self) -> list[str]:
        """Names handed over, in order; those that came again once."""
        return list(dict.fromkeys(query_of(line) for line in self.central.lines[self.name]))

    async def close(self) -> None:
        await self.forwarder.close()
        self.log.close()


@pytest.fixture
def central() -> Iterator[Central]:
    with Central() as server:
        yield server


@pytest.fixture
def home() -> Iterator[NodeHome]:
    with NodeHome() as folder:
        yield folder


@pytest.fixture
async def node(central: Central, home: NodeHome) -> AsyncIterator[Node]:
    node = Node(home, central)
    yield node
    await node.close()


def names(count: int, first: int = 0) -> list[str]:
    return [f"d{number}.example.com" for number in range(first, first + count)]


def alerts(names: list[str]) -> list[bytes]:
    return [dns_alert(name, record=int(name[1:].partition(".")[0]) + 1) for name in names]


async def test_queries_are_handed_over_as_they_stand_and_verdicts_come_back(node: Node, central: Central) -> None:
    central.token = TOKEN
    lines = alerts(names(3))
    node.log.write(lines[0], other_alert(), lines[1], b"", b"no json", lines[2])

    await node.until(lambda: central.owed("node-1") == 0 and node.home.queries() == names(3))
    assert central.lines == {"node-1": lines}
    assert node.home.errors() == []


async def test_what_the_service_would_take_for_a_query_is_never_kept_back(node: Node, central: Central) -> None:
    odd = [
        dns_alert("a.example", system={"eventID": 22}),
        dns_alert("b.example", system={"eventID": "255"}),
        dns_alert("c.example").replace(b'"22"', b'"\\u0032\\u0032"'),
        dns_alert("d.example").replace(b"WIN10", b"WIN\xff"),
        b"\0\0\0" + dns_alert("e.example"),
        dns_alert(["f", "example"]),
    ]
    node.log.write(*odd)
    await node.until(lambda: len(central.lines["node-1"]) == len(odd))
    assert central.lines["node-1"] == odd


async def test_batches_are_bounded(node: Node, central: Central) -> None:
    node.log.write(*alerts(names(2100)))
    await node.until(lambda: len(central.lines["node-1"]) == 2100)
    assert node.taken() == names(2100)
    sizes = [sum(len(line) + 1 for line in call.lines) for call in central.calls]
    assert max(len(call.lines) for call in central.calls) <= 1000
    assert max(sizes) <= 1 << 20
    assert len([size for size in sizes if size]) <= 10, "not one by one"


async def test_late_verdicts_are_collected_each_second_and_follow_ups_now_and_then(
    node: Node, central: Central
) -> None:
    central.late = 3
    node.log.write(*alerts(names(1)))
    begun = node.time.at
    await node.until(lambda: node.home.queries() and central.owed("node-1") == 0)
    assert 2 <= node.time.at - begun <= 5

    central.calls.clear()
    for _ in range(500):
        await node.turn()
    assert 10 <= len(central.calls) <= 25, "100 seconds, a call each five"


async def test_an_outage_is_told_once_and_nothing_is_lost(node: Node, central: Central) -> None:
    central.behaviour = play.status(503)
    node.log.write(*alerts(names(3)))
    for _ in range(1000):
        await node.turn()
    assert 8 <= len(central.calls) <= 20, "200 seconds: further and further between, at most half a minute"
    (error,) = node.home.errors()
    assert central.url in error
    assert error_datagram(error) in node.home.datagrams()
    assert json.loads(node.forwarder._saved.position or "")["offset"] == 0

    node.log.write(*alerts(names(3, 3)))
    central.behaviour = None
    await node.until(lambda: node.home.queries() == names(6) and central.owed("node-1") == 0)
    assert node.taken() == names(6)
    assert len(node.home.errors()) == 1

    central.behaviour = play.status(401)
    await node.until(lambda: len(node.home.errors()) == 2)
    assert "token" in node.home.errors()[1]
    assert TOKEN not in node.home.errors()[1]


async def test_an_outage_across_rotations(node: Node, central: Central) -> None:
    central.stop()
    for day in range(3):
        node.log.write(*alerts(names(20, day * 20)))
        await node.turn()
        node.log.switch_day()
        node.log.compress()
    central.start()
    await node.until(lambda: len(node.taken()) == 60)
    assert node.taken() == names(60)


async def test_an_outage_longer_than_wazuh_keeps_its_logs_is_a_gap_that_is_told(node: Node, central: Central) -> None:
    node.log.write(*alerts(names(1)))
    await node.until(lambda: node.taken() == names(1))
    node.log.write(*alerts(names(1, 1)))
    node.log.switch_day()
    old = [path for path in node.log.plain() if path != node.log.dated]
    await node.restart()  # so that nobody holds the old file open
    for path in old:
        path.unlink()
    node.log.write(*alerts(names(1, 2)))
    await node.until(lambda: node.taken() == ["d0.example.com", "d2.example.com"])
    await node.until(node.home.errors)
    assert "may be missing" in node.home.errors()[0]


async def test_a_restart_goes_on_where_the_service_stands(node: Node, central: Central) -> None:
    node.log.write(*alerts(names(5)))
    await node.until(lambda: node.taken() == names(5))
    await node.restart()
    node.log.write(*alerts(names(5, 5)))
    await node.until(lambda: node.taken() == names(10))
    assert len(central.lines["node-1"]) == 10, "nothing twice"


async def test_a_kill_before_the_answer_hands_the_batch_over_again(node: Node, central: Central) -> None:
    def dies(call: play.Call, out: play.Handler) -> None:
        central.lines[call.node] += call.lines  # taken, but nobody hears of it
        play.breaking(call, out)

    node.log.write(*alerts(names(2)))
    central.behaviour = dies
    await node.until(lambda: central.lines["node-1"])
    central.behaviour = None
    await node.restart()
    await node.until(lambda: len(central.lines["node-1"]) >= 4)
    assert node.taken() == names(2)


async def test_a_first_start_at_the_end_stays_where_the_end_was(central: Central, home: NodeHome) -> None:
    log = WazuhHome(home.path)
    log.write(*alerts(names(3)))
    log.close()
    central.stop()
    node = Node(home, central, start="end")
    await node.turn()
    node.log.write(*alerts(names(2, 3)))
    await node.restart()
    central.start()
    await node.until(lambda: node.taken() == names(2, 3))
    await node.close()


async def test_a_first_start_during_an_outage_holds_its_place_through_a_rotation(node: Node, central: Central) -> None:
    central.stop()
    node.log.write(*alerts(names(3)))
    await node.turn()
    node.log.switch_day()
    node.log.write(*alerts(names(3, 3)))
    await node.restart()
    central.start()
    await node.until(lambda: len(node.taken()) == 6)
    assert node.taken() == names(6)


async def test_a_queue_that_is_away_gets_it_later_and_lines_go_on(node: Node, central: Central) -> None:
    node.home.stop()
    node.log.write(*alerts(names(2)))
    await node.until(lambda: node.taken() == names(2))
    node.log.write(*alerts(names(2, 2)))
    await node.until(lambda: node.taken() == names(4))
    assert central.owed("node-1") == 4, "nothing was acknowledged"
    node.home.start()
    await node.until(lambda: central.owed("node-1") == 0)
    assert node.home.queries() == names(4), "each once, in order"


async def test_a_line_that_the_service_refuses_is_left_out_alone(node: Node, central: Central) -> None:
    lines = alerts(names(30))
    central.refuses = lines[17]
    node.log.write(*lines)
    await node.until(lambda: len(node.taken()) == 29)
    assert node.taken() == names(17) + names(12, 18)
    await node.until(node.home.errors)
    assert "left out" in node.home.errors()[0]


async def test_a_service_that_refuses_the_node_loses_nothing(node: Node, central: Central) -> None:
    central.behaviour = play.status(422)
    node.log.write(*alerts(names(3)))
    for _ in range(300):
        await node.turn()
    central.behaviour = None
    await node.until(lambda: node.taken() == names(3))


async def test_two_nodes_get_their_own(node: Node, central: Central) -> None:
    with NodeHome() as other_home:
        other = Node(other_home, central, "node-2")
        node.log.write(*alerts(names(2)))
        other.log.write(*alerts(names(2, 2)))
        await node.until(lambda: node.home.queries() == names(2))
        await other.until(lambda: other.home.queries() == names(2, 2))
        assert (node.taken(), other.taken()) == (names(2), names(2, 2))
        await other.close()


async def test_a_checkpoint_that_can_not_be_written_stops_nothing(
    node: Node, central: Central, capsys: pytest.CaptureFixture[str]
) -> None:
    (node.state / "forward.json").mkdir()
    node.log.write(*alerts(names(2)))
    await node.until(lambda: node.home.queries() == names(2))
    assert "can't be written in" in capsys.readouterr().out
    (node.state / "forward.json").rmdir()
    node.log.write(*alerts(names(1, 2)))
    await node.until(lambda: node.home.queries() == names(3) and central.owed("node-1") == 0)
    await node.until((node.state / "forward.json").exists)


async def test_a_damaged_checkpoint_begins_anew_and_says_so(node: Node, central: Central) -> None:
    node.log.write(*alerts(names(2)))
    await node.until(lambda: node.taken() == names(2))
    (node.state / "forward.json").write_bytes(b"\0" * 90)
    await node.restart()
    await node.until(lambda: len(central.lines["node-1"]) == 4)
    await node.until(node.home.errors)
    assert "reading begins anew" in node.home.errors()[0]


@contextmanager
def without_read_access(path: Path) -> Iterator[None]:
    moved = path.rename(path.with_name("away"))
    yield
    shutil.move(moved, path)


async def test_a_log_that_is_away_is_waited_for(
    node: Node, central: Central, capsys: pytest.CaptureFixture[str]
) -> None:
    with without_read_access(node.log.path):
        for _ in range(20):
            await node.turn()
        assert capsys.readouterr().out.count("There is no file") == 1
    node.log.write(*alerts(names(1)))
    await node.until(lambda: node.taken() == names(1))


async def test_it_stops_when_it_is_told_to(node: Node) -> None:
    node.forwarder.stop()
    await node.forwarder.run()
