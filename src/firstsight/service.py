"""The running service, as its HTTP side and its verbs see it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from firstsight.access.access import Access
from firstsight.access.keys import Key
from firstsight.access.renewed import Renewed
from firstsight.core.case import Case
from firstsight.core.errors import StoreError
from firstsight.core.facts import OFF, Fact, Intel, Registration
from firstsight.core.indicators import together
from firstsight.core.judge import judge
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy
from firstsight.core.verdict import Seen, Verdict
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.otx import Otx
from firstsight.lookups.popular import PopularFetch
from firstsight.lookups.renewal import Renewal
from firstsight.lookups.turns import Turns
from firstsight.ports import Clock, Store
from firstsight.ports.views import Views
from firstsight.watch.erasure import Erasure
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.imports import Imports
from firstsight.watch.learning import LearningReports
from firstsight.watch.loop import Watch
from firstsight.watch.nodes import Nodes
from firstsight.watch.notices import Notices
from firstsight.watch.outside import Outside
from firstsight.watch.troubles import Troubles


@dataclass(frozen=True, slots=True)
class Intelligence:
    """Threat intelligence, as it is asked here.

    Attributes:
        fresh: asks it in order, and keeps what it says.
        turns: says whose turn it is.
        otx: whom that asks; None where nobody outside may be asked.
        key: its key; None where none is used.
    """

    fresh: Fresh[Intel]
    turns: Turns
    otx: Otx | None
    key: Renewed[Key] | None

    async def ask(self, indicators: Sequence[str], wait: float) -> Fact[Intel]:
        """What is known by a name's indicators (core/indicators.py), at least one: stored, or asked now.

        Args:
            indicators: the names to ask about.
            wait: seconds; what is not known by then is Unavailable("pending") and asked on in the background.
        """
        return together(await asyncio.gather(*(self.fresh.ask(name, wait) for name in indicators)))

    def renew(self) -> None:
        """Take up a key file that has changed."""
        if self.key is None or self.otx is None:
            return
        before = self.key.value
        self.key.renew()
        if self.key.value != before:
            self.otx.take_key(self.key.value.text)

    def trouble(self) -> str | None:
        """A sentence while it can't be asked, else None."""
        if self.otx is None:
            return None
        return (self.key and self.key.value.fault) or self.otx.trouble()


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service.

    Attributes:
        store: what is kept.
        views: the same, as pages show it.
        lens: says what names are.
        policy: thresholds.
        clock: the time.
        watch: the pipeline.
        nodes: the way out through nodes of a cluster.
        outside: what outsiders have said.
        fresh: asks registries.
        intelligence: asks threat intelligence; None where it is off.
        reports: writes what a learning period ends with.
        exceptions: what raises no alert here, on purpose.
        imports: takes in the histories of other servers.
        erasure: erases who asked, by age and on request.
        troubles: what is amiss now.
        notices: tells that, and a day's figures, through the sinks.
        access: who may reach it, and how.
        renewal: keeps the table of registries up to date; None where it is fixed.
        popular_fetch: keeps the public popular list; None where none is fetched.
        started: when the service started, seconds since the epoch.
        notes: what is amiss from the start (no source, no sink), sentences.
    """

    store: Store
    views: Views
    lens: Lens
    policy: Policy
    clock: Clock
    watch: Watch
    nodes: Nodes
    outside: Outside
    fresh: Fresh[Registration]
    intelligence: Intelligence | None
    reports: LearningReports
    exceptions: Exceptions
    imports: Imports
    erasure: Erasure
    troubles: Troubles
    notices: Notices
    access: Access
    renewal: Renewal | None
    popular_fetch: PopularFetch | None
    started: float
    notes: tuple[str, ...] = ()

    def assess(
        self, name: Name, registration: Fact[Registration], seen: Seen | None, intel: Fact[Intel] = OFF
    ) -> Verdict:
        """What would be said of a name that is only looked up."""
        case = Case(name=name, seen=seen or Seen())
        return judge(case, self.lens.facts(name, registration, intel), self.policy, self.clock.now()).verdict

    def not_ready(self) -> str | None:
        """Why nothing can be recorded, a sentence; None while everything can."""
        if self.watch.stopped:
            return "The service is stopping."
        return self.watch.store_trouble

    def degraded(self) -> list[str]:
        """What works less well than it should, sentences; a store that can't be written is `not_ready`."""
        troubles = [trouble.sentence for trouble in self.troubles.now() if trouble.code != "store_trouble"]
        with suppress(StoreError):  # likewise
            troubles += self.nodes.trouble()
        files = [self.exceptions.trouble(), None if self.popular_fetch is None else self.popular_fetch.trouble()]
        return [*self.notes, *troubles, *filter(None, files), *self.access.troubles()]
