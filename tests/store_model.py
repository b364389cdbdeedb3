"""A second store for tests, of plain dicts: what SqliteStore must come to whatever happens to it on the way."""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from alert_samples import FakeClock, make_alert
from dns_events import AT, DAY, names_of, parse, parse_all
from firstsight.core.alerts import Alert
from firstsight.core.events import Batch, Status
from firstsight.core.front import Fronts
from firstsight.core.reasons import mask_of
from firstsight.ports import Changes, News
from firstsight.store.sqlite import SqliteStore

SILENCE = 30 * DAY
SIGHTINGS = (Status.ANSWERED, Status.EXISTS)


@dataclass
class DomainModel:
    first: float | None = None
    last: float | None = None
    looked_up: float | None = None
    count: int = 0
    told: int = 0
    nxdomain: int = 0
    failed: int = 0
    days: dict[str, tuple[int, int]] = field(default_factory=dict)  # agent -> first and last day
    in_vain: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)


class Model:
    """Exact figures by the plainest means."""

    def __init__(self) -> None:
        self.domains: dict[str, DomainModel] = {}
        self.account: Counter[str] = Counter()
        self.records: set[tuple[str, int]] = set()
        self.alerts: list[str] = []
        self.contacts: list[bool] = []

    def take(self, batch: Batch) -> None:
        self.account["lines"] += batch.lines
        self.account["events"] += len(batch.events)
        for reason, n in batch.skipped.items():
            self.account[f"skipped:{reason}"] += n
        for event, name in zip(batch.events, names_of(batch), strict=True):
            if event.record is not None:
                record = (event.agent.name, event.record.number)
                if record in self.records:
                    self.account["duplicate"] += 1
                    continue
                self.records.add(record)
            if not name.judged:
                self.account[name.kind] += 1
                continue
            known = self.domains.setdefault(name.registrable, DomainModel())
            if event.status in SIGHTINGS:
                self.account["seen"] += 1
                self._sighted(known, name.registrable, name.fqdn, event.agent.name, event.time)
                continue
            self.account[event.status] += 1
            if known.first is None and not known.nxdomain + known.failed:
                self._alert("in_vain", name.registrable)
            known.nxdomain += event.status is Status.NXDOMAIN
            known.failed += event.status is Status.FAILED
            known.in_vain.add(event.agent.name)

    def _sighted(self, known: DomainModel, domain: str, fqdn: str, agent: str, at: float) -> None:
        known.count += 1
        day = int(at // DAY)
        first, last = known.days.get(agent, (day, day))
        known.days[agent] = (min(first, day), max(last, day))
        if fqdn != domain:
            known.hosts.add(fqdn)
        if known.first is None or known.last is None:
            self._alert("first_seen", domain)
            known.first = known.last = at
        elif at - known.last >= SILENCE:
            self._alert("newly_active", domain)
        known.first, known.last = min(known.first, at), max(known.last, at)

    def _alert(self, reason: str, domain: str) -> None:
        known = self.domains[domain]
        if reason != "in_vain":
            known.told |= mask_of([reason])
        self.alerts.append(f"{reason} {domain} {len(self.alerts)}")

    def contact(self, name: str, at: float) -> None:
        known = self.domains.setdefault(parse(name).registrable, DomainModel())
        first = known.first is None and known.looked_up is None
        if first:
            known.looked_up = at
        self.contacts.append(first)

    def state(self) -> dict[str, Any]:
        return {
            "domains": self.domains,
            "account": dict(+self.account),
            "alerts": [alert.rsplit(" ", 1)[0] for alert in self.alerts],
            "contacts": self.contacts,
        }


class Trial:
    """The real store under the same script: batches are read again from the stored position after each mishap."""

    def __init__(self, folder: Path, batches: list[Batch], fronts: Fronts) -> None:
        self._folder = folder
        self._places = count()
        self._batches = batches
        self._fronts = fronts
        self._clock = FakeClock(AT)
        self._numbers = count(1)
        self.contacts: list[bool] = []
        self.store = self._open(next(self._places))
        self.done = 0

    def _open(self, place: int) -> SqliteStore:
        self.path = self._folder / str(place)
        self.path.mkdir(exist_ok=True)
        return self._store()

    def _store(self) -> SqliteStore:
        return SqliteStore(
            self.path / "store.db", self._clock, sinks=["sink"], fronts=self._fronts, flush_keys=1, flush_part=2
        )

    def resume(self) -> None:
        """What the pipeline does after memory was forgotten."""
        self.done = int(self.store.source("s").position or 0)

    def run_to(self, batch: int) -> None:
        """Take all batches before this one that are not taken."""
        while self.done < batch:
            taken = self._batches[self.done]
            self.store.take(taken, parse_all, self._decide)
            self.done += 1

    def fail(self) -> None:
        """A decision that goes wrong in the middle of a transaction's making."""
        before = self.store.generation

        def broken(_: float, __: list[News]) -> Changes:
            raise RuntimeError("a decision failed")

        if self.done < len(self._batches):
            batch = self._batches[self.done]
            try:
                self.store.take(batch, parse_all, broken)
            except RuntimeError:
                assert self.store.generation > before
                self.resume()
            else:
                self.done += 1  # there were no news to decide

    def contact(self, name: str) -> None:
        self.contacts += [contact.first for contact in self.store.contact([parse(name)], AT)]

    def flush(self) -> None:
        self.store.flush()

    def step(self) -> None:
        """Counts are laid down, or a part of those laid down moves to its rows."""
        self.store.step(AT)

    def reopen(self) -> None:
        self.store.close()
        self.store = self._store()

    def crash(self) -> None:
        """kill -9: the files stay as they are at this moment, write-ahead log and all."""
        place = next(self._places)
        shutil.copytree(self.path, self._folder / str(place))
        self.store.database.close()
        self.store = self._open(place)
        self.resume()

    def _decide(self, _: float, news: list[News]) -> Changes:
        """An alert for each news, marked as told, its host kept."""
        changes = Changes()
        for item in news:
            if item.known:
                continue
            domain = item.name.registrable
            reason = "first_seen" if item.first_here else "newly_active" if item.silent_for else "in_vain"
            changes.alerts.append(self._alert(reason, domain))
            if reason != "in_vain":
                changes.told[domain] = changes.told.get(domain, 0) | mask_of([reason])
                changes.hosts.append((domain, item.name.fqdn))
        return changes

    def _alert(self, reason: str, domain: str) -> Alert:
        return make_alert(number=next(self._numbers), summary=f"{reason} {domain}", domain=domain)

    def state(self) -> dict[str, Any]:
        """In the model's terms, read from the file alone."""
        self.store.flush()
        run = self.store.database.connection.execute
        domains: dict[str, DomainModel] = {}
        ids: dict[int, str] = {}
        for name, number, first, last, n, agents, told, looked_up in run(
            "SELECT name, id, first, last, count, agents, told, looked_up FROM domain"
        ):
            domains[name] = DomainModel(first, last, looked_up, n, told)
            ids[number] = name
            pairs = "SELECT a.name, first_day, last_day FROM sighting JOIN agent AS a ON a.id = agent WHERE domain = ?"
            domains[name].days = {agent: (one, other) for agent, one, other in run(pairs, (number,))}
            assert agents == len(domains[name].days), f"prevalence of {name}"
            domains[name].hosts = set(self.store.hosts(name)[0])
        for number, nxdomain, failed, agents in run("SELECT domain, nxdomain, failed, agents FROM unresolved"):
            known = domains[ids[number]]
            known.nxdomain, known.failed = nxdomain, failed
            pairs = "SELECT a.name FROM unresolved_agent JOIN agent AS a ON a.id = agent WHERE domain = ?"
            known.in_vain = {agent for (agent,) in run(pairs, (number,))}
            assert agents == len(known.in_vain), f"agents that asked in vain for {ids[number]}"
        alerts = [alert.summary for _, alert in self.store.unsent("sink", 10_000)]
        account = {what: n for what, n in self.store.account("s").items() if n}
        return {"domains": domains, "account": account, "alerts": alerts, "contacts": self.contacts}
