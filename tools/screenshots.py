"""Makes the README's pictures: pages of the demo in Debian's Chromium, light and dark.

    python tools/screenshots.py [FOLDER]        # docs/pictures unless another one is named

Needs `apt-get install chromium`. The demo's names and times are of the moment, so every run makes other pictures.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the demo and the browser are played as its tests play them

from browser import CHROMIUM, chromium, playing  # noqa: E402  # see above

PAGES = {
    "overview": "/ui/",
    "alerts": "/ui/alerts?q=severity:critical,high",
}
LURE = "login.larkspur-invoices-portal.com"
WIDTH, HEIGHT = 1280, 900


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
            for name, path in PAGES.items():
                page.goto(path)
                if name == "alerts":
                    page.locator(".alerts summary", has_text=LURE).click()
                    page.locator(".evidence .reasons").first.wait_for()
                else:
                    page.locator(".sign").first.wait_for()
                picture = folder / f"{name}-{scheme}.png"
                page.screenshot(path=picture)
                print(f"wrote {picture}")
            page.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
