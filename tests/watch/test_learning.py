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


async def test_its_end_is_told_once_with_the_report(pipeline: Pipeline, tmp_path: Path) -> None:
    learn(pipeline)
    pipeline.see(make_event("after-learning.com", at=AT + 15 * DAY))
    pipeline.store.flush()
    (ended,) = pipeline.decisions.learnt.values()
    path = reports(pipeline, tmp_path).path("wazuh")

    await reports(pipeline, tmp_path).tell("wazuh", ended)
    pipeline.run()
    (notice,) = pipeline.sink.notices
    assert (notice.code, notice.state, notice.subject, notice.since) == (
        "learning_over",
        "once",
        "wazuh",
        AT + 14 * DAY,
    )
    assert notice.summary == (
        "wazuh has learnt 5 domains until 2026-12-08T06:00:00Z; from now on what is merely new alerts. Worth a look of "
        "what was learnt: 1 are young, 1 look machine-made, 1 were asked for by one agent. They are listed in "
        f"{path}."
    )
    assert notice.details == {
        "domains_learnt": "5",
        "young": "1",
        "random_looking": "1",
        "one_agent": "1",
        "report": str(path),
    }
    path.unlink()
    await reports(pipeline, tmp_path).tell("wazuh", ended)
    pipeline.run()
    assert (pipeline.sink.notices, path.exists()) == ([notice], False)


async def test_a_crash_between_report_and_notice_loses_neither(pipeline: Pipeline, tmp_path: Path) -> None:
    learn(pipeline)
    pipeline.store.flush()
    writer = reports(pipeline, tmp_path)
    await writer.write("wazuh", AT + 14 * DAY, writer.path("wazuh"))
    pipeline.crash()
    await reports(pipeline, tmp_path).tell("wazuh", AT + 14 * DAY)
    pipeline.run()
    assert [notice.details["domains_learnt"] for notice in pipeline.sink.notices] == ["5"]


async def test_who_does_not_learn_has_no_report(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "s.db", learning_days=0)
    pipeline.see(make_event("harbour.com"))
    assert pipeline.decisions.learnt == {}
    pipeline.close()
