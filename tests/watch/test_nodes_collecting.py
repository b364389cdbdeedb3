"""Alerts of what nodes hand over, and how nodes collect them: on a real store."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import alert_samples
from alert_samples import FakeClock, make_alert
from dns_events import AT, WIN11, make_agent, make_event
from firstsight.core.facts import Unavailable
from firstsight.ports import Changes
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.nodes import Nodes
from pipeline import Pipeline, registered


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Pipeline]:
    pipe = Pipeline(tmp_path / "store.db", outbox_bound=50)
    yield pipe
    pipe.close()


def fields(datagram: str) -> dict[str, str]:
    document: dict[str, str] = json.loads(datagram[datagram.index(":{") + 1 :])["firstsight"]
    return document


def drain(pipe: Pipeline, node: str) -> list[str]:
    """Domains of everything a node can collect now, acknowledged as a client does it."""
    heard: list[str] = []
    while due := (collected := pipe.nodes.collect(node)).datagrams:
        heard += [fields(datagram)["domain"] for datagram in due]
        pipe.nodes.acknowledge(node, collected.cursor)
    return heard


# -- the way out -------------------------------------------------------------------------------------------------------


def test_an_alert_leaves_through_the_node_that_handed_its_event_over(pipe: Pipeline) -> None:
    pipe.hand_over("a", make_event("harbour.com"))
    pipe.hand_over("b", make_event("garden.net"))
    pipe.see(make_event("here.org"))
    assert [pipe.nodes.collect(node).pending for node in ("a", "b", "c")] == [1, 1, 0]
    assert [alert.verdict.domain for alert in pipe.after(5)] == ["here.org"]
    collected = pipe.nodes.collect("a")
    assert collected.pending == 0
    (datagram,) = collected.datagrams
    assert datagram.startswith('1:[001] (WIN10) 10.0.0.5->firstsight:{"integration":"firstsight"')
    assert fields(datagram)["source"] == "node:a"
    assert [drain(pipe, node) for node in ("a", "b", "c")] == [["harbour.com"], ["garden.net"], []]


def test_a_follow_up_leaves_through_its_own_events_node(pipe: Pipeline) -> None:
    pipe.hand_over("a", make_event("harbour.com"))
    pipe.after(5)
    (first,) = pipe.nodes.collect("a").datagrams
    assert drain(pipe, "a") == ["harbour.com"]
    pipe.hand_over("b", make_event("harbour.com", agent=WIN11))
    assert pipe.see(make_event("harbour.com", agent=make_agent(3))) == []
    assert pipe.nodes.collect("a").pending == 0, "an age that may come some time is nothing to wait for"
    assert pipe.answer("harbour.com", registered(3)) == []
    (follow_up,) = pipe.nodes.collect("a").datagrams
    assert fields(follow_up)["follows"] == fields(first)["alert_id"]
    assert drain(pipe, "b") == []


def test_the_first_sight_was_at_one_node_and_the_case_at_another(pipe: Pipeline) -> None:
    """The name is learnt through one node; the young age comes to light with another one's event."""
    pipe.hand_over("a", make_event("harbour.com"))
    pipe.answer("harbour.com", Unavailable("no_server"))
    pipe.after(5)
    assert drain(pipe, "a") == ["harbour.com"]
    pipe.hand_over("b", make_event("x.harbour.com", at=AT + 40 * 86_400, agent=WIN11))  # newly active
    pipe.after(5)
    assert [drain(pipe, node) for node in ("a", "b")] == [[], ["harbour.com"]]


def test_a_case_waits_on_after_a_crash_and_still_knows_its_node(pipe: Pipeline) -> None:
    pipe.hand_over("a", make_event("harbour.com"))
    pipe.crash()
    assert pipe.nodes.collect("a").pending == 1
    assert pipe.answer("harbour.com", registered(3)) == []
    assert drain(pipe, "a") == ["harbour.com"]


def test_handed_over_twice_counts_and_alerts_once(pipe: Pipeline) -> None:
    for _ in range(2):
        pipe.hand_over("a", make_event("harbour.com", record=7), make_event("garden.net", record=8))
    pipe.source.add(make_event("harbour.com", record=7))  # and by another road
    assert pipe.after(5) == []
    assert drain(pipe, "a") == ["harbour.com", "garden.net"]
    assert pipe.store.seen(["harbour.com"])["harbour.com"].count == 1
    account = pipe.store.account("node:a")
    assert (account["events"], account["duplicate"], account["seen"]) == (4, 2, 2)


# -- collecting --------------------------------------------------------------------------------------------------------


def lay(pipe: Pipeline, number: int, node: str = "a") -> None:
    pipe.store.apply(Changes(alerts=[make_alert(number=n, node=node) for n in range(number)]))


def test_it_comes_again_until_it_is_acknowledged(pipe: Pipeline) -> None:
    lay(pipe, 2)
    first = pipe.nodes.collect("a")
    assert len(first.datagrams) == 2
    assert pipe.nodes.collect("a") == first
    pipe.crash()
    assert pipe.nodes.collect("a") == first
    pipe.crash()
    pipe.nodes.acknowledge("a", first.cursor)
    assert pipe.nodes.collect("a").datagrams == [], "a cursor outlives a restart"
    pipe.after(1.1)
    pipe.crash()
    assert pipe.nodes.collect("a").datagrams == []


def test_cursors_that_acknowledge_nothing(pipe: Pipeline) -> None:
    lay(pipe, 1, "b")
    old = pipe.nodes.collect("b").cursor
    pipe.nodes.acknowledge("b", old)
    lay(pipe, 3, "c")
    lay(pipe, 3)
    pipe.store.apply(Changes(alerts=[make_alert(number=n, node="a") for n in (8, 9)]))
    pipe.store.apply(Changes(alerts=[make_alert(number=n, node="b") for n in (10, 11)]))
    of_a, of_b = pipe.nodes.collect("a"), pipe.nodes.collect("b")
    digest = of_b.cursor.partition("-")[2]
    garbage = ["", "-", "2", "2-", "0-", f"1-{digest}", f"3-{digest}", "x" * 200, "9" * 200, f"²-{digest}", "\0"]
    for cursor in [*garbage, old, of_a.cursor, of_b.cursor.upper() + " "]:
        pipe.nodes.acknowledge("b", cursor)
        assert pipe.nodes.collect("b") == of_b, cursor
    pipe.nodes.acknowledge("b", of_b.cursor)
    assert pipe.nodes.collect("b").datagrams == []
    assert pipe.nodes.collect("a") == of_a


def test_many_come_in_portions_and_what_is_left_is_pending(pipe: Pipeline) -> None:
    lay(pipe, 250)
    portions = []
    while (collected := pipe.nodes.collect("a")).datagrams:
        portions.append((len(collected.datagrams), collected.pending))
        pipe.nodes.acknowledge("a", collected.cursor)
    assert portions == [(100, 150), (100, 50), (50, 0)]


def test_portions_are_bounded_in_bytes(pipe: Pipeline) -> None:
    answers = tuple(f"host-{n}.{'long-name.' * 10}example" for n in range(400))
    pipe.store.apply(Changes(alerts=[make_alert(number=n, node="a", answers=answers) for n in range(60)]))
    heard = 0
    while (collected := pipe.nodes.collect("a")).datagrams:
        assert sum(len(datagram.encode()) for datagram in collected.datagrams) <= 1 << 20
        assert collected.pending == 60 - heard - len(collected.datagrams)
        heard += len(collected.datagrams)
        pipe.nodes.acknowledge("a", collected.cursor)
    assert heard == 60


# -- nodes that stay away ----------------------------------------------------------------------------------------------


def test_a_node_that_stays_away_holds_nobody_up(pipe: Pipeline) -> None:
    lay(pipe, 500, "gone")
    pipe.after(1.1)
    pipe.see(make_event("harbour.com"))
    assert len(pipe.after(5)) == 1
    assert pipe.store.totals()["outbox"] == 0
    pipe.hand_over("a", make_event("garden.net"))
    pipe.after(5)
    assert drain(pipe, "a") == ["garden.net"]
    assert len(drain(pipe, "gone")) == 500, "and loses nothing"


def test_it_is_told_after_a_while(pipe: Pipeline) -> None:
    lay(pipe, 3, "gone")
    pipe.clock.at = alert_samples.AT
    pipe.after(14 * 60)
    assert pipe.nodes.trouble() == []
    pipe.after(2 * 60)
    (sentence,) = pipe.nodes.trouble()
    assert sentence.startswith("Node gone has not collected 3 of its alerts")
    pipe.clock.at -= 3600
    assert pipe.nodes.trouble() == []
    pipe.clock.at += 3600
    drain(pipe, "gone")
    pipe.after(1.1)
    assert pipe.nodes.trouble() == []
    assert pipe.store.uncollected(10) == []


def test_the_fullest_outboxes_of_nodes(pipe: Pipeline) -> None:
    pipe.store.apply(Changes(alerts=[make_alert(number=n, node=f"n{n % 4}") for n in range(10)]))
    told = [(waiting.node, waiting.alerts) for waiting in pipe.store.uncollected(3)]
    assert told == [("n0", 3), ("n1", 3), ("n2", 2)]


# -- whatever happens --------------------------------------------------------------------------------------------------

NODES = ["a", "b"]
DECIDE = st.tuples(st.just("decide"), st.sampled_from([*NODES, ""]), st.integers(1, 3))
CALL = st.tuples(
    st.just("call"), st.sampled_from(NODES), st.sampled_from(["last", "last", "oldest", "other's", "none"])
)
EVENT = st.tuples(st.sampled_from(["commit", "crash", "back_up", "put_back"]))


class Collecting:
    """Two nodes, what each has delivered, and which cursors it has ever been given."""

    def __init__(self, folder: Path) -> None:
        self.path, self.copy = folder / "store.db", folder / "backup.db"
        self.heard: dict[str, list[str]] = {node: [] for node in NODES}
        self.cursors: dict[str, list[str]] = {node: [] for node in NODES}
        self.decided: dict[str, list[str]] = {node: [] for node in [*NODES, ""]}
        self.backup = self.decided
        self.number = 0
        self._open()
        self.back_up()

    def _open(self) -> None:
        self.store = SqliteStore(self.path, FakeClock(AT), sinks=["wazuh", "file"], local=["wazuh"])
        self.nodes = Nodes(self.store, FakeClock(AT))

    def decide(self, node: str, many: int) -> None:
        self.number += many
        alerts = [make_alert(number=self.number - n, node=node) for n in range(many)]
        self.store.apply(Changes(alerts=alerts))
        self.decided[node] += [alert.id for alert in alerts]

    def call(self, node: str, cursor: str) -> None:
        """As a client does it, with any cursor that there ever was."""
        own, others = self.cursors[node], self.cursors[NODES[1 - NODES.index(node)]]
        for sent in {"last": own[-1:], "oldest": own[:1], "other's": others[-1:], "none": []}[cursor]:
            self.nodes.acknowledge(node, sent)
        collected = self.nodes.collect(node)
        self.heard[node] += [fields(datagram)["alert_id"] for datagram in collected.datagrams]
        if collected.datagrams:
            self.cursors[node].append(collected.cursor)

    def commit(self) -> None:
        self.store.tidy()

    def crash(self) -> None:
        self.store.database.close()
        self._open()

    def back_up(self) -> None:
        self.store.database.close()
        shutil.copy(self.path, self.copy)
        self.backup = {node: list(ids) for node, ids in self.decided.items()}
        self._open()

    def put_back(self) -> None:
        self.store.database.close()
        shutil.copy(self.copy, self.path)
        self.decided = {node: list(ids) for node, ids in self.backup.items()}
        self._open()

    def end(self) -> None:
        for node in NODES:
            while (collected := self.nodes.collect(node)).datagrams:
                self.heard[node] += [fields(datagram)["alert_id"] for datagram in collected.datagrams]
                self.nodes.acknowledge(node, collected.cursor)
        self.store.close()


def test_a_cursor_of_before_a_backup_was_put_back(tmp_path: Path) -> None:
    site = Collecting(tmp_path)
    site.decide("a", 2)
    site.call("a", "none")
    site.put_back()
    site.decide("a", 2)  # in the same places as those that are gone
    site.call("a", "last")
    assert site.heard["a"] == ["alert-2", "alert-1", "alert-4", "alert-3"]
    site.end()


@pytest.mark.slow
@settings(max_examples=150)
@given(st.lists(DECIDE | CALL | CALL | EVENT, max_size=25))
def test_nothing_is_lost_and_nothing_goes_astray(steps: list[tuple[str, ...]]) -> None:
    """Alerts, collections with cursors old and new, crashes, a backup put back."""
    with TemporaryDirectory(prefix="fs") as folder:
        site = Collecting(Path(folder))
        for what, *arguments in steps:
            getattr(site, what)(*arguments)
        site.end()
    for node, other in (NODES, NODES[::-1]):
        heard = list(dict.fromkeys(site.heard[node]))
        assert not set(heard) & set(site.decided[other])
        assert [one for one in heard if one in site.decided[node]] == site.decided[node], "all, and in order"
