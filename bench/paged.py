"""The measured process of the pages: the whole service, on the day of the bench's events, whatever day it is.

`python -m bench.paged --config FILE`, as `firstsight serve` is started.
"""

import sys
from pathlib import Path

from bench.feed import BenchClock
from firstsight.cli.serve import run

if __name__ == "__main__":
    run(Path(sys.argv[-1]), BenchClock())
