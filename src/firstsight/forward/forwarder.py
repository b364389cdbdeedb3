"""`firstsight forward`: a node's alerts to the service, and what is due on the node into its own manager.

Lines are read no further than one batch ahead of what the service has, and the place in the log is saved when it has
them. So the log itself is the spool: an outage costs no disk, and a kill at most a second hand-over of one batch.
"""

import asyncio
import contextlib
import random
from collections import deque
from dataclasses import dataclass

import structlog
from msgspec.structs import replace

from firstsight.core.errors import StoreError
from firstsight.core.wazuh_event import error_datagram
from firstsight.forward.checkpoint import Checkpoint
from firstsight.forward.client import Answer, Client, HandOverError
from firstsight.ports import Clock
from firstsight.sinks.queue_socket import QueueSocket
from firstsight.sources.follow import Follower
from firstsight.sources.wazuh import read_line

_MOST_LINES = 500
_TIME_STANDS = 43  # bytes at a line's begin, as Wazuh writes it: `{"timestamp":"2026-11-24T06:00:00.000+0000"`
_MOST_BYTES = 512 << 10  # after this no more is read; with the last turn it stays below the service's 2 MiB
_MOST_TURNS = 64  # of reading, for one batch: others want their turn too
_TICK = 0.2  # seconds between looks at a log that has nothing new
_SOON, _IDLE = 1.0, 5.0  # seconds between calls that only collect: while something is pending, and otherwise
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0  # seconds until the next try, doubling

log = structlog.get_logger()


class NodeQueue(QueueSocket[bytes]):
    """Whole datagrams into the node's own manager."""

    def _deliver(self, item: bytes) -> None:
        if not self._put(item):
            log.error("datagram_too_long", size=len(item), advice="raise net.core.wmem_default", queue=str(self._path))


@dataclass(slots=True)
class Batch:
    """Lines to hand over, and the place in the log after them."""

    position: str
    lines: list[bytes]


class Forwarder:
    """The loop; `turn` is one round of it.

    Args:
        follower: the node's log.
        client: the service.
        queue: the node's own manager.
        checkpoint: what survives.
        clock: the time.
        chance: spreads the tries of many nodes.
    """

    def __init__(
        self,
        follower: Follower,
        client: Client,
        queue: NodeQueue,
        checkpoint: Checkpoint,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self._follower = follower
        self._client = client
        self._queue = queue
        self._checkpoint = checkpoint
        self._clock = clock
        self._chance = chance
        self._state = self._saved = checkpoint.load()
        follower.resume(self._state.position)
        self._batch: Batch | None = None
        self._most = _MOST_LINES
        self._owed: deque[bytes] = deque()
        self._cursor = ""  # acknowledges `_owed`, once all of it is delivered
        self._errors: deque[bytes] = deque(maxlen=100)
        self._failures = 0
        self._called, self._wait = float("-inf"), 0.0  # the last call, and how long to wait after it
        self._told: dict[str, str] = {}
        self._outage: set[str] = set()  # what was told of it
        self._gaps = 0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Forward until `stop`."""
        while not self._stopping.is_set():
            pause = await self.turn()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    def stop(self) -> None:
        """End `run` after the call that is on its way."""
        self._stopping.set()

    async def close(self) -> None:
        """Let go of everything; what was not handed over stays in the log."""
        self._follower.close()
        self._queue.close()
        self._checkpoint.close()
        await self._client.close()

    async def turn(self) -> float:
        """Deliver, read, hand over. Returns seconds to wait before the next turn."""
        self._deliver()
        moved = self._batch is None and self._read()
        waiting = 0 <= self._clock.now() - self._called < self._wait  # a clock that was set back ends it
        if waiting and (self._failures or self._batch is None):
            return 0.0 if moved else _TICK
        lines = self._batch.lines[: self._most] if self._batch else []
        try:
            self._taken(len(lines), await self._hand_over(lines))
        except HandOverError as error:
            if error.kind == "refused" and len(lines) > 1:
                self._most = len(lines) // 2
            else:
                self._failed(error)
        return 0.0

    # -- the log ---------------------------------------------------------------------------------------------------

    def _read(self) -> bool:
        """Take lines for a batch. Returns whether there was anything to read; most lines may be no DNS query."""
        position, lines, size = "", [], 0
        for _ in range(_MOST_TURNS):
            turn = self._follower.read()
            if turn is None:
                break
            position = turn.position
            if turn.overlong:
                log.warning("lines_too_long", skipped=turn.overlong)
            found = [line for line in turn.lines if not isinstance(read_line(line, 0.0), str)]
            lines += found
            size += sum(map(len, found))
            if len(lines) >= _MOST_LINES or size >= _MOST_BYTES or self._saved.position is None:
                break
        self._look_at_the_log()
        if lines:
            self._batch = Batch(position, lines)
        elif position:
            self._state = replace(self._state, position=position)
            if self._saved.position is None:  # a new follower's first turn: only where it begins
                self._save()
        return bool(position)

    def _look_at_the_log(self) -> None:
        trouble, gaps = self._follower.trouble(), self._follower.gaps
        self._tell("log", trouble or "")
        if gaps > self._gaps and trouble:  # lines may be lost: Wazuh's users should see that too
            self._errors.append(error_datagram(trouble))
        self._gaps = gaps

    # -- the service -----------------------------------------------------------------------------------------------

    async def _hand_over(self, lines: list[bytes]) -> Answer:
        try:
            return await self._client.hand_over(b"".join(line + b"\n" for line in lines), self._state.cursor)
        except HandOverError as error:
            if error.kind != "refused" or len(lines) != 1:
                raise
            answer = await self._client.hand_over(b"", self._state.cursor)  # so it was not refused for the node's sake
            # Its time tells which it was in alerts.json; the rest may name people, and the log is kept.
            log.error("alert_left_out", what=str(error), begins=lines[0][:_TIME_STANDS].decode("utf-8", "replace"))
            self._errors.append(error_datagram(f"{error} An alert was left out: see the log of firstsight forward."))
            return answer

    def _taken(self, count: int, answer: Answer) -> None:
        if self._failures:
            log.info("service_is_back", url=self._client.url)
        self._failures, self._outage, self._most = 0, set(), _MOST_LINES
        if self._batch is not None:
            del self._batch.lines[:count]
            if not self._batch.lines:
                self._state = replace(self._state, position=self._batch.position)
                self._batch = None
        if not self._owed:  # else they are among the answer's: nothing was acknowledged yet
            self._owed.extend(datagram.encode("utf-8", "replace") for datagram in answer.deliver)
            self._cursor = answer.cursor
        self._called, self._wait = self._clock.now(), _SOON if answer.pending else _IDLE
        self._deliver()
        self._save()

    def _failed(self, error: HandOverError) -> None:
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(self._failures, 10))
        self._failures += 1
        self._called, self._wait = self._clock.now(), longest * (0.5 + self._chance.random() / 2)
        if error.kind not in self._outage:
            self._outage.add(error.kind)
            log.warning("service_is_away", what=str(error))
            self._errors.append(error_datagram(f"{error} Alerts wait in this node's log."))

    # -- the node's own manager ------------------------------------------------------------------------------------

    def _deliver(self) -> None:
        for waiting in (self._errors, self._owed):
            for _ in range(self._queue.send(list(waiting))):
                waiting.popleft()
        self._tell("queue", self._queue.trouble() or "", again=False)
        if self._cursor and not self._owed:
            self._state, self._cursor = replace(self._state, cursor=self._cursor), ""
            if not self._failures:
                self._wait = 0.0  # acknowledge at once

    # -- what survives, and what is said ---------------------------------------------------------------------------

    def _save(self) -> None:
        if self._state == self._saved:
            return
        try:
            self._checkpoint.save(self._state)
        except StoreError as error:
            self._tell("checkpoint", str(error))
        else:
            self._saved = self._state
            self._tell("checkpoint", "")

    def _tell(self, about: str, trouble: str, *, again: bool = True) -> None:
        """Log a trouble when it begins, when (`again`) its sentence changes, and when it is over."""
        before = self._told.get(about, "")
        if trouble == before or (trouble and before and not again):
            return
        self._told[about] = trouble
        if trouble:
            log.warning("trouble", about=about, what=trouble)
        else:
            log.info("mended", about=about)
