import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dns_events import AT, DAY, WIN10, WIN11, make_event
from firstsight.watch.learning import LearningReports
from pipeline import Pipeline, registered


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    pipeline = Pipeline(tmp_path / "s.db", learning_days=14)
    yield pipeline
    pipeline.close()


def reports(pipeline: Pipeline, folder: Path) -> LearningReports:
    return LearningReports(pipeline.store, pipeline.lens, pipeline.policy, pipeline.clock, pipeline.decisions, folder)


def learn(pipeline: Pipeline) -> None:
    pipeline.see(
        make_event("www.ordinary-shop.com", agent=WIN10),
        make_event("www.ordinary-shop.com", agent=WIN11),
        make_event("only-one-asks.com", agent=WIN10),
        make_event("young-shop.com", agent=WIN10),
        make_event("young-shop.com", agent=WIN11),
        make_event("xqzkvbwjpgtrhd.com", agent=WIN10),
        make_event("xqzkvbwjpgtrhd.com", agent=WIN11),
        make_event("update.microsoft.com", agent=WIN10),
    )
    pipeline.answer("young-shop.com", registered(3))


async def test_the_report_names_what_deserves_a_look_and_nothing_else(pipeline: Pipeline, tmp_path: Path) -> None:
    learn(pipeline)
    pipeline.see(make_event("after-learning.com", at=AT + 15 * DAY))
    pipeline.store.flush()

    writer = reports(pipeline, tmp_path)
    (ended,) = pipeline.decisions.learnt.values()
    await writer.write("wazuh", ended, writer.path("wazuh"))

    report = json.loads(writer.path("wazuh").read_text())
    assert report["domains_learnt"] == 5  # not the one that came after
    assert [entry["domain"] for entry in report["young"]] == ["young-shop.com"]
    assert report["young"][0]["age_days"] == 3
    assert [entry["domain"] for entry in report["random_looking"]] == ["xqzkvbwjpgtrhd.com"]
    assert [entry["domain"] for entry in report["one_agent"]] == ["only-one-asks.com"]  # microsoft.com is popular
    assert report["one_agent_count"] == 1


async def test_learning_goes_on_until_its_days_are_over(pipeline: Pipeline) -> None:
    learn(pipeline)
    pipeline.see(make_event("still-learning.com", at=AT + 13.9 * DAY))
    assert pipeline.decisions.learnt == {}


async def test_a_large_history_is_read_in_portions(pipeline: Pipeline, tmp_path: Path) -> None:
    pipeline.see(*(make_event(f"shop-{number}.com") for number in range(2500)))
    pipeline.see(make_event("after-learning.com", at=AT + 15 * DAY))
    pipeline.store.flush()
    writer = reports(pipeline, tmp_path)
    await writer.write("wazuh", AT + 14 * DAY, writer.path("wazuh"))
    assert json.loads(writer.path("wazuh").read_text())["domains_learnt"] == 2500
