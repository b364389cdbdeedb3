from structlog.testing import capture_logs

from alert_samples import FakeClock
from firstsight.access.refusals import REASONS, Refusals


def test_each_is_counted_and_one_a_minute_is_said() -> None:
    clock = FakeClock()
    refusals = Refusals(clock)
    with capture_logs() as said:
        for _ in range(5):
            refusals.note("unknown", "192.0.2.1", None)
        clock.at += 60
        refusals.note("expired", "192.0.2.2", "zeek")
        refusals.note("scope", "192.0.2.2", "zeek")
        clock.at -= 3600  # a clock that is set back silences nobody
        refusals.note("missing", "192.0.2.3", None)

    assert refusals.counts == {**dict.fromkeys(REASONS, 0), "unknown": 5, "expired": 1, "scope": 1, "missing": 1}
    assert [(entry["reason"], entry["client"], entry["token"], entry["unsaid_before"]) for entry in said] == [
        ("unknown", "192.0.2.1", None, 0),
        ("expired", "192.0.2.2", "zeek", 4),
        ("missing", "192.0.2.3", None, 1),
    ]
