import asyncio
from pathlib import Path

from dns_events import AT, DAY, make_event
from firstsight.core.privacy import Forgotten
from firstsight.watch.erasure import Erasure
from pipeline import Pipeline


async def test_ages_count_from_now_and_an_empty_one_keeps_for_ever(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(make_event("www.old.com"))
    pipeline.after(10)
    pipeline.store.flush()
    erasure = Erasure(pipeline.store, pipeline.clock, who_days=10, hosts_days=20, alerts_days=None, charts_days=None)

    pipeline.clock.at = AT + 9 * DAY
    assert await erasure.by_age() == {}
    pipeline.clock.at = AT + 12 * DAY
    assert await erasure.by_age() == {"pairs": 1, "first_askers": 1, "texts": 2, "first_sights": 1, "hours": 1}
    pipeline.clock.at = AT + 22 * DAY
    assert await erasure.by_age() == {"hosts": 1}
    assert len(pipeline.store.alerts(after=0, limit=9)) == 1
    pipeline.close()


async def test_events_go_on_between_steps_and_passes_wait_for_each_other(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(*(make_event(f"harbour-{number}.com") for number in range(1500)))
    pipeline.store.flush()
    erasure = Erasure(pipeline.store, pipeline.clock, who_days=1, hosts_days=1, alerts_days=1, charts_days=1)
    pipeline.clock.at = AT + 5 * DAY
    both = asyncio.gather(erasure.by_age(), erasure.forget(Forgotten(agent="WIN10")))
    turns = 0
    while not both.done():
        await asyncio.sleep(0)
        pipeline.see(make_event(f"kestrel-{turns}.com", at=AT + 5 * DAY + turns))
        turns += 1
    by_age, forgotten = both.result()
    assert by_age["pairs"] == 1500
    assert forgotten["agents"] == 1
    assert turns > 5, "they did go on"
    assert pipeline.store.totals()["seen"] == 1500 + turns
    pipeline.close()


async def test_with_nothing_set_nothing_is_erased(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    erasure = Erasure(
        pipeline.store, pipeline.clock, who_days=None, hosts_days=None, alerts_days=None, charts_days=None
    )
    assert await erasure.by_age() == {}
    pipeline.close()
