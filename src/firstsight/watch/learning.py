"""The report that a learning period ends with, and its notice: of what was learnt, what an analyst should look at."""

import asyncio
import json
from hashlib import blake2b
from pathlib import Path
from typing import Any

import structlog

from firstsight.core.errors import StoreError
from firstsight.core.facts import Known
from firstsight.core.lens import Lens
from firstsight.core.notices import Details, Notice, NoticeState, make_notice
from firstsight.core.policy import Policy
from firstsight.core.times import rfc3339
from firstsight.core.verdict import Seen
from firstsight.ports import Changes, Clock, Store
from firstsight.watch.decisions import Decisions

log = structlog.get_logger()

_LOOK_SECONDS = 5.0
_PORTION = 1000  # domains a turn
_MOST = 10_000  # entries of one list; the report says how many there were


class LearningReports:
    """Writes one report a source, once, as a file beside the store, and tells of it by a notice.

    Args:
        store: what was learnt.
        lens: says what looks random.
        policy: says what is young.
        clock: the time.
        decisions: knows whose learning has ended.
        folder: where reports are written.
    """

    def __init__(
        self, store: Store, lens: Lens, policy: Policy, clock: Clock, decisions: Decisions, folder: Path
    ) -> None:
        self._store = store
        self._lens = lens
        self._policy = policy
        self._clock = clock
        self._decisions = decisions
        self._folder = folder
        self._told: set[str] = set()

    @property
    def ended(self) -> dict[str, float]:
        """Sources whose learning has ended, and when, in event time."""
        return self._decisions.learnt

    async def run(self) -> None:
        """Look for learning that has ended, until cancelled."""
        while True:
            for source, ended in list(self.ended.items()):
                if source not in self._told:
                    try:
                        await self.tell(source, ended)
                    except (OSError, ValueError, StoreError) as error:
                        log.warning("learning_report_not_written", source=source, what=str(error))
            await asyncio.sleep(_LOOK_SECONDS)

    async def tell(self, source: str, ended: float) -> None:
        """Write a source's report and tell of it, unless that is done.

        Raises:
            OSError: the report can't be written or read.
            ValueError: the report that is there is none.
            StoreError: the store can't be read, or the notice not kept.
        """
        if not any((told.code, told.subject) == ("learning_over", source) for told in self._store.latest_notices()):
            path = self.path(source)
            if not path.exists():
                await self.write(source, ended, path)
            report = json.loads(path.read_text("utf-8"))
            self._store.apply(Changes(notices=[_notice(report, path, ended, self._clock.now())]))
        self._told.add(source)

    def path(self, source: str) -> Path:
        """Where a source's report lies."""
        return self._folder / f"learning-report-{blake2b(source.encode(), digest_size=4).hexdigest()}.json"

    async def write(self, source: str, ended: float, path: Path) -> None:
        """Go through everything first seen before learning ended, a portion a turn, and write the report.

        Raises:
            OSError: it can't be written.
            StoreError: the store can't be read.
        """
        found: dict[str, list[dict[str, object]]] = {"young": [], "random_looking": [], "one_agent": []}
        learnt, after = 0, ""
        while page := self._store.page(after, _PORTION):
            after = page[-1][0]
            before = [(domain, seen) for domain, seen in page if seen.first is not None and seen.first < ended]
            learnt += len(before)
            self._look(before, found)
            await asyncio.sleep(0)
        report = {
            "source": source,
            "learning_ended": rfc3339(ended),
            "written": rfc3339(self._clock.now()),
            "domains_learnt": learnt,
            **{f"{what}_count": len(entries) for what, entries in found.items()},
            **{what: entries[:_MOST] for what, entries in found.items()},
        }
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        draft.chmod(0o600)  # it tells who asked for what
        draft.replace(path)
        figures = {what: len(entries) for what, entries in found.items()}
        log.info("learning_ended", source=source, domains=learnt, report=str(path), **figures)

    def _look(self, domains: list[tuple[str, Seen]], found: dict[str, list[dict[str, object]]]) -> None:
        names = {domain: self._lens.parse(domain) for domain, _ in domains}
        answers = self._store.answers(sorted({name.registered for name in names.values() if name.registered}))
        now = self._clock.now()
        for domain, seen in domains:
            name = names[domain]
            if isinstance(self._lens.popularity(name), Known):
                continue
            entry: dict[str, object] = {"domain": domain, "first": rfc3339(seen.first), "count": seen.count}
            answer = answers.get(name.registered)
            if answer is not None and isinstance(answer.fact, Known):
                age = answer.fact.value.age_days(now)
                if age < self._policy.new_days:
                    found["young"].append({**entry, "age_days": age, "agents": seen.agents})
            if self._lens.randomness(name).strong:
                found["random_looking"].append({**entry, "agents": seen.agents})
            if seen.agents == 1:
                found["one_agent"].append(entry)


def _notice(report: dict[str, Any], path: Path, ended: float, now: float) -> Notice:
    source, learnt = report["source"], report["domains_learnt"]
    counts = {what: report[f"{what}_count"] for what in ("young", "random_looking", "one_agent")}
    summary = (
        f"{source} has learnt {learnt:,} domains until {rfc3339(ended)}; from now on what is merely new alerts. Worth "
        f"a look of what was learnt: {counts['young']:,} are young, {counts['random_looking']:,} look machine-made, "
        f"{counts['one_agent']:,} were asked for by one agent. They are listed in {path}."
    )
    details: Details = {what: str(n) for what, n in {"domains_learnt": learnt, **counts}.items()}
    details["report"] = str(path)
    return make_notice("learning_over", NoticeState.ONCE, source, summary, at=now, since=ended, details=details)
