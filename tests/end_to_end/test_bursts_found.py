"""A bot among forty machines is found within ten minutes, and nobody else is taken for one; nor in real logs."""

import gzip
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from burst_day import AGENTS, INFECTED_AT, SICK, day
from dns_events import make_agent, make_event
from firstsight.core.events import Agent, DnsEvent, Status
from pipeline import Pipeline, codes

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", "../shared/data")) / "dnslogs"
BATCH = 500

Line = tuple[float, str, str, bool]


def burst_alerts(folder: Path, events: list[DnsEvent]) -> list[tuple[Agent, float]]:
    """Who was told to be in a burst, and the time of the event that made it full."""
    pipe = Pipeline(folder / "store.db")
    pipe.clock.at = events[0].time
    found = []
    for start in range(0, len(events), BATCH):
        pipe.clock.at = max(pipe.clock.at, events[start].time)
        found += [alert for alert in pipe.see(*events[start : start + BATCH]) if "nx_burst" in codes(alert)]
    found += [alert for alert in pipe.after(10) if "nx_burst" in codes(alert)]
    pipe.close()
    return [(alert.asked.agent, alert.asked.time) for alert in found]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_bot_is_found_within_ten_minutes_and_nobody_else(seed: int, tmp_path: Path) -> None:
    events = day(seed)
    failing = {event.agent.name for event in events if event.status is Status.FAILED}
    in_vain = {event.agent.name for event in events if event.status is Status.NXDOMAIN}
    assert len(failing) == len(in_vain) == AGENTS
    ((agent, at),) = burst_alerts(tmp_path, events)
    assert agent == make_agent(SICK)
    assert INFECTED_AT < at < INFECTED_AT + 600


def real(what: str) -> list[Path]:
    files = sorted(CORPUS.glob(what))
    if not files:
        pytest.skip(f"there is no {what} in {CORPUS}")
    return files


def zeek(path: Path) -> Iterator[Line]:
    """(time, client, name, whether it doesn't exist) of a Zeek log, as text columns or JSON."""
    columns: list[str] = []
    for line in path.read_text("utf-8", "replace").splitlines():
        if line.startswith("#"):
            columns = line.split("\t")[1:] if line.startswith("#fields") else columns
            continue
        row = json.loads(line) if line.startswith("{") else dict(zip(columns, line.split("\t"), strict=False))
        if row.get("query"):
            yield float(row["ts"]), row["id.orig_h"], row["query"], row.get("rcode_name") == "NXDOMAIN"


def suricata(path: Path) -> Iterator[Line]:
    """The same of Suricata's answers, each capture a site of its own."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            dns = row["dns"]
            name = dns.get("rrname") or next((query.get("rrname") for query in dns.get("queries", ())), None)
            if name and "rcode" in dns:
                client = f"{row['_pcap']} {row['src_ip']} {row['dest_ip']}"
                at = datetime.fromisoformat(row["timestamp"]).timestamp()
                yield at, client, name, dns["rcode"] == "NXDOMAIN"


@pytest.mark.parametrize(("what", "read"), [("zeek/*dns*.log", zeek), ("suricata/suricata*.gz", suricata)])
def test_nobody_is_in_a_burst_in_real_logs(what: str, read: object, tmp_path: Path) -> None:
    assert callable(read)
    for number, path in enumerate(real(what)):
        lines = sorted(read(path))
        events = [
            make_event(
                name,
                at=at,
                agent=Agent("sensor", client, "1"),
                status=Status.NXDOMAIN if missing else Status.ANSWERED,
                record=n,
            )
            for n, (at, client, name, missing) in enumerate(lines, 1)
        ]
        folder = tmp_path / str(number)
        folder.mkdir()
        assert burst_alerts(folder, events) == [], path.name
