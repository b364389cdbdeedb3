from pathlib import Path

from firstsight.web.limits import MOST_BYTES
from running import running


def test_a_body_that_says_it_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        head = "POST /v1/domains HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        head += f"Content-Length: {MOST_BYTES + 1}\r\n\r\n"
        reply = service.raw(head.encode())
        assert b"413" in reply.split(b"\r\n", 1)[0]
        assert b"application/problem+json" in reply
        assert service.get("/healthz").status == 200


def test_a_body_that_does_not_say_how_large_it_is_is_refused_too(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        piece = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        head = b"POST /v1/domains HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        head += b"Content-Type: application/json\r\nConnection: close\r\n\r\n"
        reply = service.raw(head + piece * (MOST_BYTES >> 20) + b"1\r\n \r\n0\r\n\r\n")
        assert b"413" in reply.split(b"\r\n", 1)[0]
        assert service.get("/healthz").status == 200
