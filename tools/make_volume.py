"""Makes docs/volume.md: its words out of docs/volume.in.md, its tables by its own formula; `--check` sees a stale one.

Run with the checkout on PYTHONPATH: the line whose size is taken is the one of `bench`.
"""

import json
import sys
from collections.abc import Iterable
from statistics import fmean

from bench.lines import Mix

from generated import CHECKOUT, run

ENDPOINTS = 1000
QUERIES = (500, 2_000, 10_000)
"""Queries an endpoint and day: a quiet one, an ordinary one, a busy one."""
EXCLUDED = (0.2, 0.5, 0.8)
SAMPLE = 10_000
"""Lines whose mean is taken; they differ in the lengths of names."""


def sizes() -> tuple[float, float]:
    """Mean bytes of a line in alerts.json, and in archives.json, which has no `rule`."""
    lines = [line for line, _ in Mix(domains=10_000, agents=ENDPOINTS).events(SAMPLE)]
    archived = [json.loads(line) for line in lines]
    for event in archived:
        del event["rule"]
    written = [json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() for event in archived]
    return fmean(map(len, lines)), fmean(len(line) + 1 for line in written)


def page() -> str:
    """The page, Markdown."""
    alert, archive = sizes()
    roads = _table(
        ("Q, queries an endpoint and day", f"alerts.json, S = {alert:,.0f}", f"archives.json, S = {archive:,.0f}"),
        ((f"{q:,}", *(f"{ENDPOINTS * q * size:,.0f}" for size in (alert, archive))) for q in QUERIES),
    )
    excluded = _table(
        ("Q", *(f"alerts.json, x = {share}" for share in EXCLUDED)),
        ((f"{q:,}", *(f"{ENDPOINTS * q * alert * (1 - share):,.0f}" for share in EXCLUDED)) for q in QUERIES),
    )
    words = (CHECKOUT / "docs" / "volume.in.md").read_text("utf-8")
    made = "Made by `make docs` out of `docs/volume.in.md` and `tools/make_volume.py`; change it there, not here."
    words = words.replace("Written by hand but for the tables, which `tools/make_volume.py` puts in.", made)
    return words.replace("{{roads}}", roads).replace("{{excluded}}", excluded)


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [titles, tuple("---:" for _ in titles), *rows]
    return "Bytes per 1,000 endpoints and day:\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(run("docs/volume.md", {"docs/volume.md": page()}))
