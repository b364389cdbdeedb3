"""The running service, as its HTTP side and its verbs see it."""

from contextlib import suppress
from dataclasses import dataclass

from firstsight.access.access import Access
from firstsight.core.case import Case
from firstsight.core.errors import StoreError
from firstsight.core.facts import Fact, Registration
from firstsight.core.judge import judge
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy
from firstsight.core.verdict import Seen, Verdict
from firstsight.lookups.fresh import Fresh
from firstsight.lookups.popular import PopularFetch
from firstsight.ports import Clock, Store
from firstsight.watch.exceptions import Exceptions
from firstsight.watch.learning import LearningReports
from firstsight.watch.loop import Watch
from firstsight.watch.nodes import Nodes


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service.

    Attributes:
        store: what is kept.
        lens: says what names are.
        policy: thresholds.
        clock: the time.
        watch: the pipeline.
        nodes: the way out through nodes of a cluster.
        fresh: asks registries.
        reports: writes what a learning period ends with.
        exceptions: what raises no alert here, on purpose.
        popular_fetch: keeps the public popular list; None where none is fetched.
        access: who may reach it, and how.
        started: when the service started, seconds since the epoch.
        notes: what is amiss from the start (no source, no sink), sentences.
    """

    store: Store
    lens: Lens
    policy: Policy
    clock: Clock
    watch: Watch
    nodes: Nodes
    fresh: Fresh
    reports: LearningReports
    exceptions: Exceptions
    popular_fetch: PopularFetch | None
    access: Access
    started: float
    notes: tuple[str, ...] = ()

    def assess(self, name: Name, registration: Fact[Registration], seen: Seen | None) -> Verdict:
        """What would be said of a name that is only looked up."""
        case = Case(name=name, seen=seen or Seen())
        return judge(case, self.lens.facts(name, registration), self.policy, self.clock.now()).verdict

    def not_ready(self) -> str | None:
        """Why nothing can be recorded, a sentence; None while everything can."""
        if self.watch.stopped:
            return "The service is stopping."
        return self.watch.store_trouble

    def degraded(self) -> list[str]:
        """What works less well than it should, sentences."""
        troubles: list[str | None] = [source.trouble() for source in self.watch.sources] + [
            sink.trouble() for sink in self.watch.sinks
        ]
        with suppress(StoreError):  # that is said by `not_ready`
            troubles += self.nodes.trouble()
        troubles += [self.fresh.trouble(), self.exceptions.trouble()]
        if self.popular_fetch is not None:
            troubles.append(self.popular_fetch.trouble())
        return [*self.notes, *filter(None, troubles), *self.access.troubles()]
