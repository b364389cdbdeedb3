"""A firstsight, or an OTX, on loopback as an endpoint's active response sees it: answers by path, late, wrong or never.

with Knowledge() as server:
    server.answers["/v1/intel/evil.example?wait=10"] = Answer(200, {...})
"""

import contextlib
import json
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True)
class Answer:
    """What is answered: JSON of `body`, or its bytes."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        knowledge = self.server.knowledge
        knowledge.asked.append((self.path, dict(self.headers)))
        if knowledge.hanging:
            knowledge.over.wait(60)
        answers = knowledge.scripted
        answer = answers.pop(0) if answers else knowledge.answers.get(self.path, knowledge.default)
        with contextlib.suppress(ConnectionError):
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

    def log_message(self, *_: object) -> None:
        pass


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50
    knowledge: "Knowledge"

    def handle_error(self, *_: object) -> None:
        """A client that has had enough, or does not trust us, is part of the tests."""


class Knowledge:
    """The server; see the module.

    Args:
        certificate: PEM with certificate and key; http where it is None.

    Attributes:
        asked: path and headers of each request, in order.
        answers: by path.
        default: for any other path.
        scripted: for the next requests, whatever their path.
        hanging: no answer until the test is over.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answers: dict[str, Answer] = {}
        self.default = Answer(404, {"title": "Not Found"})
        self.scripted: list[Answer] = []
        self.hanging = False
        self.over = threading.Event()
        self._scheme = "https" if certificate else "http"
        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.knowledge = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
