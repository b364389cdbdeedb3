import json
from collections.abc import MutableMapping
from typing import Any

from firstsight.web.asgi import PROBLEM, problem, reply


async def replied(method: str, *arguments: Any) -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await reply({"type": "http", "method": method}, send, *arguments)
    return sent


async def test_a_whole_reply() -> None:
    assert await replied("GET", 200, b"{}") == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        },
        {"type": "http.response.body", "body": b"{}"},
    ]


async def test_a_head_gets_the_headers_of_the_body() -> None:
    start, body = await replied("HEAD", 405, b"four", PROBLEM, ((b"allow", b"GET"),))

    assert start["headers"] == [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"4"),
        (b"allow", b"GET"),
    ]
    assert body["body"] == b""


def test_a_problem_document() -> None:
    assert json.loads(problem(404, "Not Found", "nothing there")) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "nothing there",
    }
