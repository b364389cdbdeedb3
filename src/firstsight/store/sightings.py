"""Observe events: what is already seen is counted in memory, what is new is staged for the decision's transaction."""

import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence

from firstsight.core.disguise import EvidenceOf
from firstsight.core.events import Batch, DnsEvent, Status
from firstsight.core.front import Fronts
from firstsight.core.names import Kind, Name
from firstsight.core.policy import SPREAD_STEPS
from firstsight.core.reasons import HELD_BACK, REASONS
from firstsight.ports import News, ParseAll
from firstsight.store.askers import Askers
from firstsight.store.carry import Part
from firstsight.store.domain_ids import DomainIds
from firstsight.store.domains import Domain, Domains, Unresolved, Who, write_rows
from firstsight.store.familiar import Familiar
from firstsight.store.firsts import write_first_sights
from firstsight.store.hosts import HOSTS_BOUND, Hosts
from firstsight.store.hours import Hours
from firstsight.store.pairs import AGENT_BITS, Pairs, VainPairs, pair
from firstsight.store.tallies import Tallies
from firstsight.store.texts import Texts

_DAY = 86400
_Asked = tuple[DnsEvent, int]  # not a duplicate; with its agent's number
_Judged = tuple[DnsEvent, Name, int]  # nor of a kind that is only counted
_ANSWERED, _EXISTS = Status.ANSWERED, Status.EXISTS
_PUBLIC, _UNKNOWN_SUFFIX = Kind.PUBLIC, Kind.UNKNOWN_SUFFIX
_MARKED = REASONS["known_indicator"].mask


class Sightings:
    """Sightings, the agents and hosts behind them, and the account: everything that changes with events.

    Counts live in memory until `flush`; a new domain's row is written with count 0 in the transaction of its
    decision and its count follows with the flush (by way of `carry`). After a crash the events since the last
    flush are read again: then they find their domain known, decide nothing twice, and are counted once.
    """

    def __init__(
        self, connection: sqlite3.Connection, fronts: Fronts, newly_active_days: int, evidence: EvidenceOf
    ) -> None:
        self._connection = connection
        self._evidence = evidence
        self._silence = newly_active_days * _DAY
        self.domains = Domains(connection, fronts.domains)
        self.pairs = Pairs(connection, fronts.pairs)
        self.hosts = Hosts(connection, fronts.hosts)
        self.familiar = Familiar(fronts.pairs // 2)
        self.askers = Askers(connection, self.familiar)
        self.tallies = Tallies(connection, Hours(self.askers.number))
        self.vain_pairs = VainPairs(connection, fronts.pairs // 10)
        self._staged: dict[Domain, tuple[DnsEvent, int] | None] = {}
        self._ids = DomainIds(connection)
        self.texts = Texts()

    def observe(self, batch: Batch, parse_all: ParseAll, now: float) -> list[News]:
        """Count a batch and find its news; what is new is staged for `write_news`."""
        self._tidy()
        counts = self.tallies.take(batch, now)
        asked = self._count_familiar(batch, counts)
        names = parse_all([event.name for event, _ in asked])
        news = []
        seen, others = self._count_known(asked, names, counts)
        found = self._load(others)
        for (event, name, agent), domain in zip(others, found, strict=True):
            if domain is None:  # unless it came earlier in this batch
                domain = self.domains.at_hand(name.registrable) or self._new_domain(name.registrable)  # noqa: PLW2901
            if not domain.dirty:
                self.domains.counted(domain)
            if event.status is _ANSWERED or event.status is _EXISTS:
                seen += 1
                told = self._sighted(domain, event, name, agent)
                self.familiar.keep(agent, event.name, name, domain, int(event.time))
            else:
                counts[event.status] += 1
                told = self._asked_in_vain(domain, event, name, agent)
            if told is not None:
                news.append(told)
        counts["seen"] += seen
        return news

    def _tidy(self) -> None:
        """Keep memory within its bounds; what a batch needs may be let go of before it only."""
        for front in (self.domains, self.pairs, self.hosts, self.vain_pairs):
            front.tidy()
        self.familiar.begin(self.domains.turned)

    def _count_familiar(self, batch: Batch, counts: Counter[str]) -> list[_Asked]:
        """Count duplicates, and what agents ask for all day: nearly every event, so little is done for each.

        Returns:
            The events that need more, in order.
        """
        seen = 0
        others: list[_Asked] = []
        logs, log_of = self.askers.logs, self.askers.log
        self.askers.load(event for event in batch.events if event.agent not in logs)
        counted = self.domains.counted
        start = self.familiar.start
        end = start + _DAY  # silence is a matter of days, too, and can't have lasted for long enough within one
        for event in batch.events:
            record = event.record
            if record is None:
                others.append((event, self.askers.number(event.agent)))
                continue
            computer, agent, window, names = logs.get(event.agent) or log_of(event.agent, record)
            if computer != record.computer or not window.moved:
                _, agent, window, names = log_of(event.agent, record)
            if not window.add(record.number, record.written):
                counts["duplicate"] += 1
                continue
            domain = names.get(event.name)
            if domain is not None:
                status, at = event.status, int(event.time)
                first, last = domain.first, domain.last
                if (
                    (status is _ANSWERED or status is _EXISTS)
                    and first is not None
                    and last is not None
                    and first <= at
                    and start <= at < end
                    and not event.clock_skew
                    and not domain.told & _MARKED
                ):
                    seen += 1
                    domain.count += 1
                    if at > last:
                        domain.last = at
                    if not domain.dirty:
                        counted(domain)
                    continue
            others.append((event, agent))
        counts["seen"] += seen
        return others

    def _count_known(
        self, asked: Sequence[_Asked], names: Sequence[Name], counts: Counter[str]
    ) -> tuple[int, list[_Judged]]:
        """Count what tells nothing new, as far as that can be told from what is at hand.

        Returns:
            How many were counted as sightings, and the events that need more, in order: those of domains, pairs or
            host names that are not at hand or have something new, and those asked in vain.
        """
        seen = 0
        others: list[_Judged] = []
        domains, pairs, hosts = self.domains.young, self.pairs.young, self.hosts.young
        silence, keep, counted = self._silence, self.familiar.keep, self.domains.counted
        for (event, agent), name in zip(asked, names, strict=True):
            if event.clock_skew:
                counts["clock_skew"] += 1
            kind = name.kind
            if kind is not _PUBLIC and kind is not _UNKNOWN_SUFFIX:
                counts[kind] += 1
                continue
            domain = domains.get(name.registrable)
            if domain is not None:
                status, at = event.status, int(event.time)
                first, last = domain.first, domain.last
                if (
                    not domain.told & _MARKED
                    and (status is _ANSWERED or status is _EXISTS)
                    and first is not None
                    and last is not None
                    and first <= at < last + silence
                    and pairs.get(domain.id << AGENT_BITS | agent) == at // _DAY
                    and (name.fqdn in hosts or name.fqdn == domain.name or domain.hosts > HOSTS_BOUND)
                ):
                    seen += 1
                    domain.count += 1
                    if at > last:
                        domain.last = at
                    if not domain.dirty:
                        counted(domain)
                    keep(agent, event.name, name, domain, at)
                    continue
            others.append((event, name, agent))
        return seen, others

    def _load(self, events: Sequence[_Judged]) -> list[Domain | None]:
        """Bring the events' domains, pairs and host names into memory, in one question each.

        Returns:
            The domain of each event, None where it is not heard of yet.
        """
        at_hand = self.domains.at_hand
        found = [at_hand(name.registrable) for _, name, _ in events]
        missing = {name.registrable for (_, name, _), domain in zip(events, found, strict=True) if domain is None}
        if missing:
            loaded = self.domains.load(missing)
            found = [domain or loaded.get(name.registrable) for (_, name, _), domain in zip(events, found, strict=True)]
        stored = [
            (domain, name.fqdn, agent)
            for (_, name, agent), domain in zip(events, found, strict=True)
            if domain is not None and domain.stored
        ]
        self.pairs.load({pair(domain.id, agent) for domain, _, agent in stored})
        self.hosts.load((domain, fqdn) for domain, fqdn, _ in stored)
        return found

    def _sighted(self, domain: Domain, event: DnsEvent, name: Name, agent: int) -> News | None:
        at = int(event.time)
        first_for_agent = self.pairs.touch(pair(domain.id, agent), at // _DAY)
        if first_for_agent:
            domain.agents += 1
        domain.count += 1
        self.hosts.touch(domain, name.fqdn)
        first, last = domain.first, domain.last
        if first is None or last is None:
            domain.first = domain.last = at
            self._staged[domain] = (event, agent)
            return News(event, name, domain.seen(), True, first_for_agent, None, domain.told)
        if at < first:
            domain.first = at
        if at > last:
            domain.last = at
            if at - last >= self._silence:
                self._staged.setdefault(domain, None)
                return News(event, name, domain.seen(), False, first_for_agent, float(at - last), domain.told)
        spread = domain.agents if first_for_agent and domain.agents in SPREAD_STEPS else 0
        marked = bool(domain.told & _MARKED)
        # What an exception held back for one agent may not be excepted for this one, or not any more. What becomes of a
        # first sight in this very batch nobody knows yet.
        again = domain.told & HELD_BACK or (first_for_agent and self._staged.get(domain) is not None)
        if not (again or spread or marked):
            return None
        return News(
            event, name, domain.seen(), False, first_for_agent, None, domain.told,
            known=True, spread=spread, marked=marked,
        )  # fmt: skip

    def _asked_in_vain(self, domain: Domain, event: DnsEvent, name: Name, agent: int) -> News | None:
        at = int(event.time)
        vain = domain.unresolved
        news = vain is None and domain.first is None
        if vain is None:
            vain = domain.unresolved = Unresolved(at, at)
            self._staged.setdefault(domain, None)
        vain.first, vain.last = min(vain.first, at), max(vain.last, at)
        nxdomain = event.status is Status.NXDOMAIN
        in_vain = nxdomain and not vain.nxdomain  # whoever asked before was answered by nobody
        if nxdomain:
            vain.nxdomain += 1
        else:
            vain.failed += 1
        spread = 0
        again = False  # likewise
        if self.vain_pairs.touch(domain.id, agent):
            vain.agents += 1
            in_vain = nxdomain
            spread = vain.agents if vain.agents in SPREAD_STEPS else 0
            just_new = not vain.stored if domain.first is None else self._staged.get(domain) is not None
            again = just_new or bool(domain.told & HELD_BACK)
        if domain.first is not None:  # prevalence is that of the sightings, and the domain exists
            spread, in_vain = 0, False
        marked = bool(domain.told & _MARKED)
        if not (news or spread or in_vain or again or marked):
            return None
        return News(
            event, name, domain.seen(), False, False, None, domain.told,
            known=not news, spread=spread, in_vain=in_vain, marked=marked,
        )  # fmt: skip

    def look_up(self, names: Sequence[Name], at: float) -> list[tuple[Domain, bool]]:
        """Note look-ups; True where the domain was neither seen nor looked up before. Staged for `write_news`."""
        self._tidy()
        self.domains.load({name.registrable for name in names if self.domains.at_hand(name.registrable) is None})
        found = []
        for name in names:
            domain = self.domains.at_hand(name.registrable) or self._new_domain(name.registrable)
            first = domain.first is None and domain.looked_up is None
            if first:
                domain.looked_up = int(at)
                self._staged.setdefault(domain, None)
            found.append((domain, first))
        return found

    def numbers(self, registrables: Collection[str]) -> dict[str, int]:
        """Ids of domains; one never heard of is staged for `write_news`."""
        found = self.domains.find(registrables) if registrables else {}
        return {name: (found.get(name) or self._new_domain(name)).id for name in registrables}

    def remember(self, looked_up: Sequence[tuple[str, int]]) -> int:
        """Note look-ups of elsewhere, in the past: the earliest counts. Staged for `write_news`.

        Args:
            looked_up: (registrable domain, seconds since the epoch).

        Returns:
            How many of the domains had neither been seen nor looked up.
        """
        self._tidy()
        self.domains.load({name for name, _ in looked_up if self.domains.at_hand(name) is None})
        new = 0
        for registrable, at in looked_up:
            domain = self.domains.at_hand(registrable) or self._new_domain(registrable)
            new += domain.first is None and domain.looked_up is None
            if domain.looked_up is None or at < domain.looked_up:
                domain.looked_up = at
                self._staged.setdefault(domain, None)
        return new

    def _new_domain(self, registrable: str) -> Domain:
        domain = Domain(registrable, self._ids.next())
        self._staged[domain] = None
        self.domains.add(domain)
        return domain

    @property
    def staged(self) -> bool:
        """Whether something new waits for its transaction."""
        return bool(self._staged)

    @property
    def first_sights(self) -> int:
        """How many of those are sighted for the first time."""
        return sum(first is not None for first in self._staged.values())

    def write_news(self, connection: sqlite3.Connection, told: dict[str, int], hosts: list[tuple[str, str]]) -> None:
        """Write what is staged, and what a decision says of domains; inside the caller's transaction."""
        self.askers.write_agents(connection)
        self._ids.write(connection)
        for domain in self.domains.find(told).values():
            domain.told |= told[domain.name]
            self._staged.setdefault(domain, None)
        write_rows(connection, [(domain, self._who(connection, first)) for domain, first in self._staged.items()])
        sights = ((domain.name, *first) for domain, first in self._staged.items() if first is not None)
        write_first_sights(connection, sights, self._evidence)
        if hosts:
            alerted = self.domains.find({registrable for registrable, _ in hosts})
            self.hosts.keep(connection, [(alerted[name], fqdn) for name, fqdn in hosts if name in alerted])

    def _who(self, connection: sqlite3.Connection, first: tuple[DnsEvent, int] | None) -> Who:
        """Who asked for a domain first, by the event and agent of its first sighting."""
        if first is None:
            return None, None, None
        event, agent = first
        process, number = self._evidence(event).process, self.texts.number
        return agent, number(connection, "process", process.image), number(connection, "account", process.user)

    def news_written(self) -> None:
        """They are committed."""
        for domain in self._staged:
            domain.stored = True
            if domain.unresolved is not None:
                domain.unresolved.stored = True
        self._staged = {}
        self._ids.written()
        self.askers.agents_written()

    def changed(self) -> Part:
        """All counts since the last flush, as figures for their rows, in order of their keys."""
        domains, unresolved = self.domains.rows()
        return Part(
            domains, unresolved, self.pairs.rows(), self.vain_pairs.rows(), self.hosts.rows(), self.askers.rows()
        )

    def flush(self, connection: sqlite3.Connection) -> None:
        """Write what goes with counts: agents, when they were heard, account, positions; inside the transaction."""
        self.tallies.fold()
        self.askers.write_agents(connection)
        self.askers.flush(connection, self.tallies.newest)
        self.tallies.flush(connection)

    def flushed(self) -> None:
        """Counts and what goes with them are committed; the counts settle in their rows from now on."""
        for part in (self.domains, self.hosts, self.pairs, self.vain_pairs, self.askers, self.tallies):
            part.flushed()
        self.askers.agents_written()

    def settled(self) -> None:
        """All that was flushed is in its rows."""
        self.domains.settling = {}
        for part in (self.hosts, self.pairs, self.vain_pairs):
            part.settled()

    def forget(self) -> None:
        """Drop everything that is only in memory: the sources go back to their stored positions."""
        self._staged = {}
        self._ids.forget()
        self.texts.forget()
        self.familiar.clear()
        for part in (self.domains, self.hosts, self.pairs, self.vain_pairs, self.askers, self.tallies):
            part.forget()
