"""The registry of a site that asks nobody outside."""

from firstsight.core.facts import Fact, Registration, Unavailable


class Offline:
    """Answers at once that nobody may be asked; no queue grows, alerts leave at once."""

    def server(self, domain: str) -> str:  # noqa: ARG002  # the port's signature
        """Nobody."""
        return ""

    def servers(self, root: str) -> list[str]:  # noqa: ARG002  # likewise
        """Nobody."""
        return []

    async def registration(self, domain: str) -> Fact[Registration]:  # noqa: ARG002  # likewise
        """Unavailable, `offline`."""
        return Unavailable("offline")

    async def close(self) -> None:
        """Nothing is open."""
