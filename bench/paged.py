"""The measured process of the pages: the whole service, on the day of the bench's events, whatever day it is.

`python -m bench.paged --config FILE`, as `firstsight serve` is started.
"""

import asyncio
import sys
from pathlib import Path

import uvloop

from bench.feed import BenchClock
from firstsight import logs
from firstsight.cli.serve import collect_seldom, serve, switch_soon
from firstsight.settings import load


def main(config: Path) -> None:
    """Serve until SIGTERM."""
    settings = load(config)
    logs.configure(settings.log)
    collect_seldom()
    switch_soon()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, clock=BenchClock()))


if __name__ == "__main__":
    main(Path(sys.argv[-1]))
