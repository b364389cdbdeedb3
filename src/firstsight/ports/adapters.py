"""The outside world: time, where events come from, where alerts go, and who knows ages."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from firstsight.core.alerts import Alert
from firstsight.core.events import Batch
from firstsight.core.facts import Fact, Registration
from firstsight.core.notices import Notice

T = TypeVar("T")

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


class Outsider(Protocol[T]):
    """Who knows something of names that nobody here does."""

    def server(self, name: str) -> str:
        """Who is asked about a name: questions to one server share its pace. Empty where nobody is."""
        ...

    def servers(self, root: str) -> Collection[str]:
        """Who may be asked about the names under a top-level domain."""
        ...

    async def ask(self, name: str) -> Fact[T]:
        """Ask about a name (A-labels). Bounded in time and memory; raises only when cancelled."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


Registry = Outsider[Registration]
"""Who knows when a registered domain was registered."""


class IdentityProvider(Protocol):
    """Who says who people are (OpenID Connect). Asked when somebody logs in, never before; bounded in time and memory.

    Any method may raise ProviderError: it can't be asked, or what it says can't be used.
    """

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        ...

    async def log_in_page(self) -> str:
        """The URL at which people log in there."""
        ...

    async def log_out_page(self) -> str | None:
        """The URL at which they log out there; None where it has none."""
        ...

    async def names_itself(self) -> bool:
        """Whether it names itself in each answer (RFC 9207)."""
        ...

    async def keys(self, *, anew: bool = False) -> Sequence[Mapping[str, Any]]:
        """The keys that it signs with, JWKs; `anew`: asked for again, where that was not done just now."""
        ...

    async def redeem(self, code: str, verifier: str) -> str:
        """Trade a code for an ID token, with PKCE's verifier; RefusedError where the code is not taken."""
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
