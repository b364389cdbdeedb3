"""The scenario: a month that is learnt, and the day after it. The same `end` and `seed` give the same bytes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

from firstsight.demo import company, story
from firstsight.demo.chance import chance
from firstsight.demo.story import DAY, HOUR
from firstsight.demo.sysmon import AlertLog, Event
from firstsight.demo.traffic import Question, Traffic

MONTH_EVENTS = 9_000
DAY_EVENTS = 3_000
MONTH_DAYS = 30

_TOUR_DAYS = 12  # by then everybody has been everywhere: less than the default learning period of 14 days
_FIRST_RECORD = 50_000  # in each endpoint's log; more than a month's records, so that the day's are higher
_LATE = 10.0  # seconds before the end after which nothing is asked, so that all of it is written by then
_BUSY = (1, 1, 1, 1, 1, 2, 4, 8, 14, 16, 16, 14, 11, 15, 16, 15, 13, 9, 5, 3, 2, 2, 1, 1)  # by hour, UTC


class Scenario:
    """Wazuh alert lines of Larkspur Instruments, and the registries' dates of the domains in them.

    Attributes:
        registrations: registered domain → (registered, expires), seconds since the epoch UTC.
    """

    def __init__(self, end: float, seed: int = 7) -> None:
        """Set the scene.

        Args:
            end: when the day ends, seconds since the epoch UTC.
            seed: another seed, other suppliers, another infection.
        """
        self._end = end
        self._seed = seed
        self._traffic = Traffic(seed)
        rng = chance(seed, "story")
        acts = (story.phishing(end), story.infection(rng, end), story.curiosities(rng, end))
        self._story = [question for questions, _ in acts for question in questions]
        since = {name: datetime(year, 6, 1, tzinfo=UTC).timestamp() for name, year in company.REAL_SINCE.items()}
        since |= {domain: end - rng.uniform(3, 22) * 365 * DAY for domain in self._traffic.sites}
        for _, registered in acts:
            since |= registered
        self.registrations = {domain: (at, _expiry(at, end)) for domain, at in since.items()}

    @property
    def tlds(self) -> tuple[str, ...]:
        """Top-level domains that the scenario's registry answers for, those of names it doesn't know included."""
        generated = {f".{suffix}" for suffix in story.GENERATED_SUFFIXES}
        return tuple(sorted({domain.rpartition(".")[2] for domain in {*self.registrations, *generated}}))

    def month(self) -> Iterator[bytes]:
        """Lines of the month before the day, in order. Learnt, they hold nothing that is news on the day."""
        rng = chance(self._seed, "month")
        until = self._end - DAY
        start = until - MONTH_DAYS * DAY
        tour = self._traffic.first_visits(rng, start, start + _TOUR_DAYS * DAY)
        log = AlertLog(rng, _FIRST_RECORD)
        for _, line in _written(log, rng, [*tour, *self._ordinary(rng, start, until, MONTH_EVENTS - len(tour))]):
            yield line

    def day(self) -> Iterator[tuple[float, bytes]]:
        """(when the manager wrote it, line) of the last 24 hours, in order."""
        rng = chance(self._seed, "day")
        ordinary = DAY_EVENTS - len(self._story) - len(story.TWICE)
        log = AlertLog(rng, 2 * _FIRST_RECORD, ahead=story.CLOCKS_AHEAD)
        questions = [*self._ordinary(rng, self._end - DAY, self._end, ordinary), *self._story]
        yield from _written(log, rng, questions, twice=story.TWICE)

    def _ordinary(self, rng: Random, start: float, until: float, count: int) -> list[Question]:
        """Ordinary questions spread over the time as people work."""
        hours = [start + at * HOUR for at in range(round((until - start) / HOUR))]
        busy = [_BUSY[datetime.fromtimestamp(hour, UTC).hour] for hour in hours]
        return [
            self._traffic.question(rng, min(hour + rng.uniform(0, HOUR), until - _LATE))
            for hour in rng.choices(hours, busy, k=count)
        ]


def _written(
    log: AlertLog, rng: Random, questions: list[Question], twice: frozenset[str] = frozenset()
) -> Iterator[tuple[float, bytes]]:
    """Questions as a manager writes them down; those for names in `twice` reach it by two roads."""
    arrivals: list[tuple[float, Question, Event]] = []
    for question in sorted(questions, key=lambda question: question.at):
        event = log.event(question)
        at = question.at + rng.uniform(1.2, 4)
        arrivals.append((at, question, event))
        if question.name in twice:
            arrivals.append((at + 1.5, question, event))
    for at, question, event in sorted(arrivals, key=lambda arrival: arrival[0]):
        yield at, log.line(question, event, at)


def _expiry(registered: float, end: float) -> float:
    """The next yearly renewal after the day."""
    year = 365 * DAY
    return registered + ((end - registered) // year + 1) * year
