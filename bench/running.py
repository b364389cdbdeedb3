"""Servers that are measured from outside: the real `firstsight serve`, the bare hello, the registry."""

import contextlib
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from bench import processes, stores
from bench.plan import CHECKOUT, Plan

FIRSTSIGHT = Path(sys.executable).with_name("firstsight")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is up.

    Attributes:
        pid: its process.
        port: on loopback.
        ready: seconds from its start until it answered.
    """

    pid: int
    port: int
    ready: float

    def cpu(self) -> float:
        """Seconds of CPU so far, of its whole process tree."""
        return processes.cpu_seconds(self.pid)

    def settle(self) -> None:
        """Wait until it is done with what it was asked: that would be felt by whoever is measured next."""
        until, before = time.perf_counter() + 20, -1.0
        while time.perf_counter() < until and self.cpu() - before > 0.06:  # of 0.2 s
            before = self.cpu()
            time.sleep(0.2)

    def rss_mb(self) -> float:
        """Resident memory, MB."""
        return processes.rss_mb(self.pid)


@contextlib.contextmanager
def firstsight(
    plan: Plan,
    kind: stores.Kind,
    *,
    keys: str = "",
    sections: Mapping[str, str] | None = None,
    program: Sequence[str | Path] = (FIRSTSIGHT, "serve"),
) -> Iterator[Server]:
    """`firstsight serve` over a fresh copy of a store; nobody outside is asked unless `sections` says so.

    Args:
        plan: of this run.
        kind: the store.
        keys: further top-level settings, TOML.
        sections: TOML sections, in place of the usual ones of the same name.
        program: what is started, with `--config FILE`.
    """
    home = folder(plan)
    stores.copy(kind, store(plan))
    port = processes.free_port()
    usual = {"http": "offline = true", "learning": "days = 0"} | dict(sections or {})
    text = "".join(
        f"[{name}]\n{body}\n" if not name.startswith("[") else f"{name}\n{body}\n" for name, body in usual.items()
    )
    config = home / "firstsight.toml"
    config.write_text(f'listen = "127.0.0.1:{port}"\ndata_dir = "{home}"\nlog = "json"\n{keys}\n{text}')
    with server([*program, "--config", config], port, "/readyz", home / "log") as up:
        yield up


def between(alerts: str | Path, queue: Path, *, name: str) -> dict[str, str]:
    """Sections of a service that reads a manager's alerts, as the source of that name, and writes into its queue."""
    source = f'type = "wazuh"\npath = "{alerts}"\nfrom = "start"\nname = "{name}"'
    return {"[[sources]]": source, "wazuh": f'queue = "{queue}"'}


def folder(plan: Plan) -> Path:
    """Where the service keeps its state; the same for each, one after another."""
    path = plan.scratch / "service"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def store(plan: Plan) -> Path:
    """The service's store."""
    return folder(plan) / "firstsight.db"


def learnt(plan: Plan, source: str) -> None:
    """The report of a learning period is written once, and would be written while we measure: it is there already."""
    name = f"learning-report-{blake2b(source.encode(), digest_size=4).hexdigest()}.json"
    (folder(plan) / name).write_text("{}")


def log(plan: Plan) -> str:
    """What the service has said."""
    return (folder(plan) / "log").read_text("utf-8", "replace")


@contextlib.contextmanager
def hello(plan: Plan) -> Iterator[Server]:
    """The bare hello on the same server: uvicorn, uvloop, httptools."""
    port = processes.free_port()
    options = "--loop uvloop --http httptools --no-access-log --no-server-header --lifespan off --log-level critical"
    command = [sys.executable, "-m", "uvicorn", "bench.hello:app", "--port", str(port), *options.split()]
    with server(command, port, "/", plan.scratch / "hello.log") as up:
        yield up


@contextlib.contextmanager
def registry(plan: Plan, *, hang: bool = False) -> Iterator[Server]:
    """An RDAP server."""
    port = processes.free_port()
    command: list[str | Path] = [sys.executable, "-m", "bench.registry", str(port), *(["hang"] if hang else [])]
    output = plan.scratch / "registry.log"
    with processes.process(command, output, folder=CHECKOUT) as popen:
        until = time.perf_counter() + 10
        while not _listens(port):
            if popen.poll() is not None or time.perf_counter() > until:
                raise processes.Trouble(f"The bench's registry does not start:\n{output.read_text()}")
            time.sleep(0.01)
        yield Server(popen.pid, port, 0.0)


@contextlib.contextmanager
def server(
    command: Sequence[str | Path], port: int, path: str, output: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that answers a path when it is up."""
    start = time.perf_counter()
    with processes.process(command, output, folder=CHECKOUT, environment=environment) as popen:
        processes.wait_for(port, path, popen, output)
        yield Server(popen.pid, port, time.perf_counter() - start)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        processes.connect(port).close()
        return True
    return False
