"""The measured process of the event path: a service as `firstsight serve` builds it, fed from a file to its end.

`python -m bench.feed JOB`, JOB as JSON; prints what it took as JSON. The first events warm it up; what is counted by
then is written, and so is what the measured ones leave behind: a commit that comes late is a commit all the same.
"""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path

import msgspec

from bench import processes
from bench.lines import NOON
from bench.steps import Steps
from firstsight import compose
from firstsight.cli.serve import collect_seldom, switch_soon
from firstsight.service import Service
from firstsight.settings import Settings
from firstsight.store.sqlite import SqliteStore


class Job(msgspec.Struct):
    """What to do.

    Attributes:
        store: a copy of a store, of this run alone.
        lines: alerts.json.
        queue: the datagram socket.
        warm: events before the measured ones.
        count: measured events.
        steps: also say where the time goes (costs a little itself).
        dead: registries are asked, and nobody answers; else nobody is asked.
    """

    store: str
    lines: str
    queue: str
    warm: int
    count: int
    steps: bool = False
    dead: bool = False


class Took(msgspec.Struct):
    """What it took: seconds of the clock and of CPU (all threads), alerts, peak resident memory.

    `taken` counts those events too that warmed it up.
    """

    wall: float
    cpu: float
    events: int
    taken: int
    alerts: int
    rss_mb: float
    steps: dict[str, float] = {}


class BenchClock:
    """The day of the events, whatever day it is."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def now(self) -> float:
        """Seconds since the epoch."""
        return NOON + time.perf_counter() - self._start


def service(job: Job) -> Service:
    """The service, as its settings would have it: a first sight alerts, nobody outside is there."""
    nobody = f"http://127.0.0.1:{processes.free_port()}/"
    settings = Settings.model_validate(
        {
            "data_dir": str(Path(job.store).parent),
            "store": f"sqlite:///{job.store.removeprefix('/')}",
            "sources": [{"path": job.lines, "from": "start", "name": "bench"}],
            "wazuh": {"queue": job.queue},
            "learning": {"days": 0},
            "http": {"offline": not job.dead},
            "registration": {
                "bootstrap": "",
                "servers": dict.fromkeys(("com", "net", "org", "de", "info", "uk", "fr"), nobody),
            },
        }
    )
    return compose.service(settings, BenchClock())


async def feed(job: Job) -> Took:
    """Feed the file through."""
    steps = Steps() if job.steps else None
    collect_seldom()  # as `serve` does, before it builds anything
    switch_soon()
    running = service(job)
    store = running.store
    assert isinstance(store, SqliteStore)
    stopping = threading.Event()
    tidy = threading.Thread(target=_tidy, args=(store, stopping))
    tidy.start()
    asking = asyncio.create_task(running.fresh.run()) if job.dead else None
    try:
        await _until(running, job.warm)
        store.flush()
        before, alerts = store.account("bench").get("events", 0), _alerts(store)
        if steps is not None:
            steps.reset()
        wall, cpu = time.perf_counter(), time.process_time()
        await _until(running, job.warm + job.count)
        store.flush()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        taken = store.account("bench")["events"]
        events = taken - before
        shares = {} if steps is None else {title: seconds / events for title, seconds in steps.seconds.items()}
        return Took(wall, cpu, events, taken, _alerts(store) - alerts, processes.peak_mb(os.getpid()), shares)
    finally:
        running.fresh.stop()
        if asking is not None:
            await asking
        stopping.set()
        tidy.join()
        store.close()


async def _until(running: Service, events: int) -> None:
    """Turn until so many events are taken and all their alerts are sent."""
    turn, store = running.watch.turn, running.store
    until = time.perf_counter() + 300
    while store.account("bench").get("events", 0) < events:
        busy = turn()
        await asyncio.sleep(0)  # who asks registries has a turn too
        if busy:
            continue
        if running.watch.store_trouble:
            raise SystemExit(running.watch.store_trouble)
        if time.perf_counter() > until:
            raise SystemExit("The service did not read all lines in time.")
    while store.unsent("wazuh", 1):
        turn()
        if time.perf_counter() > until:
            raise SystemExit("The service did not send all alerts in time.")


def _alerts(store: SqliteStore) -> int:
    return sum(n for what, n in store.totals().items() if what.startswith("alerts:"))


def _tidy(store: SqliteStore, stopping: threading.Event) -> None:
    """As `serve` does: SQLite's log moves into its file each second, in a thread."""
    while not stopping.wait(1.0):
        store.checkpoint()


if __name__ == "__main__":
    print(msgspec.json.encode(asyncio.run(feed(msgspec.json.decode(sys.argv[1], type=Job)))).decode())
