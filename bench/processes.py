"""Processes that the bench starts: each leads a session of its own, and ends with the block that started it."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 30.0


class Trouble(Exception):  # noqa: N818  # it is told to whoever started the bench
    """Something can't be measured here; the sentence says what to do."""


@contextlib.contextmanager
def process(
    command: Sequence[str | Path],
    log: Path,
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program while the block lasts; it and what it started are ended afterwards.

    Args:
        command: the program and its arguments.
        log: takes its stdout and stderr.
        folder: its working folder.
        environment: variables beside the bench's own.
    """
    with (
        log.open("wb") as output,
        subprocess.Popen(
            list(map(str, command)),
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            cwd=folder,
            env=_environment() | dict(environment or {}),
            start_new_session=True,
        ) as popen,
    ):
        try:
            yield popen
        finally:
            end(popen)


def end(popen: "subprocess.Popen[bytes]") -> None:
    """End a process in order, and then its whole session."""
    if popen.poll() is None:
        popen.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(10)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(popen.pid, signal.SIGKILL)
    popen.wait()


def run(command: Sequence[str | Path], *, folder: Path | None = None, timeout: float = 900) -> str:
    """Run a program to its end; what it printed.

    Raises:
        Trouble: it failed; the text ends with what it said.
    """
    popen = subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=_environment(),
        start_new_session=True,
    )
    with popen:
        try:
            out, err = popen.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise Trouble(f"{command[0]} did not end within {timeout:.0f} seconds.") from None
        finally:
            end(popen)
    if popen.returncode != 0:
        said = (err or out).decode("utf-8", "replace")[-2000:]
        raise Trouble(f"{' '.join(map(str, command[:4]))} … failed with status {popen.returncode}:\n{said}")
    return out.decode()


def _environment() -> dict[str, str]:
    """Without a developer's settings, which would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FIRSTSIGHT_")}


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, path: str, popen: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a server answers a path with a status below 500.

    Raises:
        Trouble: it ended, or does not answer in time.
    """
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        if popen.poll() is not None:
            break
        with contextlib.suppress(OSError, http.client.HTTPException):
            if get(port, path)[0] < 500:  # server errors
                return
        time.sleep(0.005)
    raise Trouble(f"A server of the bench does not answer:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def get(port: int, path: str, timeout: float = 10.0) -> tuple[int, bytes]:
    """Ask once: status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all below it, so far."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def rss_mb(pid: int) -> float:
    """Resident memory of a process and all below it, MB (10^6 bytes)."""
    total = 0
    for member in tree(pid):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{member}/status").read_text()
            total += int(status.partition("VmRSS:")[2].split()[0]) * 1024
    return total / 1e6


def peak_mb(pid: int) -> float:
    """The most that a process has had resident, MB (its parent's before exec not counted, as getrusage does)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6


def connect(port: int) -> socket.socket:
    """A connection to a loopback port."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)
