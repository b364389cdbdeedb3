"""`firstsight demo`: a learnt month, then a day, through the real service."""

import asyncio
import contextlib
import socket
import time
from pathlib import Path

import uvloop

from firstsight import logs
from firstsight.cli.serve import Running, serve
from firstsight.demo.otx import OtxPlayer
from firstsight.demo.registry import RegistryPlayer
from firstsight.demo.scenario import Scenario
from firstsight.demo.show import Show
from firstsight.demo.stage import Stage
from firstsight.demo.story import INDICATORS, LURE
from firstsight.settings import (
    AlertsSettings,
    LearningSettings,
    OtxSettings,
    PopularSettings,
    RegistrationSettings,
    Settings,
    SourceSettings,
    WazuhSettings,
)

_DAY = 86400.0
_PORT = 5730
_STEPS = 100  # the day is written in so many pieces
_PACE = 0.1  # seconds between them
_PATIENCE = 60.0  # seconds that the month, or the rest of the day, may take to be read


def run(folder: Path, *, leave: bool) -> int:
    """Play.

    Args:
        folder: where the demo keeps its files.
        leave: end after the summary.

    Returns:
        Exit status: 0 when every line was read and every alert was heard.
    """
    logs.configure("console", quiet=True)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_play(Stage(folder), leave=leave))


async def _play(stage: Stage, *, leave: bool) -> int:
    end = time.time()  # noqa: TID251  # the scenario's day ends now
    scenario, show = Scenario(end), Show()
    known = {domain: (title, end - age) for domain, (title, age) in INDICATORS.items()}
    async with RegistryPlayer(scenario.registrations) as registry, OtxPlayer(known) as otx:
        silence = stage.play_queue(show.heard)
        stage.write(end - _DAY, b"")
        started: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        serving = asyncio.ensure_future(serve(_settings(stage, scenario, registry.url, otx.url), started))
        serving.add_done_callback(lambda _: started.cancelled() or started.done() or started.cancel())
        try:
            running = await started
        except asyncio.CancelledError:
            await serving  # it says why it could not start
            raise
        try:
            whole = await _perform(stage, scenario, show, running, end)
            if not leave and whole:
                _invite(show, stage, running)
                await serving
        finally:
            running.server.ask_to_stop()
            await serving
            silence()
    return 0 if whole else 1


async def _perform(stage: Stage, scenario: Scenario, show: Show, running: Running, end: float) -> bool:
    store, source = running.service.store, running.service.watch.sources[0].name
    show.say(f"Larkspur Instruments, 25 endpoints; nothing leaves this machine. The service is up at {running.url}")
    show.say("First a month of ordinary traffic, which is learnt:")
    month = list(scenario.month())
    stage.write(end - _DAY, b"".join(month))
    if not await _read(running, source, len(month)):
        show.say("The month was not read in time.")
        return False
    totals = store.totals()
    learnt, popular = totals.get("held:learning", 0), totals.get("held:popular", 0)
    show.say(
        f"  {totals['events']:,} events; {learnt:,} first sights learnt, {popular:,} of popular domains held back."
    )
    show.say("Now the day, as the manager writes it; alerts as Wazuh's queue hears them:")
    show.say()
    day = list(scenario.day())
    for step in range(_STEPS):
        piece = day[step * len(day) // _STEPS : (step + 1) * len(day) // _STEPS]
        stage.write(end, b"".join(line for _, line in piece))
        await asyncio.sleep(_PACE)
    whole = await _read(running, source, len(month) + len(day))
    totals = store.totals()
    show.summary(store.account(source), totals)
    heard = sum(show.severities.values())
    decided = sum(n for what, n in totals.items() if what.startswith("alerts:"))
    return whole and heard == decided


async def _read(running: Running, source: str, lines: int) -> bool:
    """Wait until so many lines are read, all is answered and sent; False where that takes too long."""
    store = running.service.store
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while True:
                totals = store.totals()
                read = store.account(source).get("lines", 0) >= lines
                if read and not (totals["questions"] or totals["intel_questions"] or totals["outbox"]):
                    return True
                await asyncio.sleep(_PACE)
    return False


def _invite(show: Show, stage: Stage, running: Running) -> None:
    show.say()
    show.say(f"The service stays up until Ctrl-C. Its files are in {stage.folder}. Try:")
    show.say(f"  curl {running.url}/v1/domains/{LURE}")
    show.say(f"  curl {running.url}/{LURE}")
    show.say(f"  curl '{running.url}/v1/alerts?severity=critical'")
    show.say(f"  {running.url}/ui/ and {running.url}/docs, in a browser")


def _settings(stage: Stage, scenario: Scenario, registry: str, otx: str) -> Settings:
    return Settings(
        listen=f"127.0.0.1:{_free_port()}",
        data_dir=stage.folder / "firstsight",
        sources=[SourceSettings.model_validate({"path": stage.alerts_json, "from": "start"})],
        wazuh=WazuhSettings(queue=str(stage.queue)),
        alerts=AlertsSettings(file=str(stage.folder / "alerts.jsonl")),
        learning=LearningSettings(days=14),
        popular=PopularSettings(url=""),  # nothing leaves this machine
        registration=RegistrationSettings(
            bootstrap="", rate=1000, burst=1000, servers=dict.fromkeys(scenario.tlds, registry), deadline=5
        ),
        otx=OtxSettings(url=otx),
    )


def _free_port() -> int:
    """The usual port, or any other where that one is taken."""
    for port in (_PORT, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise AssertionError("a machine has a free port")
