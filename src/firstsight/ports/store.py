"""What is kept."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from firstsight.core.alerts import Alert
from firstsight.core.deeds import By, Deed
from firstsight.core.disguise import Disguise
from firstsight.core.events import Batch
from firstsight.core.exceptions import ExceptionRule
from firstsight.core.facts import Intel, Registration
from firstsight.core.names import Name
from firstsight.core.notices import Notice
from firstsight.core.review import Review
from firstsight.core.verdict import Seen
from firstsight.ports.adapters import Outgoing
from firstsight.ports.values import (
    Answer,
    Changes,
    Contact,
    Doomed,
    Hits,
    News,
    Pending,
    Question,
    Silence,
    SourceState,
    Subject,
    Topic,
    Uncollected,
)

ParseAll = Callable[[Sequence[str | None]], Sequence[Name]]
"""Parses names as sources write them, in order."""


class Store(Protocol):
    """What is kept for ever. Synchronous, one caller at a time; each write is whole or not at all.

    Any method may raise StoreError; then nothing of that call is recorded. Where a write failed, what was only
    counted in memory is forgotten too (`generation` grows), and sources go back to their stored positions.
    """

    @property
    def generation(self) -> int:
        """Grows each time counts in memory had to be forgotten: sources must be resumed before the next batch."""
        ...

    def source(self, name: str) -> SourceState:
        """Where a source stands."""
        ...

    def take(
        self,
        batch: Batch,
        parse_all: ParseAll,
        decide: Callable[[float, list[News]], Changes],
    ) -> None:
        """Observe a batch: count it, find the news, have it decided, and commit news and decision together.

        Args:
            batch: the events.
            parse_all: parses names, in order; asked for those only that can't be told without.
            decide: called with the source's start (time of its first event) and the news, where there is any.
        """
        ...

    def apply(self, changes: Changes) -> None:
        """Commit a decision that no event led to."""
        ...

    def tidy(self) -> None:
        """See that the store is still there; forget what was sent, as any other commit does."""
        ...

    def secure(self) -> None:
        """Commit all counts so that they survive a power cut; they may reach their rows later."""
        ...

    def flush(self) -> None:
        """Commit all counts, and with them the positions of all batches taken."""
        ...

    def step(self, now: float) -> None:
        """Do a turn's worth of writing counts down, when it is due; bounded, unlike `flush`."""
        ...

    def contact(self, names: Sequence[Name], at: float) -> list[Contact]:
        """Record look-ups durably (they survive a power cut when this returns)."""
        ...

    def remember(self, looked_up: Sequence[tuple[str, int]], answers: Sequence[Answer[Registration]]) -> int:
        """Take look-ups and registrations of elsewhere durably; of each domain the earliest look-up counts.

        Args:
            looked_up: (registrable domain, seconds since the epoch).
            answers: registrations; one that is known here already stays.

        Returns:
            How many of the domains had neither been seen nor looked up.
        """
        ...

    def browse(self, offset: int, limit: int) -> list[tuple[str, Seen]]:
        """Domains that were seen or looked up, in order of name, those behind the first `offset`; as committed.

        May be called from another thread: a far offset takes its time.
        """
        ...

    def size(self) -> int:
        """Bytes that the store takes."""
        ...

    def seen(self, registrables: Sequence[str]) -> dict[str, Seen]:
        """What is known of domains; those never heard of are left out."""
        ...

    def told(self, registrable: str) -> int:
        """Mask of the reasons that have alerted for a domain."""
        ...

    def hosts(self, registrable: str) -> tuple[list[str], bool]:
        """Host names seen under a domain, and whether there were more than are kept."""
        ...

    def page(self, after: str, limit: int) -> list[tuple[str, Seen]]:
        """Sighted domains in order of name, those after `after`; as of the last flush."""
        ...

    def answers(self, registered: Sequence[str]) -> dict[str, Answer[Registration]]:
        """Stored answers of registries, fresh or not."""
        ...

    def intel(self, names: Sequence[str]) -> dict[str, Answer[Intel]]:
        """Stored answers of threat intelligence, fresh or not."""
        ...

    def roots(self, topic: Topic = ...) -> list[str]:
        """The top-level domains that questions are open for; about a registration where no topic is given."""
        ...

    def questions(
        self, now: float, limit: int, roots: Sequence[str] | None = None, topic: Topic = ...
    ) -> list[Question]:
        """Questions to ask now, the most urgent first: of each top-level domain (all, or these) the first few.

        Those are at most `limit` that alerts wait for, the oldest; at most `limit` by priority, the newest; and at
        most `limit` that have waited longest.
        """
        ...

    def least_questions(self, limit: int, topic: Topic = ...) -> list[Question]:
        """The questions that matter least, those that have been open longest first."""
        ...

    def paces(self, topic: Topic = ...) -> dict[str, bytes]:
        """What was kept of servers' pace, by host."""
        ...

    def pending(self, subject: Subject) -> list[Pending]:
        """Cases that wait for an answer."""
        ...

    def overdue(self, now: float) -> list[Pending]:
        """Cases whose deadline has passed."""
        ...

    def awaited(self, node: str) -> int:
        """How many cases of a node's events wait with a deadline: each may become an alert within seconds."""
        ...

    def unsent(self, sink: str, limit: int) -> list[tuple[int, Outgoing]]:
        """The next alerts and notices of a sink's outbox, in order, with their place in it."""
        ...

    def sent(self, sink: str, place: int) -> None:
        """A sink has delivered up to this place; forgotten with the next commit."""
        ...

    def waiting(self, sink: str) -> int:
        """How many alerts of a sink's outbox are not delivered yet."""
        ...

    def uncollected(self, limit: int) -> list[Uncollected]:
        """Outboxes of nodes that hold alerts, the fullest first; as of the last commit."""
        ...

    def alerts(self, *, after: int, limit: int, domains: Sequence[str] | None = None) -> list[tuple[int, Alert]]:
        """Stored alerts in order of decision, with their sequence number; from any thread.

        Args:
            after: only those with a larger number.
            limit: how many at most.
            domains: only those of these registrable domains; None: of all.
        """
        ...

    def domains_of(self, pattern: str, most: int) -> list[str] | None:
        """Registrable domains whose alerts an exception's `domain` may match, at least; from any thread.

        Args:
            pattern: the exception's `domain`, not empty.
            most: None is returned where there are more of them.
        """
        ...

    def alerts_since(self, at: float) -> int:
        """How many of the stored alerts were decided since a time, seconds since the epoch; from any thread."""
        ...

    def review(self, alert_ids: Sequence[str], review: Review, by: By) -> int:
        """Note what somebody thinks of alerts, and each in the trail, durably; how many of them are there."""
        ...

    def alert_of(self, registrable: str) -> Alert | None:
        """The newest alert of a domain."""
        ...

    def alerts_of(self, registrable: str) -> list[Alert]:
        """All alerts of a domain, in order of decision."""
        ...

    def exceptions(self) -> list[ExceptionRule]:
        """Exceptions made by the verb or the API, expired ones too."""
        ...

    def keep_exception(self, rule: ExceptionRule, deed: Deed) -> None:
        """Keep an exception durably, in the place of one of the same id, and what is noted of that."""
        ...

    def drop_exception(self, exception_id: str, deed: Deed) -> None:
        """Forget an exception and its hits, and note that."""
        ...

    def exception_hits(self) -> dict[str, Hits]:
        """What exceptions have held back, by id; those that held nothing are left out."""
        ...

    def latest_notices(self) -> list[Notice]:
        """The latest notice of each code and subject: what is told to have begun, and not to be over, is open."""
        ...

    def mark(self, key: str) -> str | None:
        """A mark that a decision set; None where none did."""
        ...

    def sources(self) -> list[str]:
        """Names of the sources ever read, those that are handed over included."""
        ...

    def silence(self, before: float, known: float) -> Silence:
        """Which agents have fallen silent, and which speak again; as of the last flush, to the hour.

        Args:
            before: silent is who was not heard since, seconds since the epoch.
            known: and only who had been heard for so many seconds by then.
        """
        ...

    def totals(self) -> dict[str, int]:
        """Figures for metrics and the account: `events`, `new`, `held:learning`, … summed over sources."""
        ...

    def hours_unwritten(self) -> dict[str, dict[int, int]]:
        """What is counted and is not in `Views.hours` yet, in the same shape."""
        ...

    def account(self, source: str) -> dict[str, int]:
        """The account of every line of a source: `lines`, `events`, `skipped:…`, `seen`, `nxdomain` and so on."""
        ...

    def erase(self, doomed: Doomed) -> Iterator[dict[str, int]]:
        """Erase who asked, never that a domain was seen: a bounded step each time it is asked for the next.

        Yields:
            What is erased so far, by kind.
        """
        ...

    def take_names_away(self, disguise: Disguise) -> Iterator[dict[str, int]]:
        """Take people's names away from all that is stored, a bounded step each time it is asked for the next.

        Yields:
            Rows changed so far, by kind.
        """
        ...

    def close(self) -> None:
        """Flush and close."""
        ...
