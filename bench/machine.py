"""What the figures were measured on, and what its disk can do."""

import json
import os
import platform
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path

from bench.lines import Mix
from bench.plan import CHECKOUT, Plan
from bench.table import Row

DISK, SYNCS = "a small append and fdatasync", "fsyncs/s"
LOADS, MICROSECONDS = "json.loads of an alert line, by the standard library", "CPU µs/line"
_PACKAGES = ("firstsight", "msgspec", "uvicorn", "uvloop", "httptools", "fastapi", "aiohttp", "publicsuffixlist")


def about() -> dict[str, object]:
    """Machine and versions."""
    return {
        "machine": {
            "cpu": _cpu(),
            "cores": len(os.sched_getaffinity(0)),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
            "kernel": platform.release(),
            "datagrams_queued": _read("/proc/sys/net/unix/max_dgram_qlen"),
            "load_at_start": round(os.getloadavg()[0], 2),
        },
        "versions": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            **{package: version(package) for package in _PACKAGES},
        },
        "commit": commit(),
    }


def commit() -> str:
    """The short commit, with `+` where the tree differs from it; `none` outside a repository."""
    git = ["git", "-C", str(CHECKOUT)]
    head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    if head.returncode != 0:
        return "none"
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True, check=False
    )
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def disk(plan: Plan) -> Row:
    """How many small appends a second the disk makes durable, one after another."""
    row = Row("a HTTP", DISK, "machine")
    for _ in range(plan.runs):
        row.add({SYNCS: _fsyncs(plan.scratch / "fsync", 0.3 if plan.quick else 1.0)})
    return row


def processor(plan: Plan, part: str) -> Row:
    """How long the standard library takes to decode an alert line: what another machine's figures are compared by."""
    row = Row(part, LOADS, "machine")
    lines = [line for line, _ in Mix(10_000, 500).events(2_000)]
    for _ in range(plan.runs):
        start = time.thread_time()
        for line in lines:
            json.loads(line)
        row.add({MICROSECONDS: (time.thread_time() - start) / len(lines) * 1e6})
    return row


def _fsyncs(path: Path, seconds: float) -> float:
    block = b"\0" * 4096
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        count, start = 0, time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            os.write(descriptor, block)
            os.fdatasync(descriptor)
            count += 1
        return count / (now - start)
    finally:
        os.close(descriptor)
        path.unlink()


def _cpu() -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
