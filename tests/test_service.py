from collections.abc import Iterator
from pathlib import Path

import pytest

from alert_samples import AT, DAY, FakeClock
from firstsight import compose
from firstsight.core.facts import Known, Registration, Unavailable
from firstsight.core.verdict import Seen, Severity
from firstsight.service import Service, late
from running import settings


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    keys = {"sources": [{"path": tmp_path / "missing.json"}], "wazuh": {"queue": str(tmp_path / "queue")}}
    service = compose.service(settings(tmp_path, **keys), FakeClock())
    yield service
    for source in service.watch.sources:
        source.close()
    service.store.close()


def test_a_name_that_is_only_looked_up(service: Service) -> None:
    name = service.lens.parse("www.kestrelvale.com")
    young = Known(Registration(AT - 3 * DAY, None, "RDAP", AT))

    verdict = service.assess(name, young, None)
    assert (verdict.severity, [reason.code for reason in verdict.reasons]) == (Severity.HIGH, ["newly_registered"])
    assert verdict.seen == Seen()

    known = service.assess(name, Unavailable("pending"), Seen(AT, AT, 3, 2))
    assert (known.severity, known.missing) == (Severity.NONE, ("registration",))
    assert known.seen == Seen(AT, AT, 3, 2)


def test_readiness(service: Service) -> None:
    assert service.not_ready() is None
    service.watch.store_trouble = "The disk is full."
    assert service.not_ready() == "The disk is full."
    service.watch.stop()
    assert service.not_ready() == "The service is stopping."


def test_what_works_less_well(service: Service, tmp_path: Path) -> None:
    service.watch.turn()  # it looks for the file

    assert any(str(tmp_path / "missing.json") in sentence for sentence in service.degraded())
    (tmp_path / "missing.json").touch()
    service.watch.turn()
    assert not any(str(tmp_path / "missing.json") in sentence for sentence in service.degraded())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, None), (59, None), (60, "a minute"), (599, "a minute"), (7200, "an hour"), (9 * DAY, "a day")],
)
def test_a_source_that_is_read_late_is_told_in_steps(seconds: float, words: str | None) -> None:
    sentence = late("manager", seconds)
    assert (sentence is None) == (words is None)
    assert sentence is None or f"manager is read more than {words} after" in sentence
