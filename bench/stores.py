"""Stores of any size: loaded in key order by plain SQL into the real schema, kept in the cache, copied for each run."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from importlib.resources import files
from pathlib import Path

import msgspec

from bench import history
from bench.lines import CORE, DAY, FIRST_NEW, HOSTS, MANAGER, NOON, agent_name, domain, in_name_order, owners
from bench.plan import CACHE
from firstsight.core.facts import Known, Registration
from firstsight.core.reasons import mask_of
from firstsight.store.database import Database

_LAYOUT = 1  # raise it when this file fills stores differently
_MONTH_AGO = DAY - 30
_REGISTERED = 946_684_800.0  # 2000-01-01: an established domain
_FOR_EVER = 32_503_680_000.0  # the year 3000: registrations that don't expire
_WEEK = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What a store holds.

    Attributes:
        domains: sighted ones, ranks 1 to `domains`.
        agents: who asked.
        each: (domain, agent) pairs of a domain at least, beside those of its owners (`lines.own`).
        common: this many of the most popular domains are known to every agent, the next ones to fewer and fewer.
        answers: this many of the most popular domains have a stored registration answer.
        strangers: domains with a stored answer that nobody has asked for (`FIRST_NEW` and on).
        alerts: of the last ninety days, with what belongs to them (history.py).
    """

    domains: int
    agents: int = 500
    each: int = 5
    common: int = 300
    answers: int = 0
    strangers: int = 0
    alerts: int = 0

    @property
    def label(self) -> str:
        """A file's name, made of what is in it."""
        return "-".join(map(str, astuple(self)))


def store(kind: Kind) -> Path:
    """The cached store, made where it is not there yet."""
    folder = CACHE / "stores"
    path = folder / f"{kind.label}-{_schema()}.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():  # of another schema
            if not old.name.endswith(f"-{_schema()}.db"):
                old.unlink()
        _load(kind, path)
    return path


def copy(kind: Kind, to: Path) -> Path:
    """A fresh copy for one run; blocks are shared where the file system can."""
    to.unlink(missing_ok=True)
    for rest in ("-wal", "-shm", ".made", ".lock"):
        to.with_name(to.name + rest).unlink(missing_ok=True)
    subprocess.run(["cp", "--reflink=auto", str(store(kind)), str(to)], check=True)
    if kind.answers:  # a kept store may be months old, its answers must be fresh
        with closing(sqlite3.connect(to)) as connection, connection:
            connection.execute("UPDATE answer SET fresh_until = unixepoch() + ?", (_WEEK,))
    os.sync()  # or it would be written back while it is measured
    return to


def _schema() -> str:
    steps = sorted((files("firstsight.store") / "migrations").iterdir(), key=lambda step: step.name)
    text = "".join(step.read_text() for step in steps if step.name.endswith(".sql"))
    return hashlib.sha256(f"{_LAYOUT}{text}".encode()).hexdigest()[:8]


def _load(kind: Kind, path: Path) -> None:
    building = path.with_suffix(".building")
    building.unlink(missing_ok=True)
    if kind.alerts:
        shutil.copyfile(store(replace(kind, alerts=0)), building)
        print(f"  loading {kind.alerts:,} alerts into it", flush=True)
    else:
        print(f"  loading a store of {kind.domains:,} domains (kept in {path.parent.name}/)", flush=True)
        Database(building).close()  # the real schema
        for rest in (".made", ".lock"):
            building.with_name(building.name + rest).unlink(missing_ok=True)
    with closing(sqlite3.connect(building, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-262144")
        connection.execute("BEGIN")
        if kind.alerts:
            history.fill(connection, kind.domains, kind.agents, kind.alerts)
        else:
            _fill(connection.executemany, kind)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")  # as a service leaves it
    building.rename(path)


def _fill(many: Callable[[str, Iterable[tuple[object, ...]]], object], kind: Kind) -> None:
    many(
        "INSERT INTO agent (id, manager, name) VALUES (?, ?, ?)",
        ((agent, MANAGER, agent_name(agent)) for agent in range(1, kind.agents + 1)),
    )
    many("INSERT INTO process (id, image) VALUES (?, ?)", [(1, r"C:\Program Files\Mozilla Firefox\firefox.exe")])
    many("INSERT INTO account (id, user) VALUES (?, ?)", [(1, r"EXAMPLE\user")])
    agents = array("I", bytes(4 * (kind.domains + 1)))
    many("INSERT INTO sighting (domain, agent, first_day, last_day) VALUES (?, ?, ?, ?)", _pairs(kind, agents))
    many(
        "INSERT INTO domain (name, id, first, last, count, agents, hosts, told, looked_up, agent, process, account) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, 1, 1)",
        _domains(kind, agents),
    )
    many(
        "INSERT INTO host (domain, prefix) VALUES (?, ?)",
        ((i, HOSTS[i & 3][:-1]) for i in range(1, kind.domains + 1) if i & 3),
    )
    many("INSERT OR REPLACE INTO meta (key, value) VALUES ('next_domain', ?)", [(str(kind.domains + 1),)])
    many("INSERT INTO answer (topic, name, fresh_until, body) VALUES ('registration', ?, ?, ?)", _answers(kind))


def _pairs(kind: Kind, agents: "array[int]") -> Iterator[tuple[int, int, int, int]]:
    """Pairs in key order; how many agents a domain has is noted in `agents`."""
    everybody = range(1, kind.agents + 1)
    for i in range(1, kind.domains + 1):
        wanted = max(kind.each, kind.common * kind.agents // i)
        if wanted >= kind.agents:
            asking: Iterable[int] = everybody
        else:
            some = owners(kind.domains, kind.agents, i)
            if i <= CORE < kind.domains:
                some |= owners(CORE, kind.agents, i)
            step = kind.agents // wanted
            some.update((i * 7919 + k * step) % kind.agents + 1 for k in range(wanted))
            asking = sorted(some)
        for agent in asking:
            agents[i] += 1
            yield i, agent, _MONTH_AGO, DAY


def _domains(kind: Kind, agents: "array[int]") -> Iterator[tuple[object, ...]]:
    told = mask_of(["first_seen"])
    for i in in_name_order(kind.domains):
        count = agents[i] * 20
        first = _MONTH_AGO * 86400 + i % 86400
        yield domain(i), i, first, NOON - 60, count, agents[i], int(i & 3 > 0), told, i % kind.agents + 1


def _answers(kind: Kind) -> list[tuple[str, float, bytes]]:
    fact = Known(Registration(_REGISTERED, _FOR_EVER, "RDAP", _REGISTERED))
    body = msgspec.json.encode(fact)
    names = [domain(i) for i in range(1, kind.answers + 1)]
    names += [domain(FIRST_NEW + i) for i in range(kind.strangers)]
    return sorted((name, _FOR_EVER, body) for name in names)


def sizes(path: Path) -> dict[str, int]:
    """Bytes that each table takes, its indexes included."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat('main', 1) AS s JOIN sqlite_schema AS m ON m.name = s.name "
            "GROUP BY m.tbl_name"
        )
        return dict(rows.fetchall())
    finally:
        connection.close()


def free_bytes(path: Path) -> int:
    """Bytes that hold nothing any more; what is written next goes there before the file grows."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        pages, size = (connection.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_size"))
        return int(pages * size)


def count(path: Path, table: str, where: str = "1") -> int:
    """Rows of a table."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0])
    finally:
        connection.close()
