"""What an endpoint asks for again and again: told from one look-up that it is nothing new."""

from firstsight.core.names import Name
from firstsight.store.domains import Domain

_DAY = 86400

Names = dict[str | None, Domain]
"""Domains by the names that an agent asked for, as sources write them. None, which is no name, is never among them."""


class Familiar:
    """Names as sources write them, by the agent that asked for them today, each with its domain.

    Such a name is sighted, and known to the store as a host name; its agent's pair has today as its last day.
    So another event of it needs to be counted only, without even being parsed. Nothing here is ever right for longer
    than one day, or than a domain surely stays in memory: `begin` sees to that.

    Args:
        bound: how many names are kept. Beyond it all are let go of, and come back as they are asked for.

    Attributes:
        start: where the day that this is true for begins, seconds since the epoch.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._turned = 0
        self._kept = 0
        self._of: dict[int, Names] = {}
        self.start = 0

    def of(self, agent: int) -> Names:
        """The names of an agent, by its number; stays the same dict for good."""
        names = self._of.get(agent)
        if names is None:
            names = self._of[agent] = {}
        return names

    def begin(self, turned: int) -> None:
        """A batch begins.

        Args:
            turned: how often the domains in memory have grown old. Those asked for since then all stay.
        """
        if turned != self._turned or self._kept >= self._bound:
            self._turned = turned
            self.clear()

    def keep(self, agent: int, raw: str | None, name: Name, domain: Domain, at: int) -> None:
        """An agent's sighting is counted, and would tell nothing if it came again.

        Args:
            agent: its number.
            raw: the name as the source wrote it.
            name: the same, parsed.
            domain: its domain, in memory.
            at: when, seconds since the epoch.
        """
        day = at // _DAY * _DAY
        if day != self.start:
            if day < self.start:
                return
            self.clear()
            self.start = day
        names = self.of(agent)
        before = len(names)
        # The parsed name is kept by others too, and takes no room of its own.
        names[name.fqdn if raw == name.fqdn else raw] = domain
        self._kept += len(names) - before

    def clear(self) -> None:
        """Let go of everything."""
        for names in self._of.values():
            names.clear()
        self._kept = 0
