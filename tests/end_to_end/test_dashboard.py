"""The dashboard in a real browser, over the demo: what an analyst does, and nothing that a browser objects to."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser import CHROMIUM, Demo, chromium, playing
from firstsight.access.people import Role
from pages_fed import QUOTE, SCRIPT
from people_of_tests import admit
from registers_of_tests import PASSWORD
from running import Client, running
from wazuh_home import dns_alert

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium"),
]

AXE = Path(__file__).parent.parent / "vendor" / "axe-core"
LURE = "login.larkspur-invoices-portal.com"
WATCH = """
window.objections = [];
addEventListener("securitypolicyviolation", (event) => objections.push(event.violatedDirective + event.blockedURI));
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with playing(tmp_path_factory.mktemp("dashboard") / "demo") as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser", demo: Demo) -> "Iterator[Page]":
    """A page that nothing may be amiss on when the test ends."""
    context = browser.new_context(base_url=demo.url, accept_downloads=True)
    context.add_init_script(WATCH)
    page = context.new_page()
    amiss: list[str] = []

    def said(message: "ConsoleMessage") -> None:
        of_its_status = "status of 4" in message.text and message.location["url"] == page.url
        if message.type in {"error", "warning"} and not of_its_status:
            amiss.append(message.text)

    page.on("console", said)
    page.on("pageerror", lambda error: amiss.append(str(error)))
    page.on("dialog", lambda dialog: amiss.append(f"a dialog: {dialog.message}"))
    yield page
    objections = page.evaluate("window.objections")
    context.close()
    assert (amiss, objections) == ([], [])


def serious(page: "Page") -> list[str]:
    """What axe-core finds that is serious or critical."""
    page.evaluate((AXE / "axe.min.js").read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{rule['id']}: {[node['html'][:120] for node in rule['nodes'][:3]]}"
        for rule in found
        if rule["impact"] in {"serious", "critical"}
    ]


def say(demo: Demo, *lines: bytes) -> None:
    """The manager writes some more."""
    with demo.alerts_json.open("ab") as out:
        out.write(b"".join(line + b"\n" for line in lines))


def excepted(demo: Demo, **given: object) -> str:
    """An exception that somebody made with the API; its id."""
    usual = {"domain": "*.kestrelvale.com", "reason": "our tool", "author": "m.tarrant", "expires": "3d"}
    made: str = Client(demo.url).post("/v1/exceptions", usual | given).json()["id"]
    return made


def test_axe_is_what_was_published() -> None:
    (entry,) = json.loads((AXE / "vendor.json").read_text())["files"]
    assert hashlib.sha256((AXE / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 390])
@pytest.mark.parametrize(
    "path",
    [
        "/ui/", "/ui/?range=30d", "/ui/alerts", "/ui/alerts?q=colour:red", f"/ui/domain?name={LURE}",
        "/ui/exceptions", "/ui/exceptions/new?domain=kestrelvale.com", "/ui/exception?id=EXCEPTION",
        "/ui/domain?name=never-asked.org", "/ui/agent?name=LSI-ENG-02", "/ui/agent?name=nobody",
        "/ui/audit", "/ui/audit?what=murdered",
    ],
)  # fmt: skip
def test_every_page_can_be_read_by_anybody(page: "Page", demo: Demo, path: str, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.goto(path.replace("EXCEPTION", excepted(demo)))
    for box in page.locator(".alerts details > summary").all()[:1]:
        box.click()
        page.locator(".evidence .reasons").first.wait_for()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing sticks out"


def test_first_sights_come_in_by_themselves_as_text(page: "Page", demo: Demo) -> None:
    page.goto("/ui/")
    page.locator('#live[data-state="on"]').wait_for()
    page.locator(".sign", has_text="Recording").wait_for()
    nasty = {"id": "031", "name": f"{QUOTE}{SCRIPT}", "ip": "10.20.9.9"}
    image = {"image": f"C:\\\\x\\\\{SCRIPT}.exe", "user": QUOTE}
    say(demo, dns_alert("xkqzvbtrwpljhf-live.net", at=time.time(), agent=nasty, record=1, eventdata=image))  # noqa: TID251
    row = page.locator("#sights tr", has_text="xkqzvbtrwpljhf-live.net")
    row.wait_for()
    assert SCRIPT in row.inner_text()
    row.get_by_role("link", name="xkqzvbtrwpljhf-live.net").click()
    page.get_by_role("heading", name="xkqzvbtrwpljhf-live.net").wait_for()
    page.go_back()
    page.locator("#sights").get_by_role("link", name=SCRIPT).first.click()
    page.get_by_role("heading", name="Agent").wait_for()
    page.locator(".alerts details > summary").first.click()
    page.locator(".evidence .reasons").first.wait_for()
    assert QUOTE in page.locator(".evidence").first.inner_text()


def test_from_the_search_to_a_mark(page: "Page") -> None:
    page.goto("/ui/")
    page.keyboard.press("/")
    page.keyboard.type("severity:critical agent:LSI-FIN-02")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ui/alerts?q=severity*")
    assert page.locator(".alerts > li").count() == 1
    page.locator(".alerts details > summary").focus()
    page.keyboard.press("Enter")
    page.locator(".evidence .reasons").wait_for()
    assert "WINWORD.EXE" in page.locator(".evidence").inner_text()
    page.locator(".evidence").get_by_role("button", name="confirmed").click()
    page.get_by_role("status").wait_for()
    assert page.get_by_label("Filter", exact=True).input_value() == "severity:critical agent:LSI-FIN-02"
    page.goto("/ui/alerts?q=state:confirmed")
    assert page.locator(".alerts .name").all_inner_texts() == [LURE]
    assert page.locator(".alerts .state").inner_text() == "confirmed"


def test_many_marked_at_once(page: "Page") -> None:
    page.goto("/ui/alerts?q=severity:low agent:LSI-OPS-02")
    shown = page.locator(".alerts > li").count()
    assert shown > 1
    page.get_by_label("all on this page").check()
    page.locator("#marks").get_by_role("button", name="false alarm").click()
    assert page.get_by_role("status").inner_text() == f"{shown} alerts marked."
    assert set(page.locator(".alerts .state").all_inner_texts()) == {"false alarm"}
    assert "severity:low" in page.get_by_label("Filter", exact=True).input_value(), "the filter is kept"


def test_an_exception_from_an_alert_by_keys_alone(page: "Page") -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto("/ui/alerts?q=severity:critical agent:LSI-FIN-02")
    page.locator(".alerts details > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Add an exception").focus()
    page.keyboard.press("Enter")
    domain, reason = page.get_by_label("Domain", exact=True), page.get_by_label("Reason", exact=True)
    assert domain.input_value() == LURE.partition(".")[2]
    domain.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("com")
    reason.focus()
    page.keyboard.type("a drill, ticket 4711")
    page.keyboard.press("Enter")

    page.get_by_role("alert").wait_for()
    assert "can't be used: 'com'" in page.get_by_role("alert").inner_text()
    assert page.evaluate("document.activeElement.id") == "domain", "where it must be mended"
    assert serious(page) == []
    assert reason.input_value() == "a drill, ticket 4711", "nothing typed is lost"
    page.keyboard.press("Control+A")
    page.keyboard.type(LURE)
    page.keyboard.press("Enter")

    preview = page.locator("#preview")
    preview.wait_for()
    assert "1 alert of what it matches is still raised: threat intelligence knows the name" in preview.inner_text()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
    page.keyboard.press("Tab")  # from where the page has gone: the preview
    assert "Save: in force until" in page.evaluate("document.activeElement.innerText")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "is in force" in page.get_by_role("status").inner_text()
    row = page.locator("tbody tr", has_text="ticket 4711")
    assert "local" in row.inner_text()
    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    end = page.get_by_role("textbox", name="Ends")
    end.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("never")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert "never ends" in row.inner_text()
    row.get_by_role("link").click()
    page.get_by_role("button", name="End the exception").focus()
    page.keyboard.press("Enter")
    page.get_by_text("The exception has ended.").wait_for()
    assert row.count() == 0


def test_what_is_written_in_an_exception_is_text(page: "Page", demo: Demo) -> None:
    nasty = f"{QUOTE}{SCRIPT}"
    made = excepted(demo, domain="", process=f"{nasty}*", agent=f"{nasty}*", reason=nasty, author=nasty)
    for path in ("/ui/exceptions", f"/ui/exception?id={made}"):
        page.goto(path)
        assert page.locator("main").inner_text().count(SCRIPT) >= 4
        assert page.locator("main img, main script").count() == 0
    page.goto("/ui/exceptions/new")
    for label in ("Process", "Agent", "Reason"):
        page.get_by_label(label, exact=True).fill(nasty)
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()
    assert page.locator("#preview").inner_text().count(SCRIPT) == 2
    assert page.get_by_label("Reason", exact=True).input_value() == nasty


def test_exports_are_downloads(page: "Page", tmp_path: Path) -> None:
    page.goto("/ui/alerts?q=reason:nx_burst")
    for name, holds in (("CSV", '"nx_burst random_name"'), ("JSON", '"code":"nx_burst"')):
        with page.expect_download() as caught:
            page.get_by_role("link", name=name, exact=True).click()
        caught.value.save_as(tmp_path / name)
        assert holds in (tmp_path / name).read_text("utf-8")


def test_the_switch_is_remembered(page: "Page") -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/ui/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("/ui/alerts")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark != light


def test_pages_can_be_read_without_scripts(browser: "Browser", demo: Demo) -> None:
    context = browser.new_context(base_url=demo.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/ui/alerts?q=severity:critical")
    page.locator(".alerts details > summary").first.click()
    page.get_by_role("link", name="All that is known of this alert").first.click()
    assert page.locator(".evidence .reasons").count() == 1
    context.close()


def test_who_i_am_and_the_way_out(page: "Page", tmp_path: Path) -> None:
    with running(tmp_path) as service:
        admit(service, "alice", Role.ANALYST)
        page.set_viewport_size({"width": 390, "height": 900})
        page.goto(f"{service.url}/ui/alerts?q=state:new")
        page.get_by_role("link", name="Log in").click()
        page.get_by_label("Name").fill("alice")
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/ui/alerts?q=state:new")
        me = page.locator(".me summary")
        assert "alice analyst" in me.inner_text()
        me.focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Log out everywhere").wait_for()
        assert serious(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing sticks out"
        page.get_by_role("button", name="Log out", exact=True).click()
        page.wait_for_url("**/login")
        page.goto(f"{service.url}/ui/")
        page.get_by_role("link", name="Log in").wait_for()
        page.goto("about:blank")
