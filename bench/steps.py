"""Where the time goes: the own CPU time of the steps of a turn, what they call taken out."""

import functools
import time
from collections.abc import Callable
from typing import Any, TypeVar

from firstsight.sinks.wazuh import WazuhQueue
from firstsight.sources.wazuh import WazuhSource
from firstsight.store.sqlite import SqliteStore
from firstsight.watch.decisions import Decisions
from firstsight.watch.loop import Watch

R = TypeVar("R")

_STEPS: tuple[tuple[type, str, str], ...] = (
    (WazuhSource, "read", "read and decode lines"),
    (Watch, "turn", "the turn itself, parsing names"),
    (SqliteStore, "take", "observe, find news, commit it"),
    (Decisions, "on_news", "decide on news"),
    (SqliteStore, "step", "write counts, in parts"),
    (SqliteStore, "flush", "write the counts that are left"),
    (SqliteStore, "unsent", "read the outbox"),
    (WazuhQueue, "send", "send alerts"),
)


class Steps:
    """Times the steps of everything that runs in this thread from now on: a wrapper around each, a batch a call."""

    def __init__(self) -> None:
        self.seconds = {title: 0.0 for _, _, title in _STEPS}
        self._inner = 0.0  # what the steps called by the running one took
        for kind, method, title in _STEPS:
            setattr(kind, method, self._timed(getattr(kind, method), title))

    def reset(self) -> None:
        """Begin anew."""
        self.seconds = dict.fromkeys(self.seconds, 0.0)

    def _timed(self, step: Callable[..., R], title: str) -> Callable[..., R]:
        @functools.wraps(step)
        def timed(*arguments: Any, **named: Any) -> R:
            around, self._inner = self._inner, 0.0
            start = time.thread_time()
            try:
                return step(*arguments, **named)
            finally:
                took = time.thread_time() - start
                self.seconds[title] += took - self._inner
                self._inner = around + took

        return timed
