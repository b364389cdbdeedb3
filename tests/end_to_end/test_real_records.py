"""The real Sysmon records through two day changes, one of them while the service is down: nothing lost, all exact."""

import gzip
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dns_events import parse
from firstsight.core.facts import Known
from firstsight.core.names import Kind
from running import InThread, eventually, running
from wazuh_home import WazuhHome, other_alert, sysmon_alert

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", "../shared/data"))
RECORDS = CORPUS / "sysmon22" / "sysmon_event22_raw.jsonl.gz"
OUTCOME = {"0": "seen", "9701": "seen", "9501": "seen", "9003": "nxdomain"}  # any other code has failed

Record = dict[str, Any]


@pytest.fixture(scope="module")
def records() -> list[Record]:
    if not RECORDS.exists():
        pytest.skip(f"there is no {RECORDS}")
    with gzip.open(RECORDS, "rt", encoding="utf-8") as lines:
        return sorted(map(json.loads, lines), key=lambda record: record["utcTime"])


@pytest.fixture
def home(tmp_path: Path) -> Iterator[WazuhHome]:
    home = WazuhHome(tmp_path)
    yield home
    home.close()


def lines_of(records: list[Record]) -> list[bytes]:
    """As Wazuh writes them: with other alerts between, some damaged lines, and some records sent twice."""
    lines = []
    for number, record in enumerate(records):
        lines.append(sysmon_alert(record))
        if number % 10 == 0:
            lines.append(other_alert(number))
        if number % 8 == 0 and record["raw"].get("RecordNumber"):
            lines.append(sysmon_alert(record))
        if number % 100 == 0:
            lines += [b'{"cut short', b""]
    return lines


def serving(folder: Path, home: WazuhHome) -> Any:
    return running(
        folder,
        sources=[{"type": "wazuh", "path": home.path, "from": "start", "name": "manager"}],
        alerts={"file": str(folder / "alerts.jsonl")},
        learning={"days": 0},
    )


def read_up_to(service: InThread, lines: int) -> dict[str, int]:
    """Wait until so many lines are accounted for; the account."""

    def account() -> dict[str, int]:
        found = service.do(lambda: service.parts.store.account("manager"))
        return found if found.get("lines", 0) >= lines else {}

    return eventually(account)


def test_every_record_is_accounted_for_and_every_domain_is_new_once(
    records: list[Record], home: WazuhHome, tmp_path: Path
) -> None:
    lines = lines_of(records)
    third = len(lines) // 3
    home.write(*lines[:third])
    with serving(tmp_path, home) as service:
        read_up_to(service, third)
        home.switch_day()
        home.write(*lines[third : third + 50])
        read_up_to(service, third + 50)
    home.write(*lines[third + 50 : 2 * third])
    home.switch_day()
    home.write(*lines[2 * third :])
    home.compress()
    with serving(tmp_path, home) as service:
        account = read_up_to(service, len(lines))
        expected = figures(records)
        seen = service.do(lambda: service.parts.store.seen(sorted(expected)))
        lens = service.parts.lens
        popular = {domain for domain in expected if isinstance(lens.popularity(parse(domain)), Known)}

    assert account["skipped:not_dns"] == sum(b"sshd" in line for line in lines)
    assert account["skipped:bad_json"] == lines.count(b'{"cut short')
    assert account["skipped:empty"] == lines.count(b"")
    assert account["events"] == sum(b"queryName" in line for line in lines)
    assert account["duplicate"] == account["events"] - len(records) > 0
    assert {kind: n for kind, n in account.items() if kind in outcomes(records)} == outcomes(records)
    assert account["lines"] == len(lines)

    assert {domain: (one.first, one.last, one.count, one.agents) for domain, one in seen.items()} == expected

    alerts = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    first = Counter(alert["verdict"]["domain"] for alert in alerts if "first_seen" in reasons(alert))
    new = {domain for domain in expected if parse(domain).kind is Kind.PUBLIC}
    assert first == Counter(new - popular)
    assert len(first) > 50
    assert not any("nx_burst" in reasons(alert) for alert in alerts), "nobody was infected by a generator of names"


def reasons(alert: Record) -> set[str]:
    return {reason["code"] for reason in alert["verdict"]["reasons"]}


def outcomes(records: list[Record]) -> dict[str, int]:
    """What becomes of each record, told apart by plain means."""
    found: Counter[str] = Counter()
    for record in records:
        name = parse(record["queryName"])
        found[OUTCOME.get(record["queryStatus"], "failed") if name.judged else str(name.kind)] += 1
    return dict(found)


def figures(records: list[Record]) -> dict[str, tuple[int, int, int, int]]:
    """First, last, count and agents of each sighted domain."""
    times: dict[str, list[int]] = defaultdict(list)
    agents: dict[str, set[str]] = defaultdict(set)
    for record in records:
        name = parse(record["queryName"])
        if name.judged and OUTCOME.get(record["queryStatus"]) == "seen":
            at = datetime.fromisoformat(record["utcTime"]).replace(tzinfo=UTC).timestamp()
            times[name.registrable].append(int(at))
            agents[name.registrable].add(record["raw"]["Hostname"].partition(".")[0])
    return {
        domain: (min(seconds), max(seconds), len(seconds), len(agents[domain])) for domain, seconds in times.items()
    }
