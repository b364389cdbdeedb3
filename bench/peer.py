"""Domain Stats 1.0.1, installed from PyPI into an environment of its own, and started the way its launcher does."""

import contextlib
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import processes, running
from bench.drain import drain
from bench.lines import domain, line
from bench.plan import CACHE, HERE, Plan
from bench.table import Row

NAME = "Domain Stats"
STAND_IN = "a process per event: import requests, ask, send"
_PACKAGES = ("domain-stats==1.0.1", "requests")
_ENVIRONMENT = CACHE / "peer"
_ORIGINAL = HERE / "original"
_SETTINGS = """\
ip_address: 127.0.0.1
timezone_offset: 0
established_days_age: 730
mode: rdap
rdap_error_ttl_days: 7
freq_table: freqtable2018.freq
enable_freq_scores: true
freq_avg_alert: 5.0
freq_word_alert: 4.0
log_detail: 0
count_rdap_errors: false
cache_browse_limit: 100
"""


def python() -> Path:
    """Its interpreter; installed where it is not yet.

    Raises:
        Trouble: it can't be installed.
    """
    interpreter = _ENVIRONMENT / "bin" / "python"
    ready = _ENVIRONMENT / "ready"
    if not ready.exists():
        print(f"  installing {_PACKAGES[0]} from PyPI (kept in {_ENVIRONMENT}/)", flush=True)
        processes.run([sys.executable, "-m", "venv", "--clear", _ENVIRONMENT])
        processes.run([interpreter, "-m", "pip", "install", "--quiet", *_PACKAGES])
        ready.touch()
    return interpreter


@contextlib.contextmanager
def domain_stats(plan: Plan, names: Sequence[str]) -> Iterator[running.Server]:
    """Domain Stats with three workers of three threads, and these names in its cache; its registry is on loopback."""
    interpreter = python()
    folder = plan.scratch / "domain-stats"
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run(["cp", "-r", "--reflink=auto", str(_filled(interpreter, names)), str(folder)], check=True)
    port = processes.free_port()
    with running.registry(plan) as registry:
        command: list[str | Path] = [
            interpreter, "-m", "gunicorn.app.wsgiapp", "app:application",
            "--workers", "3", "--threads", "3", "--bind", f"127.0.0.1:{port}",
            "--chdir", folder, "--pythonpath", _ORIGINAL,
        ]  # fmt: skip
        environment = {"BENCH_RDAP": f"http://127.0.0.1:{registry.port}"}
        log = plan.scratch / "domain-stats.log"
        with running.server(command, port, "/localhost", log, environment) as up:
            yield up


def _filled(interpreter: Path, names: Sequence[str]) -> Path:
    """The folder of its data with so many names in its cache, kept; it expires after a year."""
    folder = CACHE / f"peer-{len(names)}"
    if folder.exists():
        return folder
    print(f"  filling Domain Stats' cache with {len(names):,} names (kept in {folder.name}/)", flush=True)
    building = folder.with_suffix(".building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    package = next((_ENVIRONMENT / "lib").glob("python*/site-packages/domain_stats"))
    shutil.copy(package / "data" / "freqtable2018.freq", building)
    (building / "domain_stats.yaml").write_text(_SETTINGS)
    listed = building / "names.txt"
    listed.write_text("\n".join(names))
    processes.run([interpreter, _ORIGINAL / "preload.py", listed], folder=building)
    building.rename(folder)
    return folder


def events(plan: Plan, server: running.Server) -> Row:
    """The original's way of an event, one after another: a stand-in for its script against its own service."""
    row = Row("b events", STAND_IN, NAME)
    alert = plan.scratch / "alert.json"
    count = plan.size(20, 3)
    with drain(plan.sockets, plan.scratch / "came") as queue:
        command = [str(part) for part in (python(), _ORIGINAL / "one_event.py", alert, server.port, queue.path)]
        for turn in range(plan.runs):
            wall, cpu = time.perf_counter(), _ended() + server.cpu()
            for n in range(turn * count, (turn + 1) * count):
                alert.write_bytes(line(n, 1, domain(n + 1)))
                subprocess.run(command, check=True)
            wall, cpu = time.perf_counter() - wall, _ended() + server.cpu() - cpu
            row.add({"events/s": count / wall, "CPU µs/event": cpu / count * 1e6})
        came = len(queue.came())
    if came != plan.runs * count:
        raise processes.Trouble(f"The stand-in for the original sent {came} of {plan.runs * count} events.")
    return row


def _ended() -> float:
    """CPU seconds of all processes that the bench has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
