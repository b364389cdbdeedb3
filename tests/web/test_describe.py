import re
from collections.abc import Iterator

import pytest

from firstsight.web.describe import page
from running import InThread, running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    with running(tmp_path_factory.mktemp("describe")) as service:
        yield service


def test_the_page_needs_nobody_else(service: InThread) -> None:
    reply = service.get("/docs")
    text = reply.body.decode()

    assert (reply.status, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert not re.search(r"https?:|//|<script|<link|<img|@import|url\(", text.replace("<!doctype html>", ""))
    assert re.findall(r'(?:href|src)="([^"]*)"', text) == ["/openapi.json"]


def test_the_page_describes_every_route(service: InThread) -> None:
    text = service.get("/docs").body.decode()

    for path, operations in service.get("/openapi.json").json()["paths"].items():
        for method in operations:
            assert f"<h2><code>{method.upper()} {path}</code></h2>" in text
    assert "<code>wait</code> (query) seconds to wait for what is not known" in text
    assert "404 there is no such thing" in text


def test_whatever_a_description_says_is_text() -> None:
    told = page(
        {
            "info": {"description": "<b>"},
            "paths": {
                "/<x>": {
                    "get": {
                        "summary": "<script>",
                        "parameters": [{"name": "<i>", "in": "query", "description": "a & b"}],
                        "responses": {"200": {"description": "<p>fine"}},
                    }
                }
            },
        }
    ).decode()

    assert "&lt;b&gt;" in told
    assert "<code>GET /&lt;x&gt;</code>" in told
    assert "<p>&lt;script&gt;</p>" in told
    assert "<li><code>&lt;i&gt;</code> (query) a &amp; b</li>" in told
    assert "200 &lt;p&gt;fine" in told
