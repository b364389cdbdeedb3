"""`wrk`, the HTTP load generator: one thread, 32 connections, names by its own script."""

import random
import shutil
from pathlib import Path
from typing import Literal

import msgspec

from bench import processes
from bench.plan import HERE
from bench.table import Row

REQUESTS, CPU, P50, P99, P999, MOST = "requests/s", "CPU µs/request", "ms p50", "ms p99", "ms p99.9", "ms at most"

CONNECTIONS = 32

Mode = Literal["random", "below", "each"]


class Load(msgspec.Struct):
    """What wrk measured; latencies in milliseconds. `failed`: answers above 399, and connections that broke."""

    requests: int
    seconds: float
    failed: int
    p50: float
    p99: float
    p999: float
    most: float


def there() -> None:
    """See that wrk is there.

    Raises:
        Trouble: it is not.
    """
    if shutil.which("wrk") is None:
        raise processes.Trouble("wrk is missing, which loads the HTTP side: apt-get install wrk")


def command(port: int, mode: Mode, names: Path, seconds: int, *, start: int = 0) -> list[str]:
    """The command line that asks a server on a loopback port."""
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", str(HERE / "wrk.lua")]
    seed = random.SystemRandom().randrange(1 << 30)
    return ["wrk", *options, f"http://127.0.0.1:{port}", "--", mode, str(names), str(start), str(seed)]


def run(port: int, mode: Mode, names: Path, seconds: int, *, start: int = 0) -> Load:
    """Load a server for some seconds.

    Raises:
        Trouble: it failed to answer requests.
    """
    asked = command(port, mode, names, seconds, start=start)
    said = processes.run(asked, timeout=seconds + 60)
    load = msgspec.json.decode(said.splitlines()[-1], type=Load)
    if load.failed or not load.requests:
        raise processes.Trouble(f"Of {load.requests} requests {load.failed} failed ({mode} names, port {port}).")
    return load


def into(row: Row, load: Load, cpu: float) -> None:
    """Add a run to a row; `cpu`: seconds that the server's processes took by it."""
    row.add(
        {
            "requests": load.requests,
            REQUESTS: load.requests / load.seconds,
            CPU: cpu / load.requests * 1e6,
            P50: load.p50,
            P99: load.p99,
            P999: load.p999,
        }
    )
