"""The outside world: time, where events come from, where alerts go, and who knows ages."""

from collections.abc import Collection, Sequence
from typing import Protocol

from firstsight.core.alerts import Alert
from firstsight.core.events import Batch
from firstsight.core.facts import Fact, Registration
from firstsight.core.notices import Notice

Outgoing = Alert | Notice
"""What goes through the outboxes."""


class Render(Protocol):
    """Makes the datagram of an item, of at most so many bytes where that can be; None where it has no such form."""

    def __call__(self, item: Outgoing, *, limit: int = ...) -> bytes | None:
        """The datagram."""
        ...


class Clock(Protocol):
    """Wall-clock time, seconds since the epoch UTC. The only way to time outside `compose` and `cli`."""

    def now(self) -> float:
        """The time."""
        ...


class Source(Protocol):
    """Where events come from. Reading never blocks; nothing is consumed before its position is stored."""

    @property
    def name(self) -> str:
        """The source's name: its checkpoint and its learning period are kept by it."""
        ...

    def resume(self, position: str | None) -> None:
        """Go to a stored position, or (None) to where a new source begins. Also called to go back."""
        ...

    def read(self) -> Batch | None:
        """The next lines, at most a turn's worth; None while there is nothing to read."""
        ...

    def lag(self) -> int:
        """Bytes written but not read yet; 0 where that is not known."""
        ...

    def behind(self) -> float:
        """Seconds that reading is behind writing; 0 where nothing waits to be read."""
        ...

    def trouble(self) -> str | None:
        """A sentence while the source can't be read as it should (file missing, a gap), else None."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


class Registry(Protocol):
    """Who knows when a domain was registered."""

    def server(self, domain: str) -> str:
        """Who is asked for a domain: questions to one server share its pace. Empty where nobody is."""
        ...

    def servers(self, root: str) -> Collection[str]:
        """Who may be asked for the domains under a top-level domain."""
        ...

    async def registration(self, domain: str) -> Fact[Registration]:
        """Ask for a registered domain (A-labels). Bounded in time and memory; raises only when cancelled."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


class Sink(Protocol):
    """Where alerts and notices go. At least once, in order."""

    @property
    def name(self) -> str:
        """The sink's name: its outbox is kept by it."""
        ...

    def send(self, items: Sequence[Outgoing]) -> int:
        """Deliver from the front, never blocking. Returns how many are delivered for good (0 = try later)."""
        ...

    def trouble(self) -> str | None:
        """A sentence while nothing can be delivered, else None."""
        ...

    def close(self) -> None:
        """Let go of files and sockets."""
        ...
