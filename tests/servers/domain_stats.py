"""A server that pages through its memory as Domain Stats 1.0.1 does, on loopback, in a thread of its own.

    with DomainStats([{"domain": "kestrelvale.com", ...}]) as old:
        ...  # old.url; old.asked are the offsets that were asked for

`fails_at`: the first request for that offset is answered with status 500, or, with `hangs_up`, with a closed
connection; and so are as many more as `times` says.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


class DomainStats:
    """The server; see the module.

    Args:
        items: what it remembers, as /cache_browse lists it.
        limit: its cache_browse_limit.
    """

    def __init__(self, items: list[dict[str, Any]], limit: int = 100) -> None:
        self.items = items
        self.limit = limit
        self.asked: list[int] = []
        self.fails_at: int | None = None
        self.times = 0
        self.hangs_up = False
        self.body: bytes | None = None  # instead of anything else
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        split = urlsplit(request.path)
        query = {key: int(values[0]) for key, values in parse_qs(split.query).items()}
        offset, wanted = query.get("offset", 0), query.get("limit", self.limit)
        self.asked.append(offset)
        if offset == self.fails_at and self.times > 0:
            self.times -= 1
            if self.hangs_up:
                request.close_connection = True
                return
            self._send(request, 500, b"<h1>Internal Server Error</h1>")
            return
        if split.path != "/cache_browse":
            self._send(request, 404, b"<h1>Not Found</h1>")
            return
        page: list[dict[str, Any]] = list(self.items[offset : offset + min(wanted, self.limit)])
        if len(page) >= wanted:  # so it names no next page where its own limit is lower
            page.insert(0, {"next": f"{self.url}/cache_browse?offset={offset + wanted}&limit={wanted}"})
        text = json.dumps(page, separators=(",", ":"), sort_keys=True) + "\n"
        self._send(request, 200, text.encode() if self.body is None else self.body)

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def item(domain: str, you: str = "Tue, 19 Oct 2021 20:59:08 GMT", web: str = "Tue, 19 Sep 2000 15:00:50 GMT") -> Any:
    """What it remembers of a domain; an error where `web` says so."""
    known = web != "ERROR"
    record = {
        "alerts": [],
        "category": "ESTABLISHED" if known else "ERROR",
        "freq_score": [6.6079, 6.0942],
        "seen_by_isc": "RDAP" if known else "ERROR",
        "seen_by_web": web,
        "seen_by_you": you if known else "ERROR",
    }
    return {"cache_expires": "Wed, 29 Dec 2027 02:26:37 GMT", "cache_value": record, "domain": domain}
