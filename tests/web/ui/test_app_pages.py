"""Every page: its headers, its scope, and nothing in it that somebody else has written."""

import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest

from firstsight.web.scopes import SCOPES
from firstsight.web.ui.app import routes
from pages_fed import FORMULA, QUOTE, SCRIPT, Fed
from running import Client, InThread, Reply, running
from tokens_of_tests import bearer, line, token_file

STATIC = files("firstsight.web.ui") / "static"


def an_alert(service: InThread) -> str:
    alert_id: str = service.get("/v1/alerts").json()["alerts"][1]["alert_id"]
    return alert_id


PAGES = [
    "/ui/",
    "/ui/?range=30d",
    "/ui/health",
    "/ui/alerts",
    "/ui/alerts?q=" + quote(f'agent:"{SCRIPT}"'),
    "/ui/alerts?q=" + quote(SCRIPT),
    "/ui/alert?id=ID",
    "/ui/alert?id=ID&part=1",
    "/ui/alert?id=" + quote(SCRIPT),
    "/ui/domain?name=xkqzvbtrwpljhf.net",
    "/ui/domain?name=never-asked.org",
    "/ui/domain?name=" + quote(SCRIPT),
    "/ui/domain?name=printer",
    "/ui/agent?name=WIN10",
    "/ui/agent?name=" + quote(f"{QUOTE}{SCRIPT}"),
    "/ui/agent?name=" + quote(FORMULA),
    "/ui/agent?name=" + quote("<b>nobody</b>"),
    "/ui/audit",
    "/ui/audit?who=" + quote(SCRIPT),
    "/ui/audit?since=" + quote(QUOTE),
    "/ui/exceptions",
    "/ui/exceptions?q=" + quote(SCRIPT),
    "/ui/exceptions?saved=" + quote(SCRIPT),
    "/ui/exceptions/new?domain=" + quote(f"{QUOTE}{SCRIPT}"),
    "/ui/exceptions/new?alert=ID",
    "/ui/exception?id=" + quote(SCRIPT),
    "/ui/" + quote(SCRIPT),
]


class Tags(HTMLParser):
    """Elements of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def get(fed: Fed, path: str) -> Reply:
    return fed.service.get(path.replace("=ID", "=" + an_alert(fed.service)))


@pytest.mark.parametrize("path", PAGES)
def test_what_others_have_written_is_text(fed: Fed, path: str) -> None:
    page = get(fed, path).body.decode()

    scripts = [attributes for tag, attributes in Tags(page).found if tag == "script"]
    assert all(str(script.get("src")).startswith("/ui/static/") for script in scripts)
    for tag, attributes in Tags(page).found:
        assert tag not in {"img", "iframe", "object", "style", "base"}, "none of ours"
        assert not [name for name in attributes if name.startswith(("on", "hx-on")) or name == "style"], tag
        link = attributes.get("href") or attributes.get("action") or attributes.get("src") or "/"
        assert link.startswith(("/", "#")), link


@pytest.mark.parametrize("path", [*PAGES, "/ui", "/ui/static/style.css", "/ui/search?q=a.com", "/ui/alerts/export"])
def test_every_answer_is_guarded(fed: Fed, path: str) -> None:
    headers = get(fed, path).headers
    policy = headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


def test_each_page_is_in_the_table_of_scopes(fed: Fed) -> None:
    ours = {
        f"{method} {getattr(route, 'path', '')}"
        for route in routes(fed.service.parts, lambda: False)
        for method in getattr(route, "methods", None) or {"?"}
        if method != "HEAD"
    }
    assert ours == {route for route in SCOPES if "/ui" in route}


@pytest.mark.parametrize(
    "path", ["/ui/static/../app.py", "/ui/static/vendor/vendor.json", "/ui/static/none.js", "/ui/x"]
)
def test_nothing_else_is_served(fed: Fed, path: str) -> None:
    reply = fed.service.get(path)
    assert reply.status == 404
    assert "There is no" in reply.body.decode()


def test_files_that_are_not_ours_are_those_that_were_published() -> None:
    vendor = STATIC / "vendor"
    table = json.loads((vendor / "vendor.json").read_text())
    listed = {entry["file"]: entry for entry in table["files"]}
    there = {path.name for path in vendor.iterdir()} - {"vendor.json"}
    assert there == {name for entry in table["files"] for name in (entry["file"], entry["licence_file"])}
    for name, entry in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == entry["sha256"]


def test_nothing_comes_from_elsewhere() -> None:
    ours = [path for path in (STATIC, STATIC / ".." / "templates") for path in Path(str(path)).glob("*.*")]
    assert len(ours) > 10
    for path in ours:
        text = path.read_text()
        assert not re.search(r"(?:src|href|url\()=?[\"']?(?:https?:)?//", text), path.name


def test_who_comes_from_elsewhere_is_told_what_to_do(tmp_path: Path) -> None:
    tokens = token_file(tmp_path, line("of-read", "read"))
    keys = {"auth": {"token_file": str(tokens)}, "web": {"trusted_proxies": ["127.0.0.66"]}}
    with running(tmp_path, **keys) as service:
        far = Client(service.url, "127.0.0.66")
        refused = far.get("/ui/", X_Forwarded_For="192.0.2.7")
        assert (refused.status, refused.headers["location"]) == (303, "/login?next=%2Fui%2F")
        refused = far.get("/ui/", X_Forwarded_For="192.0.2.7", **bearer("of-nobody"))
        assert refused.status == 401
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert b"ssh -L" in refused.body
        assert refused.headers["content-security-policy"].startswith("default-src 'none'")
        let_in = far.get("/ui/", X_Forwarded_For="192.0.2.7", **bearer("of-read"))
        assert let_in.status == 200
        marking = far.get("/ui/alerts/state", "POST", b"state=new", X_Forwarded_For="192.0.2.7", **bearer("of-read"))
        assert (marking.status, b"lacks the scope review" in marking.body) == (403, True)
        assert service.get("/ui/").status == 200, "this machine needs none"
