"""(h) Pages: what a person waits for in a large store full of alerts, while events come in."""

import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from statistics import quantiles
from urllib.parse import quote

from bench import feeder, history, processes, running, stores
from bench.drain import drain
from bench.events import kind, short
from bench.lines import FIRST_NEW, Mix, agent_name, domain
from bench.plan import Plan
from bench.table import Row, Rows

PART = "h pages"
OVERVIEW, DOMAIN, AGENT = "overview", "a domain's page", "an agent's page"
WORD, WORDS, EXCLUDED, FAR, NOTHING = (
    "alerts, one word",
    "alerts, several words",
    "alerts, words excluded",
    "alerts, far back",
    "alerts, nothing fits",
)
FILTERS = (WORD, WORDS, EXCLUDED, FAR, NOTHING)
EXPORT, API, ALL = "an export begins", "alerts by the API", "an alert meanwhile"
P50, P95, P99 = "ms p50", "ms p95", "ms p99"
RATE = 2_000
_EVERY = 0.05  # seconds between chunks of lines
_SOURCE = "bench"

_Ask = Callable[[Random], str]


def case(what: str, alerts: int) -> str:
    """A case's name."""
    return f"{what}, {short(alerts)} alerts"


def sizes(plan: Plan) -> list[stores.Kind]:
    """The stores that are looked at; the last one is the largest."""
    small = replace(kind(plan.size(100_000, 20_000), 500), alerts=plan.size(100_000, 5_000))
    return [small, *([replace(kind(10_000_000, 50_000), alerts=1_000_000)] if plan.full else [])]


def measure(plan: Plan) -> Rows:
    """Pages of each store."""
    return Rows(row for wanted in sizes(plan) for row in _measure(plan, wanted))


def _measure(plan: Plan, wanted: stores.Kind) -> Rows:
    """Ask for page after page, of each kind in turns, as long as lines are written."""
    stores.store(wanted)
    mix = Mix(wanted.domains, wanted.agents, new=0.01)
    schedule, news = feeder.prepare(
        plan, mix, rate=RATE, every=_EVERY, seconds=60 if wanted.agents > 500 else plan.size(20, 8)
    )
    asked = _asked(wanted)
    with drain(plan.sockets, plan.scratch / "came") as queue:
        sections = running.between(schedule.alerts, queue.path, name=_SOURCE)
        program = (sys.executable, "-m", "bench.paged")
        with running.firstsight(plan, wanted, sections=sections, program=program) as server:
            running.learnt(plan, _SOURCE)
            _round(server.port, asked, Random(0))  # pages are made and caches filled once
            with feeder.feeding(plan, schedule) as feeding:
                took = _ask_all_the_while(feeding, server.port, asked)
            server.settle()
        waits = feeder.waits(schedule, news, queue.came())
    rows = Rows()
    for what, times in took.items():
        row = Row(PART, case(what, wanted.alerts), "firstsight")
        cuts = quantiles(times, n=100, method="inclusive")
        row.add({P50: cuts[49], P95: cuts[94], "times asked": len(times)})
        rows.append(row)
    row = Row(PART, case(ALL, wanted.alerts), "firstsight")
    row.add({P99: quantiles(waits, n=100, method="inclusive")[98]})
    rows.append(row)
    return rows


def _ask_all_the_while(
    feeding: "subprocess.Popen[bytes]", port: int, asked: Mapping[str, Sequence[_Ask]]
) -> dict[str, list[float]]:
    rng = Random(1)
    took: dict[str, list[float]] = {what: [] for what in asked}
    while feeding.poll() is None:
        for what, times in _round(port, asked, rng).items():
            took[what] += times
    if min(map(len, took.values())) < 2:  # a median needs some
        raise processes.Trouble("No page could be measured while lines were written.")
    return took


def _round(port: int, asked: Mapping[str, Sequence[_Ask]], rng: Random) -> dict[str, list[float]]:
    return {what: [_once(port, ask(rng), whole=what != EXPORT) for ask in asks] for what, asks in asked.items()}


def _once(port: int, path: str, *, whole: bool) -> float:
    """How long an answer takes, ms: to its last byte, or to its first; then nobody waits for the rest.

    Raises:
        Trouble: it is not what was asked for.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        start = time.perf_counter()
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read(None if whole else 1)
        if reply.status != 200:
            raise processes.Trouble(f"{path} is answered with {reply.status}.")
        return (time.perf_counter() - start) * 1e3
    finally:
        connection.close()


def _asked(wanted: stores.Kind) -> dict[str, list[_Ask]]:
    """What is asked for, by case."""
    domains, agents, alerts = wanted.domains, wanted.agents, wanted.alerts

    def any_agent(rng: Random) -> str:
        return agent_name(rng.randint(1, agents))

    def any_domain(rng: Random) -> str:
        return domain(rng.randint(1, domains))

    def an_indicator(rng: Random) -> str:
        return domain(rng.randint(1, history.INDICATORS))

    def a_program(rng: Random) -> str:
        return history.program_name(rng.randint(6, history.PROGRAMS))

    def deep(rng: Random) -> str:
        return str(rng.randint(1, alerts))

    return {
        OVERVIEW: [_plain(f"/ui/?range={span}") for span in ("24h", "7d", "30d")],
        DOMAIN: [
            _of("/ui/domain?name={}", any_domain),
            _of("/ui/domain?name={}", an_indicator),
            _plain(f"/ui/domain?name={domain(1)}"),
            lambda rng: f"/ui/domain?name={domain(FIRST_NEW + rng.randint(1, 1 << 20))}",
        ],
        AGENT: [_of("/ui/agent?name={}", any_agent), _plain(f"/ui/agent?name={agent_name(1)}")],
        WORD: [
            *map(_filter, ("", "agent:WS-000*", "process:chrome.exe", "process:tool*", "reason:random_name")),
            *map(_filter, ("reason:newly_active,unusual_process", "severity:critical", "severity:high,critical")),
            *map(_filter, ("state:confirmed", "state:new", "age:<7d", "age:>3000d", "first:<1d", "time:<1h")),
            _filter("time:>60d"),
            _filter("agent:{}", any_agent),
            _filter("domain:{}", an_indicator),
            _filter("{}", any_domain),
            _filter("domain:ba*"),
            _filter("process:{}", a_program),
        ],
        WORDS: [
            _filter("reason:newly_registered severity:high state:new age:<7d"),
            _filter("severity:critical state:new time:<7d -process:chrome.exe"),
            _filter("process:{} severity:high,critical state:new", a_program),
            _filter("agent:{} reason:first_seen state:false_alarm", any_agent),
            _filter("domain:{} state:confirmed severity:critical", an_indicator),
        ],
        EXCLUDED: [
            *map(_filter, ("-severity:low", "-reason:first_seen", "-agent:WS-0* -state:new", "-domain:ba*")),
            _filter("-process:chrome.exe,msedge.exe,firefox.exe,teams.exe,svchost.exe -severity:low -state:new"),
        ],
        FAR: [
            _filter("", before=deep),
            _filter("severity:low", before=deep),
            _filter("reason:first_seen -process:chrome.exe", before=deep),
            _filter("age:>3000d state:confirmed", before=deep),
        ],
        NOTHING: [
            *map(_filter, ("severity:critical reason:newly_active", "state:new reason:alternative_root")),
            *map(_filter, ("first:<1m severity:low", "nobody-asks-for-this.example", "agent:nobody")),
        ],
        EXPORT: [
            *map(_plain, ("/ui/alerts/export?format=csv", "/ui/alerts/export?format=json")),
            _plain(f"/ui/alerts/export?format=csv&q={quote('severity:critical state:confirmed')}"),
        ],
        API: [
            _plain("/v1/alerts?limit=100"),
            _of("/v1/alerts?limit=100&after={}", deep),
            *map(_plain, ("/v1/alerts?limit=100&severity=critical", "/v1/alerts?limit=100&state=confirmed")),
            _of("/v1/alerts?limit=100&severity=critical&state=confirmed&after={}", deep),
            _of("/v1/domains/{}", any_domain),
            _plain("/metrics"),
        ],
    }


def _plain(path: str) -> _Ask:
    return lambda _: path


def _of(path: str, some: _Ask) -> _Ask:
    return lambda rng: path.format(some(rng))


def _filter(words: str, some: _Ask | None = None, *, before: _Ask | None = None) -> _Ask:
    def ask(rng: Random) -> str:
        q = words if some is None else words.format(some(rng))
        return f"/ui/alerts?q={quote(q)}" + (f"&before={before(rng)}" if before else "")

    return ask
