"""Alerts and cases written again, in steps."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from dns_events import AT, make_event
from firstsight.core.alerts import Alert
from firstsight.core.case import Case
from firstsight.store import bodies
from firstsight.store.bodies import rewrite_alerts, rewrite_cases
from pipeline import Pipeline


def test_those_that_are_changed_are_counted_and_there_is_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_ROWS", 2)
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(*(make_event(f"harbour-{number}.com", at=AT + number) for number in range(5)))
    pipeline.after(10)
    pipeline.see(*(make_event(f"kestrel-{number}.com", at=AT + 20 + number) for number in range(3)))
    connection = pipeline.store.database.connection
    changed: Counter[str] = Counter()

    def other(alert: Alert) -> Alert:
        return alert if alert.verdict.domain == "harbour-3.com" else replace(alert, summary="another")

    def nobodys(case: Case) -> Case:
        return replace(case, asked=None)

    with pipeline.store.database.transaction():
        alert_steps = len(list(rewrite_alerts(connection, other, changed)))
        case_steps = len(list(rewrite_cases(connection, nobodys, changed)))

    assert (alert_steps, case_steps) == (3, 4)
    assert changed == {"alerts_without": 4, "cases_without": 8}, "told ones still wait for an age"
    told = [alert.summary == "another" for _, alert in pipeline.store.alerts(after=0, limit=9)]
    assert told == [True, True, True, False, True]
    pipeline.close()
