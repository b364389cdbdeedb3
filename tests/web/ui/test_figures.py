"""The first page's figures: as old as they may be, and counted once for all who ask."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_samples import FakeClock, make_alert
from dns_events import AT, make_batch, make_event
from firstsight import compose
from firstsight.core.errors import StoreError
from firstsight.ports import Changes
from firstsight.service import Service
from firstsight.web.ui.figures import Counts, KeptFigures
from firstsight.web.ui.ranges import RANGES, Range
from running import settings

DAY_SPAN = RANGES["24h"]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(AT)


@pytest.fixture
def service(tmp_path: Path, clock: FakeClock) -> Iterator[Service]:
    made = compose.service(settings(tmp_path, learning={"days": 0}), clock)
    yield made
    made.store.close()


def total(counts: Counts, what: str) -> int:
    return sum(counts.get(what, {}).values())


@pytest.mark.parametrize("span", RANGES.values())
def test_they_are_counted_anew_once_they_are_too_old(service: Service, clock: FakeClock, span: Range) -> None:
    figures = KeptFigures(service)
    first = asyncio.run(figures.of(span))
    assert (total(first.counts, "alerts:high"), first.heat) == (0, [])

    service.store.apply(Changes(alerts=[make_alert()]))
    clock.at = AT + span.keep - 0.5
    assert asyncio.run(figures.of(span)) is first
    clock.at = AT + span.keep
    second = asyncio.run(figures.of(span))
    assert (total(second.counts, "alerts:high"), second.heat[0].name, second.at) == (1, "www.xk7.example", clock.at)


def test_a_clock_that_was_set_back_keeps_none_for_long(service: Service, clock: FakeClock) -> None:
    figures = KeptFigures(service)
    first = asyncio.run(figures.of(DAY_SPAN))
    clock.at = AT - 3600
    assert asyncio.run(figures.of(DAY_SPAN)) is not first


def test_who_asks_meanwhile_gets_the_same(service: Service) -> None:
    async def several() -> None:
        figures = KeptFigures(service)
        first, *others = await asyncio.gather(*(figures.of(DAY_SPAN) for _ in range(5)))
        assert all(other is first for other in others)
        assert await figures.of(RANGES["7d"]) is not first

    asyncio.run(several())


def test_what_is_not_written_yet_counts(service: Service) -> None:
    service.watch.ingest([make_batch([make_event("harbour-lights.com"), make_event("garden-gate.org", record=2)])])
    figures = KeptFigures(service)
    assert total(asyncio.run(figures.of(DAY_SPAN)).counts, "events") == 2


def test_a_store_that_cant_be_read_is_asked_again(service: Service, tmp_path: Path) -> None:
    figures = KeptFigures(service)
    store, aside = tmp_path / "data" / "firstsight.db", tmp_path / "aside.db"
    store.rename(aside)
    with pytest.raises(StoreError):
        asyncio.run(figures.of(DAY_SPAN))
    aside.rename(store)
    assert asyncio.run(figures.of(DAY_SPAN)).heat == []
