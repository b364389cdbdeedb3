"""`firstsight serve` as a process, and what it is made of."""

import asyncio
import contextlib
import gc
import json
import signal
import socket
import sys
import weakref
from collections.abc import Iterator, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
import uvicorn

from alert_samples import FakeClock
from firstsight.cli.serve import Server, _guard, collect_seldom, listen, switch_soon
from firstsight.core.errors import SettingsError
from firstsight.store.sqlite import SqliteStore
from running import PATIENCE, Client, command, eventually, find, process, running
from wazuh_home import dns_alert, other_alert


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A service over an alerts.json of three lines, that asks nobody."""
    lines = [dns_alert("www.kestrelvale.com", record=1), dns_alert("kestrelvale.com", record=2), other_alert()]
    (tmp_path / "alerts.json").write_bytes(b"\n".join([*lines, b""]))
    return f"""
data_dir = "{tmp_path}/data"
[http]
offline = true
[[sources]]
path = "{tmp_path}/alerts.json"
name = "manager"
from = "start"
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(tmp_path: Path, config: str, number: int) -> None:
    with process(tmp_path, config) as service:
        eventually(lambda: b"firstsight_lines_total 3.0" in service.client.get("/metrics").body)
        assert service.terminate(number) == 0
        assert find(service.told(), "stopped")
        assert not [line for line in service.told() if line["level"] in {"error", "warning"}]

    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock())
    account, seen, position = (
        store.account("manager"),
        store.seen(["kestrelvale.com"]),
        store.source("manager").position,
    )
    store.close()
    assert (account["lines"], account["events"], account["seen"]) == (3, 2, 2)
    assert seen["kestrelvale.com"].count == 2
    assert position is not None


@contextlib.contextmanager
def stalled_upload(client: Client) -> Iterator[None]:
    """Somebody who begins to send events and then says nothing more."""
    with socket.create_connection((client.host, client.port), timeout=PATIENCE) as connection:
        head = f"POST /v1/events HTTP/1.1\r\nHost: {client.host}:{client.port}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 "), "it waits for the body"
        connection.sendall(b'{"events": [')
        yield


@pytest.mark.slow
def test_an_upload_that_stalls_holds_up_its_end_for_a_while_only(tmp_path: Path, config: str) -> None:
    with process(tmp_path, config) as service, stalled_upload(service.client):
        assert service.terminate() == 0
        assert find(service.told(), "stopped")


def test_asked_twice_it_waits_for_nobody(tmp_path: Path, config: str) -> None:
    with process(tmp_path, config) as service, stalled_upload(service.client):
        service.popen.send_signal(signal.SIGTERM)
        eventually(service.client.refuses)
        assert service.popen.poll() is None, "the upload is waited for"
        assert service.terminate() == 0
        assert find(service.told(), "stopped")


def test_a_hangup_opens_the_alert_file_anew_and_stops_nothing(tmp_path: Path, config: str) -> None:
    alerts = tmp_path / "alerts.jsonl"
    with process(tmp_path, f'learning.days = 0\nalerts.file = "{alerts}"\n{config}') as service:
        eventually(alerts.exists)
        rotated = alerts.rename(tmp_path / "rotated.jsonl")
        service.popen.send_signal(signal.SIGHUP)
        eventually(lambda: find(service.told(), "reopened"))
        with (tmp_path / "alerts.json").open("ab") as file:
            file.write(dns_alert("garden.net", record=3) + b"\n")
        eventually(lambda: alerts.exists() and alerts.read_bytes().endswith(b"\n"))
        assert service.terminate() == 0
    assert [json.loads(path.read_bytes())["verdict"]["domain"] for path in (rotated, alerts)] == [
        "kestrelvale.com",
        "garden.net",
    ]


def test_it_goes_on_where_it_was_also_after_a_kill(tmp_path: Path, config: str) -> None:
    with process(tmp_path, config) as service:
        eventually(lambda: b"firstsight_lines_total 3.0" in service.client.get("/metrics").body)
        first = service.client.get("/looked-up.com").json()
        assert service.terminate(signal.SIGKILL) == -signal.SIGKILL

    with process(tmp_path, config) as service:  # a crash leaves no lock
        again = service.client.get("/looked-up.com").json()
        eventually(lambda: b"firstsight_lines_total 3.0" in service.client.get("/metrics").body)
        assert service.terminate() == 0

    assert "YOUR-FIRST-CONTACT" in first["alerts"]
    assert "YOUR-FIRST-CONTACT" not in again["alerts"]
    assert first["seen_by_you"] == again["seen_by_you"]


def test_a_second_one_is_refused(tmp_path: Path, config: str) -> None:
    second = tmp_path / "second.toml"
    second.write_text('listen = "127.0.0.1:0"\n' + config)
    with process(tmp_path, config) as service:
        done = command("serve", "--config", second)

        assert done.returncode == 1
        assert done.stderr.startswith("firstsight: Another process holds the store")
        assert "stop the other one" in done.stderr
        assert "Traceback" not in done.stderr
        assert service.client.get("/healthz").status == 200


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = command("serve", FIRSTSIGHT_LISTEN=f"127.0.0.1:{port}", FIRSTSIGHT_DATA_DIR=str(tmp_path / "data"))

    assert done.returncode == 1
    assert done.stderr.startswith(f"firstsight: 127.0.0.1:{port} can't be listened on (Address already in use).")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_answer_does_not_wait_for_the_clients_acknowledgement(host: str) -> None:
    """Nagle's algorithm would hold the body back behind the headers, on a connection that is kept."""
    with closing(listen(host, 0)) as listener, closing(socket.create_connection(listener.getsockname()[:2])):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_only_one_may_listen(host: str) -> None:
    with closing(listen(host, 0)) as first:
        assert first.family == socket.AF_INET
        with pytest.raises(SettingsError, match="Address already in use"):
            listen(host, first.getsockname()[1])


def test_an_address_of_another_machine() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1:0 can't be listened on"):
        listen("192.0.2.1", 0)


async def test_background_work_that_dies_ends_the_service() -> None:
    async def dies() -> None:
        raise ValueError("a defect")

    async def goes_on() -> None:
        await asyncio.sleep(60)

    server = Server(uvicorn.Config(lambda: None))
    cancelled = _guard(server, goes_on())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    assert not server.should_exit

    failed = _guard(server, dies())
    await asyncio.wait([failed])
    assert isinstance(failed.exception(), ValueError)
    assert vars(server)["should_exit"]


def test_it_says_that_it_listens_once_verbs_reach_it_too(tmp_path: Path) -> None:
    there: list[bool] = []

    def look(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if line["event"] == "listening":
            there.append((tmp_path / "data" / "firstsight.db.control").exists())
        return line

    processors = structlog.get_config()["processors"]
    processors.insert(0, look)
    try:
        with running(tmp_path):
            assert there == [True]
    finally:
        processors.remove(look)


def test_ipv6(tmp_path: Path) -> None:
    with running(tmp_path, listen="[::1]:0") as service:
        assert service.url.startswith("http://[::1]:")
        with socket.create_connection(("::1", service.port), timeout=10) as connection:
            connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.me = self


def test_cycles_are_looked_for_seldom_but_found() -> None:
    usual = gc.get_threshold()
    try:
        collect_seldom()
        first = weakref.ref(Ring())
        rings = 1
        while first() is not None and rings < 1_000_000:
            Ring()
            rings += 1
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
    assert 10_000 < rings < 1_000_000


def test_threads_give_way_soon() -> None:
    usual = sys.getswitchinterval()
    try:
        switch_soon()
        assert sys.getswitchinterval() < usual
    finally:
        sys.setswitchinterval(usual)
