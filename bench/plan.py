"""How much is measured, and where the bench may write."""

import os
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parent
CACHE = Path(os.environ.get("BENCH_CACHE") or HERE / ".cache").absolute()
"""Stores and whatever else is kept between runs; checkouts may share one, large stores are made once then."""
RESULTS = HERE / "results"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run of the bench is asked for.

    Attributes:
        full: up to 10 M domains and 50 M pairs.
        quick: sizes for developing the bench; its figures say nothing.
        scratch: a folder of this run, removed after it.
        sockets: likewise, with a path short enough for a UNIX socket.
    """

    full: bool
    quick: bool
    scratch: Path
    sockets: Path

    @property
    def runs(self) -> int:
        """How often each case is measured; medians are taken."""
        return 1 if self.quick else 5

    @property
    def seconds(self) -> int:
        """How long a run under HTTP load lasts."""
        return 1 if self.quick else 2

    @property
    def names(self) -> int:
        """How many known names the HTTP side is asked for."""
        return 2_000 if self.quick else 100_000

    @property
    def large(self) -> list[int]:
        """Domains of the large stores."""
        return [self.size(1_000_000, 20_000), *([10_000_000] if self.full else [])]

    def size(self, usual: int, quick: int) -> int:
        """A size, or its small stand-in."""
        return quick if self.quick else usual
