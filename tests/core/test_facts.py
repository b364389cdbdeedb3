import msgspec
import pytest

from firstsight.core.facts import Absent, Fact, Known, Registration, Unavailable

DAY = 86400


@pytest.mark.parametrize(("seconds", "days"), [(0, 0), (DAY - 1, 0), (DAY, 1), (-DAY, 0), (20 * 365 * DAY, 7300)])
def test_age_is_in_whole_days_and_never_negative(seconds: float, days: int) -> None:
    registered = 1_000_000_000.0

    assert Registration(registered, None, "RDAP", registered).age_days(registered + seconds) == days


@pytest.mark.parametrize(
    "fact", [Known(Registration(1.0, None, "RDAP", 2.0)), Absent(3.0), Unavailable("timeout", 4.0), Unavailable("off")]
)
def test_facts_survive_being_stored(fact: Fact[Registration]) -> None:
    stored = msgspec.json.encode(fact)

    assert msgspec.json.decode(stored, type=Known[Registration] | Absent | Unavailable) == fact
