"""kill -9 at any moment, the manager's socket away now and then: no domain, no event and no alert is lost."""

import contextlib
import json
import random
import signal
import sqlite3
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dns_events import AT
from managed import CONFIG, Manager, all_is_done
from running import Client, eventually, process
from wazuh_home import WazuhHome, dns_alert


@dataclass
class Traffic:
    """Events of a few agents: new domains among known ones, some asked for in vain; and what must come of them."""

    chance: random.Random
    lines: list[bytes] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    agents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    in_vain: Counter[str] = field(default_factory=Counter)

    def make(self, events: int) -> None:
        known = 0
        records: Counter[int] = Counter()
        for number in range(events):
            known += self.chance.random() < 0.2
            domain = f"garden{self.chance.choice([known, self.chance.randint(0, known)])}.com"
            agent = self.chance.randint(1, 20)
            records[agent] += 1
            fails = self.chance.random() < 0.05
            name = f"{self.chance.choice(['www.', '', 'api.'])}{domain}"
            line = dns_alert(
                name,
                at=AT + number,
                agent={"id": f"{agent:03d}", "name": f"WS{agent}", "ip": f"10.0.0.{agent}"},
                system={"computer": f"WS{agent}.corp.example"},
                eventdata={"queryStatus": "9003" if fails else "0"},
                record=records[agent],
            )
            self.lines.append(line)
            if fails:
                self.in_vain[domain] += 1
            else:
                self.counts[domain] += 1
                self.agents[domain].add(f"WS{agent}")


def play(folder: Path, events: int, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    traffic = Traffic(chance)
    traffic.make(events)
    home = WazuhHome(folder)
    with tempfile.TemporaryDirectory(prefix="fs") as short:  # a socket's path is at most 107 bytes
        manager = Manager(Path(short) / "queue")
        config = CONFIG.format(folder=folder, queue=manager.path, path=home.path)
        share = -(-events // (kills + 1))
        for turn in range(kills):
            part = traffic.lines[turn * share : (turn + 1) * share]
            half = chance.randint(0, len(part))
            home.write(*part[:half])
            with manager.listening(here=turn % 2 == 0), process(folder, config) as service:
                time.sleep(chance.uniform(0, 0.3))
                home.write(*part[half:])
                time.sleep(chance.uniform(0, 0.3))
                # An orderly end in between flushes counts: later kills have a stored position to go back to.
                service.terminate(signal.SIGTERM if turn == 1 else signal.SIGKILL)
        home.write(*traffic.lines[kills * share :])
        with manager.listening(), process(folder, config) as service:
            eventually(lambda: all_is_done(service, events))
            assert service.terminate() == 0
    home.close()
    check_store(folder, traffic)
    from_file = [json.loads(line)["verdict"] for line in (folder / "alerts.jsonl").read_text().splitlines()]
    check_alerts(from_file, traffic)
    check_alerts(manager.alerts(), traffic)


def check_store(folder: Path, traffic: Traffic) -> None:
    """Every figure is exact."""
    database = sqlite3.connect(f"file:{folder}/data/firstsight.db?mode=ro", uri=True)
    with contextlib.closing(database):
        sighted = database.execute("SELECT name, count, agents FROM domain WHERE first IS NOT NULL").fetchall()
        in_vain = database.execute("SELECT d.name, u.nxdomain FROM unresolved AS u JOIN domain AS d ON d.id = u.domain")
        assert dict(in_vain) == dict(traffic.in_vain)
        tally = dict(database.execute("SELECT what, n FROM tally WHERE source = 'manager'"))
    assert {name: (n, agents) for name, n, agents in sighted} == {
        domain: (n, len(traffic.agents[domain])) for domain, n in traffic.counts.items()
    }
    assert tally["lines"] == tally["events"] == len(traffic.lines)
    assert tally["seen"] == sum(traffic.counts.values())
    assert tally.get("duplicate", 0) == 0, "what is read again after a kill is no duplicate: its count was lost too"


def check_alerts(heard: list[dict[str, Any]], traffic: Traffic) -> None:
    """Each domain at least once, and always the same alert; and once more where ten agents ask for it."""
    firsts = {(alert["domain"], alert["alert_id"]) for alert in heard if not alert.get("follows")}
    assert {domain for domain, _ in firsts} == set(traffic.counts)
    assert len(firsts) == len(traffic.counts), "the same domain's alerts carry the same alert_id"
    notes = {(alert["domain"], alert["follows"], alert["alert_id"]) for alert in heard if alert.get("follows")}
    assert {(domain, first) for domain, first, _ in notes} <= firsts
    assert sorted(domain for domain, _, _ in notes) == sorted(
        domain for domain, agents in traffic.agents.items() if len(agents) >= 10
    )


def test_killed_again_and_again(tmp_path: Path) -> None:
    play(tmp_path, events=2_000, kills=3, seed=7)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_again_and_again_at_full_size(tmp_path: Path, seed: int) -> None:
    play(tmp_path, events=20_000, kills=12, seed=seed)


# -- first contact -----------------------------------------------------------------------------------------------------


def first_contacts(client: Client, name: str) -> int:
    """How many of fifty who ask at once are told that they are the first."""
    with ThreadPoolExecutor(50) as pool:
        replies = list(pool.map(lambda number: client.get(f"/h{number}.{name}").json(), range(50)))
    return sum("YOUR-FIRST-CONTACT" in reply["alerts"] for reply in replies)


def test_fifty_who_ask_at_once_are_one_first_contact_for_ever(tmp_path: Path) -> None:
    config = f'data_dir = "{tmp_path}/data"\nhttp.offline = true\n'
    with process(tmp_path, config) as service:
        assert first_contacts(service.client, "harbour.com") == 1
        service.terminate(signal.SIGKILL)
    with process(tmp_path, config) as service:
        assert first_contacts(service.client, "harbour.com") == 0
        assert first_contacts(service.client, "garden.net") == 1
        assert service.terminate() == 0
