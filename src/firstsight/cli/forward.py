"""`firstsight forward`."""

import asyncio
import random
import signal
from pathlib import Path
from typing import Literal

import structlog

from firstsight import logs
from firstsight.clock import SystemClock
from firstsight.forward.checkpoint import Checkpoint
from firstsight.forward.client import Client
from firstsight.forward.forwarder import Forwarder, NodeQueue
from firstsight.settings.node import NodeSettings
from firstsight.sources.follow import Follower

log = structlog.get_logger()


def run(
    settings: NodeSettings, alerts: Path, queue: Path, state: Path, *, start: Literal["start", "end"], form: str
) -> int:
    """Forward until SIGINT or SIGTERM.

    Args:
        settings: how the service is reached.
        alerts: the log that is followed.
        queue: the node's own analysisd.
        state: folder of the checkpoint.
        start: where to begin where there is no checkpoint.
        form: how log lines look, `json` or `console`.

    Returns:
        Exit status.

    Raises:
        FirstsightError: it can't start; the text says why and what to do.
    """
    logs.configure(form)
    clock = SystemClock()
    client = Client(settings.url, settings.node, settings.current_token, settings.ca)
    forwarder = Forwarder(
        Follower(alerts, start, clock=clock),
        client,
        NodeQueue(queue, clock, "--queue"),
        Checkpoint(state),
        clock,
        random.Random(),  # noqa: S311  # spreads tries, keeps no secret
    )
    log.info("forwarding", log=str(alerts), to=settings.url, node=settings.node, queue=str(queue), state=str(state))
    asyncio.run(_until_told_to_stop(forwarder))
    log.info("stopped")
    return 0


async def _until_told_to_stop(forwarder: Forwarder) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, forwarder.stop)
    try:
        await forwarder.run()
    finally:
        await forwarder.close()
