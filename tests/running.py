"""A real firstsight service for tests, on a free loopback port, with the client that talks to it.

with running(tmp_path) as service:                     # in a thread of this process
    assert service.get("/sans.org").json()["category"] == "UNKNOWN"
    service.do(lambda: service.parts.store.totals())   # in the service's own thread

with process(config) as firstsight:                    # `firstsight serve` as a process
    firstsight.get("/healthz")
    assert firstsight.terminate() == 0
"""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from firstsight.cli.serve import Running, serve
from firstsight.service import Service
from firstsight.settings import Settings

PATIENCE = 20.0
"""Seconds until a test says that something does not happen; long, as machines may be slow."""

COMMAND = [sys.executable, "-c", "from firstsight.cli.main import main; main()"]

T = TypeVar("T")


@dataclass(frozen=True)
class Reply:
    """A whole reply; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Asks a service, a connection a question.

    Args:
        url: the service's.
        source: the address to ask from; the usual one where it is empty.
        trust: for https.
    """

    def __init__(self, url: str, source: str = "", trust: ssl.SSLContext | None = None) -> None:
        self.url = url
        split = urlsplit(url)
        assert split.hostname is not None
        assert split.port is not None
        self.host, self.port = split.hostname, split.port
        self.source, self.trust = source, trust

    def connection(self) -> http.client.HTTPConnection:
        """A connection to it."""
        source = (self.source, 0) if self.source else None
        if self.trust is None:
            return http.client.HTTPConnection(self.host, self.port, PATIENCE, source)
        return http.client.HTTPSConnection(
            self.host, self.port, timeout=PATIENCE, source_address=source, context=self.trust
        )

    def get(self, path: str, method: str = "GET", body: bytes | None = None, /, **headers: str) -> Reply:
        """Ask; `headers` are written with underscores."""
        connection = self.connection()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            reply = connection.getresponse()
            fields = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, fields, reply.read())
        finally:
            connection.close()

    def post(self, path: str, document: Any, /, **headers: str) -> Reply:
        """Send JSON."""
        return self.get(path, "POST", json.dumps(document).encode(), Content_Type="application/json", **headers)

    def refuses(self) -> bool:
        """Whether nobody listens any more."""
        try:
            socket.create_connection((self.host, self.port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            return True
        return False

    def raw(self, data: bytes) -> bytes:
        """Whatever comes back for these bytes, until the service closes (ask it to: `Connection: close`)."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as connection:
            connection.sendall(data)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)


@dataclass
class InThread(Client):
    """A service in a thread of this process. `parts` belong to that thread: touch them within `do`.

    `old_clients` asks at the address of `[compat] listen`, where that is set.
    """

    parts: Service
    loop: asyncio.AbstractEventLoop
    old_clients: Client | None

    def __init__(self, up: Running, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(up.url)
        self.parts = up.service
        self.loop = loop
        self.old_clients = None if up.old_clients is None else Client(up.old_clients)

    def do(self, work: Callable[[], T]) -> T:
        """Run something in the service's thread."""
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  # it is the waiting test's
                done.set_exception(error)

        self.loop.call_soon_threadsafe(run)
        return done.result(PATIENCE)


def settings(folder: Path, **keys: Any) -> Settings:
    """Settings as a file would give them: any port, nobody outside asked. `keys` are top-level ones."""
    usual: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "data_dir": folder / "data",
        "http": {"offline": True},
        "popular": {"url": ""},
    }
    return Settings.model_validate(usual | keys)


def asking(registry_url: str, *tlds: str, **registration: Any) -> dict[str, Any]:
    """Keys that make a service ask a registry of ours for these top-level domains, and nobody for others."""
    servers = dict.fromkeys(tlds or ("com", "net", "org"), registry_url)
    usual = {"bootstrap": "", "servers": servers, "rate": 1000, "burst": 1000}
    return {"http": {}, "registration": usual | registration}


@contextlib.contextmanager
def running(folder: Path, **keys: Any) -> Iterator[InThread]:
    """A service that is up, in a thread; ended in order."""
    up: Future[InThread] = Future()

    async def main() -> None:
        started: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        work = asyncio.ensure_future(serve(settings(folder, **keys), started))
        either: list[asyncio.Future[Any]] = [started, work]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not started.done():
            work.result()
        service = started.result()
        up.set_result(InThread(service, asyncio.get_running_loop()))
        stopping.append(service.server.ask_to_stop)
        await work

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001  # it is the waiting test's
            if up.done():
                failed.append(error)
            else:
                up.set_exception(error)

    stopping: list[Callable[[], None]] = []
    failed: list[BaseException] = []
    thread = threading.Thread(target=run, name="firstsight")
    thread.start()
    try:
        yield up.result(PATIENCE)
    finally:
        for stop in stopping:
            stop()
        thread.join(PATIENCE)
    assert not thread.is_alive(), "the service did not stop"
    assert not failed, failed


@dataclass
class Process:
    """`firstsight serve` as a process."""

    popen: subprocess.Popen[bytes]
    log: Path
    client: Client = field(init=False)

    def told(self) -> list[dict[str, Any]]:
        """Its log so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def terminate(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        self.popen.send_signal(number)
        return self.popen.wait(PATIENCE)


@contextlib.contextmanager
def process(folder: Path, config: str, listen: str = "127.0.0.1:0") -> Iterator[Process]:
    """Start the service and wait until it listens.

    Args:
        folder: where its settings and its log are written.
        config: TOML; `listen` and `log` are set here.
        listen: the address.
    """
    path, log = folder / "firstsight.toml", folder / "stderr"
    path.write_text(f'listen = "{listen}"\nlog = "json"\n{config}')
    with (
        log.open("wb") as stderr,
        subprocess.Popen([*COMMAND, "serve", "--config", str(path)], stderr=stderr, env=environment()) as popen,
    ):
        service = Process(popen, log)
        try:
            up = eventually(lambda: popen.poll() is not None or find(service.told(), "listening"))
            assert isinstance(up, dict), log.read_text()
            service.client = Client(up["address"])
            yield service
        finally:
            if popen.poll() is None:
                popen.kill()


def find(told: list[dict[str, Any]], event: str) -> dict[str, Any] | None:
    """The first log line of an event."""
    return next((line for line in told if line["event"] == event), None)


def command(*arguments: str | Path, given: str = "", **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run a verb to its end; `given` is its standard input."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        env=environment() | variables,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def environment() -> dict[str, str]:
    """Without a developer's settings, and without the list that is fetched unless told otherwise."""
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("FIRSTSIGHT_") and not name.upper().endswith("_PROXY")
    }
    return own | {"FIRSTSIGHT_POPULAR__URL": ""}


def eventually(look: Callable[[], T], every: float = 0.02) -> T:
    """Look until there is something to see; returns it."""
    end = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < end, "it did not come about"
        time.sleep(every)
