"""The machine's clock (`ports.Clock`)."""

import time


class SystemClock:
    """The wall clock, which may be set."""

    @staticmethod
    def now() -> float:
        """Seconds since the epoch."""
        return time.time()  # noqa: TID251  # this is the clock
