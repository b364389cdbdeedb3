"""(h) The integration script on a node: how long integratord waits for it, whatever the service does.

integratord runs one script after another, so a slow one holds up the whole manager.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

from bench import processes, running, stores
from bench.lines import line
from bench.plan import Plan
from bench.table import Row, Rows

PART = "h the node's script"
UP, HANGING, ERROR, DOWN = "the service answers", "it hangs", "it answers 500", "nobody listens"
SLOWEST = "seconds, the slowest"


def measure(plan: Plan) -> Rows:
    """Call the script as integratord does, with each kind of service behind it."""
    rows = Rows()
    with running.firstsight(plan, stores.Kind(1_000, 10, each=1, common=1)) as server:
        processes.get(server.port, "/openapi.json")  # the native API is made by now, as in a service that runs
        rows.append(_calls(plan, UP, server.port))
    with _server(lambda _connection: None) as port:
        rows.append(_calls(plan, HANGING, port))
    with _server(_refuse) as port:
        rows.append(_calls(plan, ERROR, port))
    rows.append(_calls(plan, DOWN, processes.free_port()))
    return rows


def _calls(plan: Plan, case: str, port: int) -> Row:
    """Runs of a few calls; each call tries, though one that failed would be left alone for half a minute."""
    row = Row(PART, case, "firstsight")
    with _manager(plan, port) as (home, queue):
        for number in range(plan.runs):
            took = []
            for call in range(plan.size(3, 2)):
                (home / "queue/firstsight/quiet").unlink(missing_ok=True)
                alert = home / "alert"
                alert.write_bytes(line(number * 100 + call, 1, f"www.{number}-{call}.com"))
                start = time.perf_counter()
                _call(home, alert)
                took.append(time.perf_counter() - start)
                with contextlib.suppress(BlockingIOError):
                    while queue.recv(65_536):
                        pass
            row.add({SLOWEST: max(took), "seconds, the mean": sum(took) / len(took)})
    return row


def _call(home: Path, alert: Path) -> None:
    """One alert: argv, folder and streams as integratord's (`wm_integrator`)."""
    ended = subprocess.run(
        [sys.executable, "-IS", "integrations/custom-firstsight", str(alert), "", "", "", "", "10", "3", ""],
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if ended.returncode or ended.stdout:
        raise processes.Trouble(f"The script ended with {ended.returncode} and said {ended.stdout.decode()!r}.")


@contextlib.contextmanager
def _manager(plan: Plan, port: int) -> Iterator[tuple[Path, socket.socket]]:
    """A manager's folder with the script, its settings and its queue."""
    home = plan.sockets / "ossec"
    for part in ("etc", "integrations", "queue/sockets", "queue/firstsight"):
        (home / part).mkdir(parents=True)
    script = home / "integrations/custom-firstsight"
    script.write_bytes((files("firstsight.wazuh") / "custom-firstsight").read_bytes())
    conf = {"url": f"http://127.0.0.1:{port}", "node": "bench", "token": "not-asked-for-on-loopback"}
    (home / "etc/firstsight-node.conf").write_text("".join(f"{key} = {value}\n" for key, value in conf.items()))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as queue:
        queue.bind(str(home / "queue/sockets/queue"))
        queue.setblocking(False)
        yield home, queue
    for child in _children(home):  # some wait for the service still
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    shutil.rmtree(home)


def _children(home: Path) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == home:
                yield int(process.name)


@contextlib.contextmanager
def _server(behaviour: Callable[[socket.socket], None]) -> Iterator[int]:
    """Something that listens, and does as told with each connection."""
    open_ones: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    open_ones.append(connection)
                    behaviour(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in open_ones:
        connection.close()


def _refuse(connection: socket.socket) -> None:
    body = json.dumps({"status": 500}).encode()
    with contextlib.suppress(OSError):
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 500 X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
        connection.close()
