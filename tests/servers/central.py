"""A firstsight on loopback as its nodes see it (`POST /v1/wazuh/alerts`): it can be good, slow, wrong or away.

    with Central() as central:
        central.behaviour = status(500)
        ...  # central.url is the `url` of firstsight-node.conf
        assert central.lines["node-1"] == [...]

Good, it takes lines, owes the node a datagram for each line with a query name, and repeats what is owed until the
cursor comes back. `late` keeps datagrams back as pending for so many calls.
"""

import contextlib
import json
import socketserver
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_MOST_DATAGRAMS = 100


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    node: str
    cursor: str
    token: str
    lines: list[bytes]


Behaviour = Callable[[Call, "Handler"], None]


@dataclass
class Node:
    """What is owed to a node: `owed[0]` is number `first`."""

    first: int = 0
    owed: list[str] = field(default_factory=list)
    pending: list[tuple[int, str]] = field(default_factory=list)  # (calls until it is due, datagram)


class Handler(BaseHTTPRequestHandler):
    """A connection; `answer` and `raw` are for behaviours."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_POST(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call(
            node=query["node"][0],
            cursor=query.get("cursor", [""])[0],
            token=self.headers.get("Authorization", "").removeprefix("Bearer "),
            lines=body.splitlines(),
        )
        central = self.server.central
        assert urlsplit(self.path).path == "/v1/wazuh/alerts"
        central.calls.append(call)
        with contextlib.suppress(ConnectionError):
            (central.behaviour or central.good)(call, self)

    def answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def status(code: int) -> Behaviour:
    """Any status, with a problem document."""
    problem = json.dumps({"type": "about:blank", "title": "No", "status": code, "detail": "not now"}).encode()
    return lambda _, out: out.answer(code, problem, "application/problem+json")


def page(_: Call, out: Handler) -> None:
    """200 with a page: a login portal, a proxy."""
    out.answer(200, b"<!DOCTYPE html><title>Welcome</title>", "text/html")


def hanging(_: Call, out: Handler) -> None:
    """No answer; until the client or the test has had enough."""
    out.server.central.over.wait(60)


def dripping(_: Call, out: Handler) -> None:
    """A byte now and then: no single read ever times out."""
    out.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not out.server.central.over.is_set():
        out.wfile.write(b" ")
        time.sleep(0.02)


def breaking(_: Call, out: Handler) -> None:
    """A broken connection instead of an answer."""
    out.close_connection = True


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    central: "Central"

    def handle_error(self, *_: object) -> None:
        """A client that does not trust our certificate, or goes away, is part of the tests."""


class Central:
    """The server; see the module.

    Args:
        certificate: PEM with certificate and key; http where it is None.

    Attributes:
        behaviour: plays for every call; None = good.
        lines: by node, every line taken, in order, as often as it came.
        refuses: a line that makes 422 of any body it is in.
        token: what is asked for; empty = none.
        late: calls until a line's datagram is due.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.calls: list[Call] = []
        self.behaviour: Behaviour | None = None
        self.lines: dict[str, list[bytes]] = defaultdict(list)
        self.refuses: bytes | None = None
        self.token = ""
        self.late = 0
        self.over = threading.Event()
        self._certificate = certificate
        self._nodes: dict[str, Node] = defaultdict(Node)
        self._lock = threading.Lock()
        self._port = 0
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self._port}"

    def owed(self, node: str) -> int:
        """Datagrams that were not acknowledged, or wait."""
        return len(self._nodes[node].owed) + len(self._nodes[node].pending)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen, on the port of before where there was one."""
        self.over.clear()
        self._server = _Server(("127.0.0.1", self._port), Handler)
        self._server.central = self
        self._port = self._server.server_address[1]
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Connections are refused from now on."""
        self.over.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def good(self, call: Call, out: Handler) -> None:
        """The contract."""
        if self.token and call.token != self.token:
            status(401)(call, out)
        elif self.refuses in call.lines:
            status(422)(call, out)
        else:
            with self._lock:
                told = self._take(call)
            out.answer(200, json.dumps(told).encode())

    def _take(self, call: Call) -> dict[str, Any]:
        node = self._nodes[call.node]
        if call.cursor.isdigit() and node.first < int(call.cursor) <= node.first + len(node.owed):
            del node.owed[: int(call.cursor) - node.first]
            node.first = int(call.cursor)
        node.pending = [(calls - 1, datagram) for calls, datagram in node.pending]
        self.lines[call.node] += call.lines
        node.pending += [(self.late, datagram) for line in call.lines if (datagram := datagram_of(line))]
        node.owed += [datagram for calls, datagram in node.pending if calls <= 0]
        node.pending = [(calls, datagram) for calls, datagram in node.pending if calls > 0]
        deliver = node.owed[:_MOST_DATAGRAMS]
        return {
            "read": len(call.lines),
            "events": len(call.lines),
            "skipped": {},
            "deliver": deliver,
            "pending": len(node.pending) + len(node.owed) - len(deliver),
            "cursor": str(node.first + len(deliver)) if deliver else "",
        }


def query_of(line: bytes) -> str:
    """The name asked for in an alert line; empty where there is none."""
    try:
        return str(json.loads(line)["data"]["win"]["eventdata"]["queryName"])
    except (ValueError, KeyError, TypeError):
        return ""


def datagram_of(line: bytes) -> str:
    """The datagram that the server makes of a line; empty where it makes none."""
    query = query_of(line)
    fields = {"integration": "firstsight", "firstsight": {"query": query, "domain": query}}
    return f"1:[001] (WIN10) 10.0.0.5->firstsight:{json.dumps(fields)}" if query else ""
