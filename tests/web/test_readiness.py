"""Health and readiness are answered without the native API's framework, and as the API describes them."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from firstsight.web.asgi import App
from firstsight.web.readiness import PATHS
from firstsight.web.v1 import native
from running import running


async def answer(app: App, path: str) -> tuple[int, Any]:
    said: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    request = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "headers": [],
        "query_string": b"",
    }
    await app(request, receive, send)
    return said[0]["status"], json.loads(b"".join(message.get("body", b"") for message in said))


@pytest.mark.parametrize("path", sorted(PATHS))
def test_both_roads_say_the_same(tmp_path: Path, path: str) -> None:
    with running(tmp_path) as service:
        direct = service.get(path)
        api = service.do(lambda: native(service.parts))
        status, body = asyncio.run_coroutine_threadsafe(answer(api, path), service.loop).result(10)

    assert (direct.status, direct.json()) == (status, body)
    assert status == 200


def test_a_start_needs_no_framework() -> None:
    loaded = (
        "import sys, firstsight.cli.serve; print([m for m in ('fastapi', 'prometheus_client') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
