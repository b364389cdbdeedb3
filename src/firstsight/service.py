"""The running service, as its HTTP side and its verbs see it."""

from dataclasses import dataclass

from firstsight.core.case import Case
from firstsight.core.facts import Fact, Registration
from firstsight.core.judge import judge
from firstsight.core.lens import Lens
from firstsight.core.names import Name
from firstsight.core.policy import Policy
from firstsight.core.verdict import Seen, Verdict
from firstsight.lookups.fresh import Fresh
from firstsight.ports import Clock, Store
from firstsight.watch.learning import LearningReports
from firstsight.watch.loop import Watch


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service.

    Attributes:
        store: what is kept.
        lens: says what names are.
        policy: thresholds.
        clock: the time.
        watch: the pipeline.
        fresh: asks registries.
        reports: writes what a learning period ends with.
        started: when the service started, seconds since the epoch.
        notes: what is amiss from the start (no source, no sink), sentences.
    """

    store: Store
    lens: Lens
    policy: Policy
    clock: Clock
    watch: Watch
    fresh: Fresh
    reports: LearningReports
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
        sources, sinks = self.watch.sources, self.watch.sinks
        troubles = [source.trouble() for source in sources] + [late(source.name, source.behind()) for source in sources]
        troubles += [sink.trouble() for sink in sinks]
        return [*self.notes, *filter(None, [*troubles, self.fresh.trouble()])]


_LATE = ((86400.0, "a day"), (3600.0, "an hour"), (600.0, "ten minutes"), (60.0, "a minute"))


def late(source: str, seconds: float) -> str | None:
    """A sentence while a source is read late. It names a step and no figure, so that it stays the same for a while."""
    for least, words in _LATE:
        if seconds >= least:
            return (
                f"The source {source} is read more than {words} after it was written, and its alerts come that late. "
                f"After a pause it catches up by itself; if it does not, more is written than this machine can read."
            )
    return None
