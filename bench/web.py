"""(a) HTTP: the compatibility route against the original, and against the bare server below it."""

import contextlib
import time
from pathlib import Path

from bench import hanging, machine, peer, processes, running, stores, wrk
from bench.lines import FIRST_NEW, domain
from bench.plan import Plan
from bench.running import Server
from bench.table import Row, Rows

PART = "a HTTP"
CACHED, BELOW, FIRST = "known names", "new host names below known ones", "first contact"
_MEASURED: list[tuple[str, wrk.Mode]] = [(CACHED, "random"), (BELOW, "below"), (FIRST, "each")]


def measure(plan: Plan) -> Rows:
    """All cases; those of one case are measured in turns, so that a noisy minute strikes all of them."""
    wrk.there()
    known = _names(plan, "known.txt", range(1, plan.names + 1))
    strangers = _names(plan, "strangers.txt", range(FIRST_NEW, FIRST_NEW + _strangers(plan)))
    rows = Rows([machine.disk(plan)])
    with contextlib.ExitStack() as servers:
        up = {
            "firstsight": servers.enter_context(running.firstsight(plan, store(plan))),
            "bare hello": servers.enter_context(running.hello(plan)),
        }
        try:
            up[peer.NAME] = servers.enter_context(peer.domain_stats(plan, known.read_text().split()))
        except processes.Trouble as trouble:
            print(f"  Domain Stats is left out: {trouble}", flush=True)
        _check(up, known)
        for case, mode in _MEASURED:
            rows += _turns(plan, case, mode, up, strangers if mode == "each" else known)
        if peer.NAME in up:
            rows.append(peer.events(plan, up[peer.NAME]))
    _check_first(rows, running.store(plan))
    rows.append(hanging.measure(plan, PART, store(plan), known))
    return rows


def store(plan: Plan) -> stores.Kind:
    """Names that are known with their registration, and as many that nobody has asked for."""
    return stores.Kind(plan.names, answers=plan.names, strangers=_strangers(plan))


def _strangers(plan: Plan) -> int:
    return plan.size(400_000, 40_000)


def _names(plan: Plan, file: str, ranks: range) -> Path:
    path = plan.scratch / file
    path.write_text("".join(f"{domain(i)}\n" for i in ranks))
    return path


def _check(up: dict[str, Server], known: Path) -> None:
    """What is to be measured must be what is answered."""
    name = known.read_text().partition("\n")[0]
    for who in {"firstsight", peer.NAME} & set(up):
        status, body = processes.get(up[who].port, f"/{name}")
        if status != 200 or b'"ESTABLISHED"' not in body or b"FIRST-CONTACT" in body:
            raise processes.Trouble(f"{who} does not know {name}: it answers {status} {body!r}")


def _check_first(rows: Rows, path: Path) -> None:
    """What was answered as a first contact must be in the store."""
    answered = sum(rows.values(FIRST, "requests"))
    kept = stores.count(path, "domain", "looked_up IS NOT NULL")
    if kept < answered:
        raise processes.Trouble(f"{answered:.0f} first contacts were answered, {kept} are in the store.")


def _warm(plan: Plan, server: Server, names: Path) -> None:
    """Ask for each name once, where that takes no more than a minute: a service has its names at hand."""
    asked, until = 0, time.perf_counter() + 60
    while asked < plan.names and time.perf_counter() < until:
        asked += wrk.run(server.port, "each", names, plan.seconds, start=asked).requests


def _turns(plan: Plan, case: str, mode: wrk.Mode, up: dict[str, Server], names: Path) -> Rows:
    rows = Rows(Row(PART, case, who) for who in up if mode == "random" or who != "bare hello")
    asked = {row.who: 0 for row in rows}
    if mode == "random":
        for server in up.values():
            _warm(plan, server, names)
    for _ in range(plan.runs):
        for row in rows:
            server = up[row.who]
            slow = row.who == peer.NAME and mode != "random"  # some answers a second: they need their time
            before = server.cpu()
            load = wrk.run(server.port, mode, names, plan.seconds + 1 if slow else plan.seconds, start=asked[row.who])
            wrk.into(row, load, server.cpu() - before)
            asked[row.who] += load.requests + wrk.CONNECTIONS  # those under way at the end have been asked for too
            server.settle()
    if mode == "each" and asked["firstsight"] > _strangers(plan):
        raise processes.Trouble("firstsight was asked for more new names than there were: raise web._strangers.")
    return rows
