"""The outsider of a site that asks nobody outside."""

from firstsight.core.facts import OFFLINE, Unavailable


class Offline:
    """Answers at once that nobody may be asked; no queue grows, alerts leave at once."""

    def server(self, name: str) -> str:  # noqa: ARG002  # the port's signature
        """Nobody."""
        return ""

    def servers(self, root: str) -> list[str]:  # noqa: ARG002  # likewise
        """Nobody."""
        return []

    async def ask(self, name: str) -> Unavailable:  # noqa: ARG002  # likewise
        """Unavailable, `offline`."""
        return OFFLINE

    async def close(self) -> None:
        """Nothing is open."""
