"""The integration script, driven as integratord drives it."""

import ast
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.wazuh_event import error_datagram
from node_home import SCRIPT, NodeHome, script_module
from running import eventually
from servers import central as play
from servers.central import Behaviour, Central, query_of
from wazuh_home import dns_alert, other_alert

TOKEN = "s3cret-of-the-node"
CERTIFICATE = Path(play.__file__).with_name("loopback.pem")


SCRIPT_MODULE = script_module()


@pytest.fixture
def central() -> Iterator[Central]:
    with Central() as server:
        yield server


@pytest.fixture
def home(central: Central) -> Iterator[NodeHome]:
    with NodeHome() as folder:
        folder.configure(url=central.url, token=TOKEN)
        yield folder


def names(count: int, first: int = 0) -> list[str]:
    return [f"d{number}.example.com" for number in range(first, first + count)]


def alert(name: str) -> bytes:
    return dns_alert(name, record=int(name[1:].partition(".")[0]) + 1)


def taken(central: Central, node: str = "node-1") -> list[str]:
    """The names handed over, in order; those that came again are counted once."""
    return list(dict.fromkeys(query_of(line) for line in central.lines[node]))


# -- what it is ------------------------------------------------------------------------------------------------------


def test_it_runs_on_the_managers_own_python_and_needs_nothing_else() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 6))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {str(module).partition(".")[0] for module in modules} <= sys.stdlib_module_names
    assert SCRIPT.read_text().startswith("#!/var/ossec/framework/python/bin/python3 -IS\n")


# -- the service is there --------------------------------------------------------------------------------------------


def test_an_alert_is_handed_over_as_it_stands_and_what_is_due_comes_back(central: Central, home: NodeHome) -> None:
    central.token = TOKEN
    line = alert("d1.example.com")
    ended = home.integrate(line)

    assert (ended.status, ended.output) == (0, "")
    assert central.lines == {"node-1": [line]}
    assert eventually(home.queries) == ["d1.example.com"]
    eventually(lambda: central.owed("node-1") == 0)
    assert home.waiting() == 0


def test_windows_event_255_is_a_query_too(central: Central, home: NodeHome) -> None:
    home.integrate(dns_alert("a.example", system={"eventID": "255"}))
    assert taken(central) == ["a.example"]


@pytest.mark.parametrize(
    "line", [other_alert(), dns_alert(system={"eventID": "3"}), b"[]", b'{"data":{"win":[1]}}'], ids=str
)
def test_what_is_no_query_is_left_alone(central: Central, home: NodeHome, line: bytes) -> None:
    ended = home.integrate(line)
    assert (ended.status, ended.output) == (0, "")
    assert central.calls == []
    assert list(home.spool.iterdir()) == []


def test_arguments_of_a_daemon_that_debugs(central: Central, home: NodeHome) -> None:
    path = home.path / "tmp/a.alert"
    path.write_bytes(alert("d1.example.com"))
    script = home.call(str(path), ("", "http://127.0.0.1:1", "debug", "/tmp/x.options", "10", "3"))
    script.communicate()
    assert script.returncode == 0
    assert taken(central) == ["d1.example.com"]


def test_the_nodes_name_is_the_machines_where_none_is_given(central: Central, home: NodeHome) -> None:
    (home.path / "etc/firstsight-node.conf").write_text(f"url={central.url}/\n")
    home.integrate(alert("d1.example.com"))
    assert list(central.lines) == [SCRIPT_MODULE.named(os.uname().nodename, "_")[:64]]


def test_a_late_verdict_is_collected_by_one_child_that_holds_up_nobody(central: Central, home: NodeHome) -> None:
    central.late = 3
    home.integrate(alert("d1.example.com"))
    assert len(eventually(home.children)) == 1, "integratord goes on while it collects"
    home.integrate(alert("d2.example.com"))
    eventually(lambda: len(home.children()) <= 1)

    eventually(lambda: sorted(set(home.queries())) == ["d1.example.com", "d2.example.com"])
    eventually(lambda: not home.children())
    assert central.owed("node-1") == 0
    assert home.queries() == ["d1.example.com", "d2.example.com"], "each once"


def test_collecting_ends(central: Central, home: NodeHome) -> None:
    home.configure(url=central.url, collect_seconds=0)
    central.late = 1000
    home.integrate(alert("d1.example.com"))
    eventually(lambda: not home.children())
    assert len(central.calls) == 1


def test_a_queue_that_is_away_gets_it_later_and_only_then_is_it_acknowledged(central: Central, home: NodeHome) -> None:
    home.stop()
    assert home.integrate(alert("d1.example.com")).status == 0
    assert taken(central) == ["d1.example.com"]
    assert central.owed("node-1") == 1

    home.start()
    assert eventually(home.queries)[0] == "d1.example.com"
    eventually(lambda: central.owed("node-1") == 0)


def test_many_at_once(central: Central, home: NodeHome) -> None:
    asked = names(12)
    begun = [home.begin(alert(name)) for name in asked]
    for script, _ in begun:
        script.communicate()
        assert script.returncode == 0
    eventually(lambda: set(taken(central)) == set(asked) and home.waiting() == 0)
    eventually(lambda: set(home.queries()) == set(asked))


# -- it is not -------------------------------------------------------------------------------------------------------


def away(central: Central) -> None:
    central.stop()


def behaving(behaviour: Behaviour) -> Callable[[Central], None]:
    def turn(central: Central) -> None:
        central.behaviour = behaviour

    return turn


WRONG = {
    "refused": away,
    "hanging": behaving(play.hanging),
    "dripping": behaving(play.dripping),
    "breaking": behaving(play.breaking),
    "page": behaving(play.page),
    "500": behaving(play.status(500)),
    "503": behaving(play.status(503)),
    "404": behaving(play.status(404)),
    "302": behaving(play.status(302)),
    "401": behaving(play.status(401)),
    "403": behaving(play.status(403)),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_outage_keeps_the_alerts_is_told_once_and_ends(central: Central, home: NodeHome, wrong: str) -> None:
    asked = names(4)
    WRONG[wrong](central)
    for name in asked[:3]:
        ended = home.integrate(alert(name))
        assert (ended.status, ended.output) == (0, "")
        eventually(home.quiet)
    assert len(central.calls) <= 1, "no other try for half a minute"
    assert central.lines == {}
    (error,) = eventually(home.errors)
    assert ("token" in error) == (wrong in {"401", "403"})
    assert central.url in error
    assert TOKEN not in error
    assert error_datagram(error) in home.datagrams()

    if wrong == "refused":
        central.start()
    central.over.set()
    central.behaviour = None
    home.half_a_minute_later()
    home.integrate(alert(asked[3]))
    eventually(lambda: set(home.queries()) == set(asked))
    assert taken(central) == asked, "in order"
    eventually(lambda: not home.waiting() and not home.quiet() and not home.children())
    assert len(home.errors()) == 1
    assert central.owed("node-1") == 0


def test_after_an_outage_nobody_need_ask_for_what_waits(central: Central, home: NodeHome) -> None:
    central.behaviour = play.status(500)
    home.integrate(alert("d1.example.com"))
    eventually(home.errors)
    central.behaviour = None
    home.half_a_minute_later()
    assert eventually(home.queries) == ["d1.example.com"]
    eventually(lambda: not home.children())


def test_the_next_outage_is_told_again(central: Central, home: NodeHome) -> None:
    for count in (1, 2):
        central.behaviour = play.status(500)
        home.integrate(alert(f"d{count}.example.com"))
        eventually(lambda: len(home.errors()) == count)  # noqa: B023
        central.behaviour = None
        home.half_a_minute_later()
        eventually(lambda: not home.children())
    assert len(home.queries()) == 2


def test_a_foreign_certificate_gets_no_token_and_the_named_authority_does(home: NodeHome) -> None:
    with Central(CERTIFICATE) as central:
        home.configure(url=central.url, token=TOKEN)
        assert home.integrate(alert("d1.example.com")).status == 0
        (error,) = eventually(home.errors)
        assert "certificate" in error
        assert central.calls == []

        home.configure(url=central.url, token=TOKEN, ca=CERTIFICATE)
        home.half_a_minute_later()
        home.integrate(alert("d2.example.com"))
        eventually(lambda: taken(central) == names(2, 1))
        assert central.calls[0].token == TOKEN
        eventually(lambda: not home.children())


def test_an_alert_that_the_service_refuses_does_not_hold_up_the_others(central: Central, home: NodeHome) -> None:
    asked = names(9)
    central.stop()
    for name in asked[:8]:
        home.integrate(alert(name))
    central.refuses = alert(asked[3])
    central.start()
    home.half_a_minute_later()
    home.integrate(alert(asked[8]))
    eventually(lambda: taken(central) == asked[:3] + asked[4:] and not home.waiting())
    assert [error for error in home.errors() if "left out" in error]


def test_a_service_that_refuses_the_node_gets_nothing_and_loses_nothing(central: Central, home: NodeHome) -> None:
    central.behaviour = play.status(422)
    home.integrate(alert("d1.example.com"))
    eventually(home.errors)
    central.behaviour = None
    home.half_a_minute_later()
    eventually(lambda: taken(central) == ["d1.example.com"])


# -- the disk, the settings, the alert file ---------------------------------------------------------------------------


def test_a_full_spool_refuses_the_newest_counts_and_says_so(central: Central, home: NodeHome) -> None:
    central.stop()
    home.integrate(alert("d1.example.com"))
    eventually((home.spool / "outgoing").exists)
    with (home.spool / "incoming").open("wb") as file:
        file.truncate(256 << 20)  # a hole: no room is taken
    for name in names(2, 2):
        assert home.integrate(alert(name)).status == 0, "a status for each would fill ossec.log"
    home.half_a_minute_later()
    ended = home.integrate(alert("d4.example.com"))
    assert ended.status == 1
    assert "is full" in ended.output
    assert (home.spool / "lost").read_text() == "3"
    assert eventually(lambda: [error for error in home.errors() if "is full" in error])

    (home.spool / "incoming").unlink()
    central.start()
    home.half_a_minute_later()
    home.integrate(alert("d5.example.com"))
    eventually(lambda: taken(central) == ["d1.example.com", "d5.example.com"])
    assert eventually(lambda: [error for error in home.errors() if error.startswith("3 alerts were lost")])


def test_what_can_not_be_spooled_is_handed_over_all_the_same(central: Central, home: NodeHome) -> None:
    home.disk_full = True
    assert home.integrate(alert("d1.example.com")).status == 0
    assert taken(central) == ["d1.example.com"]
    eventually(lambda: central.owed("node-1") == 0)

    central.stop()
    ended = home.integrate(alert("d2.example.com"))
    assert ended.status == 1
    assert "it is lost" in ended.output


def test_a_folder_that_can_not_be_made_says_how_to(home: NodeHome) -> None:
    home.spool.rmdir()
    home.spool.write_text("")
    ended = home.integrate(alert("d1.example.com"))
    assert ended.status == 1
    assert f"install -d -o wazuh -g wazuh -m 0750 {home.spool}" in ended.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "can't be read: No such file"),
        ("", "needs `url = "),
        ("url = ftp://x", "needs `url = "),
        ("url = https://me:pw@host", "needs `url = "),
        ("url = http://10.0.0.1:5730", "in clear text"),
        ("url = https://h:99999", "needs `url = "),
        ("url = https://h\nnoode = 1", "line 2 is no"),
        ("url = https://h\nnode = a/b", "node is not of"),
        ("url = https://h\ncollect_seconds = soon", "collect_seconds"),
        (f"url = https://h\ntoken = {TOKEN}\ntoken_file = etc/t", "keep one"),
        (f"url = https://h\ntoken = {TOKEN} {TOKEN}", "blanks"),
        ("url = https://h\ntoken_file = etc/no-such", "etc/no-such can't be read"),
        ("url = https://h\nca = etc/no-such", "etc/no-such can't be read"),
    ],
)
def test_settings_that_can_not_be_used_are_told_once_and_lose_nothing(
    home: NodeHome, text: str | None, told: str
) -> None:
    conf = home.path / "etc/firstsight-node.conf"
    conf.unlink()
    if text is not None:
        conf.write_text(text)
    first, second = home.integrate(alert("d1.example.com")), home.integrate(alert("d2.example.com"))
    assert (first.status, second.status) == (2, 0)
    assert told in first.output
    assert TOKEN not in first.output
    assert len(home.errors()) == 1
    assert home.waiting() == len(alert("d1.example.com")) * 2 + 2


def test_a_token_in_a_file(central: Central, home: NodeHome) -> None:
    (home.path / "etc/token").write_text(TOKEN + "\n")
    home.configure(url=central.url, token_file="etc/token")
    home.integrate(alert("d1.example.com"))
    assert central.calls[0].token == TOKEN


def test_an_alert_file_that_is_not_there_or_not_whole(home: NodeHome, central: Central) -> None:
    no_room = home.call("")
    assert "names no alert file" in no_room.communicate()[0].decode()
    assert no_room.returncode == 6
    gone = home.call(str(home.path / "tmp/gone.alert"))
    assert "can't be read" in gone.communicate()[0].decode()
    assert gone.returncode == 6
    half = home.integrate(alert("d1.example.com")[:700])
    assert (half.status, "holds no whole JSON alert" in half.output) == (7, True)
    text = home.integrate(b"alertdate='2026 Nov 24 02:00:00'\nalertlocation='x'")
    assert (text.status, "alert_format" in text.output) == (7, True)
    assert central.calls == []


# -- killed ----------------------------------------------------------------------------------------------------------


def killed_at_random(home: NodeHome, central: Central, count: int, seed: int) -> None:
    """Scripts and children die at any moment; the service comes and goes. What was spooled arrives, in order."""
    chance = random.Random(seed)
    kept = []
    behaviours: list[Behaviour | None] = [None, None, play.status(500), play.page, play.breaking]
    for name in names(count):
        central.behaviour = chance.choice(behaviours)
        if home.quiet() and chance.random() < 0.5:
            home.half_a_minute_later()
        script, _ = home.begin(alert(name))
        if chance.random() < 0.3:
            try:
                script.communicate(timeout=chance.random() * 0.3)
            except subprocess.TimeoutExpired:
                home.end()
                script.communicate()
        else:
            script.communicate()
        if chance.random() < 0.2:
            home.end()
        if script.returncode == 0:
            kept.append(name)
        else:
            assert script.returncode == -signal.SIGKILL
    central.behaviour = None
    last = f"d{count}.example.com"
    if home.quiet():
        home.half_a_minute_later()
    home.integrate(alert(last))
    eventually(lambda: not home.waiting())
    arrived = taken(central)
    assert [name for name in arrived if name in kept or name == last] == [*kept, last]
    eventually(lambda: set(kept) <= set(home.queries()))


def test_kills_lose_nothing_that_was_spooled(home: NodeHome, central: Central) -> None:
    killed_at_random(home, central, 20, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_many_kills_lose_nothing_that_was_spooled(home: NodeHome, central: Central, seed: int) -> None:
    killed_at_random(home, central, 200, seed)


@pytest.mark.slow
def test_hundreds_of_alerts_through_every_kind_of_outage(home: NodeHome, central: Central) -> None:
    asked = names(330)
    kinds = [None, *(wrong for wrong in WRONG if wrong != "refused"), "refused"]
    for number, name in enumerate(asked):
        if number % 15 == 0:
            if central.behaviour:
                central.over.set()
            kind = kinds[number // 15 % len(kinds)]
            central.stop()
            central.behaviour = None
            if kind != "refused":
                central.start()
                if kind:
                    WRONG[kind](central)
            if home.quiet():
                home.half_a_minute_later()
        ended = home.integrate(alert(name))
        assert (ended.status, ended.output) == (0, "")
    central.stop()
    central.behaviour = None
    central.start()
    if home.quiet():
        home.half_a_minute_later()
    eventually(lambda: set(home.queries()) == set(asked))
    assert taken(central) == asked
    eventually(lambda: not home.children() and central.owed("node-1") == 0)


# -- the spool -------------------------------------------------------------------------------------------------------

STEP = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 40)),
    st.tuples(st.just("hand over"), st.integers(1, 5)),
    st.tuples(st.just("crash before it is noted"), st.integers(1, 5)),
    st.tuples(st.just("crash within a line"), st.just(0)),
)


@given(steps=st.lists(STEP, max_size=40))
def test_the_spool_gives_each_line_once_more_than_it_was_lost_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    folder = SCRIPT_MODULE.Folder(str(tmp_path_factory.mktemp("spool")))
    waiting: list[bytes] = []
    for number, (step, count) in enumerate(steps):
        spool = SCRIPT_MODULE.Spool(folder)
        if step == "put":
            assert spool.put(b"%d %s\n" % (number, b"x" * count))
            waiting.append(b"%d %s" % (number, b"x" * count))
        elif step == "crash within a line":
            unfinished = Path(folder.file("incoming")).exists() and waiting and waiting[-1].endswith(b"half")
            with Path(folder.file("incoming")).open("ab") as file:
                file.write(b"half")
            if unfinished:
                waiting[-1] += b"half"
            else:
                waiting.append(b"half")
        else:
            lines = spool.batch(count)
            assert [line.rstrip(b"\n") for line in lines] == waiting[: len(lines)]
            assert bool(lines) == bool(waiting)
            if step == "hand over" and lines:
                spool.done(lines)
                del waiting[: len(lines)]
    assert SCRIPT_MODULE.Spool(folder).empty() == (not waiting)
