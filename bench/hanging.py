"""A registry that never answers must not be felt by who asks for what is known."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench import processes, running, stores, wrk
from bench.plan import Plan
from bench.table import Row

CASE = "known names while 20 RDAP questions hang"
_HUNG = 20


def measure(plan: Plan, part: str, store: stores.Kind, known: Path) -> Row:
    """Known names, while a registry leaves twenty questions open."""
    row = Row(part, CASE, "firstsight")
    with running.registry(plan, hang=True) as registry:
        address = f"http://127.0.0.1:{registry.port}/"
        zones = "".join(f'{zone} = "{address}"\n' for zone in ("com", "net", "org"))
        sections = {
            "http": "",
            "popular": 'url = ""',
            "registration": 'bootstrap = ""\nrate = 1000.0\nburst = 1000\ndeadline = 30.0',
            "registration.servers": zones,
        }
        with running.firstsight(plan, store, sections=sections) as server:
            wrk.run(server.port, "random", known, plan.seconds)
            for turn in range(plan.runs):
                with _questions(server.port, turn) as unknown:
                    before = server.cpu()
                    load = wrk.run(server.port, "random", known, plan.seconds)
                    wrk.into(row, load, server.cpu() - before)
                if len(unknown) != _HUNG:
                    raise processes.Trouble(f"Only {len(unknown)} of {_HUNG} questions hung: the case means nothing.")
    return row


@contextlib.contextmanager
def _questions(port: int, turn: int) -> Iterator[list[bytes]]:
    """Ask for twenty names that only the registry knows; afterwards, the answers that had to leave without it."""
    unknown: list[bytes] = []

    def ask(number: int) -> None:
        name = f"unheard-{turn}-{number}.{('com', 'net', 'org')[number % 3]}"
        with contextlib.suppress(OSError):
            body = processes.get(port, f"/{name}", timeout=30)[1]
            if b'"category":"UNKNOWN"' in body:
                unknown.append(body)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(_HUNG)]
    for thread in threads:
        thread.start()
    time.sleep(0.2)  # until they hang
    yield unknown
    for thread in threads:
        thread.join()
