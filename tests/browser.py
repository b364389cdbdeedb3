"""Debian's Chromium on a demo that plays: what tests of pages and the README's pictures look through.

with playing(tmp_path) as demo, chromium() as browser:
    page = browser.new_page()
    page.goto(demo.url + "/ui/")
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from running import COMMAND, environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CHROMIUM = shutil.which("chromium")
"""Where it is; None where it is not installed (`apt-get install chromium`)."""


@dataclass(frozen=True)
class Demo:
    """A demo that has played its day; its `alerts_json` is still followed."""

    url: str
    alerts_json: Path


@contextlib.contextmanager
def playing(folder: Path) -> Iterator[Demo]:
    """Play the demo, and leave its service up."""
    command = [*COMMAND, "demo", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as popen:
        assert popen.stdout is not None
        url = ""
        told = []
        try:
            for line in popen.stdout:
                told.append(line)
                url = url or line.partition("The service is up at ")[2].strip()
                if line.startswith("The service stays up"):
                    break
            assert url, "".join(told)
            assert popen.poll() is None, "".join(told)
            yield Demo(url, folder / "wazuh" / "logs" / "alerts" / "alerts.json")
        finally:
            popen.terminate()
            popen.stdout.read()


@contextlib.contextmanager
def chromium() -> "Iterator[Browser]":
    """A browser without a window."""
    from playwright.sync_api import sync_playwright

    # Root's Chromium has no sandbox; it sees pages of ours alone.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()
