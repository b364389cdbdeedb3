"""(b) Events: alert line → decision → commit → datagram, one core."""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import machine, processes, stores
from bench.drain import drain
from bench.feed import Job, Took
from bench.lines import Mix
from bench.plan import Plan
from bench.table import Row, Rows

PART = "b events"
STEPS = "where the time goes"
PER_CPU_SECOND = "events/s of one core"
CPU = "CPU µs/event"


@dataclass(frozen=True, slots=True)
class Case:
    """What is fed into which store; `dead`: while registries are asked that don't answer."""

    name: str
    mix: Mix
    store: stores.Kind
    dead: bool = False


def cases(plan: Plan) -> list[Case]:
    """What is measured."""
    small = plan.size(100_000, 10_000)
    found = [
        _case("1 % new", Mix(small, 500, new=0.01)),
        _case("5 % new", Mix(small, 500, new=0.05)),
        _case("1 % new, 10 % new pairs", Mix(small, 500, new=0.01, pairs=0.10)),
    ]
    if plan.full:  # what larger stores cost is told by growth, too
        found.append(_case("nothing new", Mix(small, 500)))
        found.append(_case("1 % new, registries dead", Mix(small, 500, new=0.01), dead=True))
        found += [_case("1 % new", Mix(10_000_000, agents, new=0.01)) for agents in (500, 50_000)]
    return found


def _case(rest: str, mix: Mix, *, dead: bool = False) -> Case:
    return Case(name(mix.domains, mix.agents, rest), mix, kind(mix.domains, mix.agents), dead)


def name(domains: int, agents: int, rest: str) -> str:
    """A case's name."""
    return f"{short(domains)} domains, {agents:,} agents, {rest}"


def short(n: int) -> str:
    """10,000,000 as 10M."""
    return f"{n // 1_000_000}M" if n >= 1_000_000 else f"{n // 1000}k"


def kind(domains: int, agents: int) -> stores.Kind:
    """The store behind a case: what is popular is known to all agents, to fewer where there are many."""
    return stores.Kind(domains, agents, common=300 if agents <= 1000 else 20, answers=min(domains, 100_000))


def measure(plan: Plan) -> Rows:
    """All cases, and where the time goes in one of them."""
    # Until most of what agents ask for all day is at hand, as it is in a service that runs: there are 75,000 pairs.
    warm, count = plan.size(150_000, 4_000), plan.size(60_000, 4_000)
    rows = in_turns(plan, PART, cases(plan), warm, count)
    rows.append(_steps(plan, cases(plan)[0], warm, count))
    rows.append(machine.processor(plan, PART))
    return rows


def in_turns(plan: Plan, part: str, wanted: Sequence[Case], warm: int, count: int) -> Rows:
    """Feed each case through the service, in a process of its own, one case after another and all of it again."""
    rows = Rows(Row(part, case.name, "firstsight") for case in wanted)
    with _files(plan, wanted, warm + count) as jobs:
        for turn in range(plan.runs):
            for case, row, path in zip(wanted, rows, jobs, strict=True):
                job = _job(plan, path, warm, count)
                job.dead = case.dead
                took = once(plan, job, case.store)
                row.add(
                    {
                        PER_CPU_SECOND: took.events / took.cpu,
                        CPU: took.cpu / took.events * 1e6,
                        "events/s": took.events / took.wall,
                        "MB resident at most": took.rss_mb,
                    }
                )
                if turn == 0:
                    pairs = stores.count(Path(job.store), "sighting", "first_day = last_day")
                    row.add({"alerts": took.alerts, "% of events bring a new pair": 100 * pairs / (warm + count)})
    return rows


def _steps(plan: Plan, case: Case, warm: int, count: int) -> Row:
    row = Row(PART, STEPS, "firstsight", note=case.name)
    with _files(plan, [case], warm + count) as paths:
        job = _job(plan, paths[0], warm, count)
        job.steps = True  # one run: this is about shares, and no target stands on it
        for title, seconds in once(plan, job, case.store).steps.items():
            row.add({f"{CPU}: {title}": seconds * 1e6})
    return row


@contextlib.contextmanager
def _files(plan: Plan, wanted: Sequence[Case], count: int) -> Iterator[list[Path]]:
    """An alerts.json for each case, and its store in the cache."""
    paths = []
    for n, case in enumerate(wanted):
        stores.store(case.store)
        path = plan.scratch / f"alerts-{n}.json"
        with path.open("wb") as file:
            file.writelines(line for line, _ in case.mix.events(count))
        paths.append(path)
    os.sync()  # or it would be written back while others are measured
    yield paths
    for path in paths:
        path.unlink()


def _job(plan: Plan, path: Path, warm: int, count: int) -> Job:
    return Job(str(plan.scratch / "store.db"), str(path), str(plan.sockets / "queue"), warm, count)


def once(plan: Plan, job: Job, store: stores.Kind) -> Took:
    """One run on a fresh copy of a store. All alerts must arrive."""
    stores.copy(store, Path(job.store))
    with drain(plan.sockets, plan.scratch / "came") as queue:
        said = processes.run([sys.executable, "-m", "bench.feed", msgspec.json.encode(job).decode()])
        came = queue.came()
    took = msgspec.json.decode(said.splitlines()[-1], type=Took)
    if took.taken != job.warm + job.count or len(came) < took.alerts:
        raise processes.Trouble(
            f"Of {job.warm + job.count} events {took.taken} were taken, of {took.alerts} alerts {len(came)} came."
        )
    return took
