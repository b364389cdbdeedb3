"""Makes the README's pictures: pages of the demo in Debian's Chromium, light and dark.

    python tools/screenshots.py [FOLDER]        # docs/pictures unless another one is named

Needs `apt-get install chromium`. The demo's names and times are of the moment, so every run makes other pictures.
"""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the demo and the browser are played as its tests play them

from browser import CHROMIUM, chromium, playing  # noqa: E402  # see above

LURE = "login.larkspur-invoices-portal.com"
WIDTH, HEIGHT = 1280, 900


def overview(page: "Page") -> None:
    """The first page, once it says how the service fares."""
    page.goto("/ui/")
    page.locator(".sign").first.wait_for()


def alerts(page: "Page") -> None:
    """The list, one of it opened."""
    page.goto("/ui/alerts?q=severity:critical,high")
    page.locator(".alerts summary", has_text=LURE).click()
    page.locator(".evidence .reasons").first.wait_for()


def exception(page: "Page") -> None:
    """What an exception would have silenced; it is not saved."""
    page.goto("/ui/exceptions/new?domain=*.cloudfront.net")
    page.get_by_label("Reason", exact=True).fill("the web shop's CDN, ticket 4711")
    page.get_by_role("button", name="Preview").click()
    page.locator("#preview").wait_for()


def main() -> int:
    """Make them."""
    if CHROMIUM is None:
        print("There is no chromium: apt-get install chromium", file=sys.stderr)
        return 1
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, playing(Path(scratch) / "demo") as demo, chromium() as browser:
        for scheme in ("light", "dark"):
            page = browser.new_page(
                base_url=demo.url,
                color_scheme=scheme,
                viewport={"width": WIDTH, "height": HEIGHT},
            )
            for show in (overview, alerts, exception):
                show(page)
                picture = folder / f"{show.__name__}-{scheme}.png"
                page.screenshot(path=picture)
                print(f"wrote {picture}")
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
