import math
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.times import rfc3339


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1_795_487_611.0, "2026-11-24T02:33:31Z"),
        (1_795_487_611.25, "2026-11-24T02:33:31.250Z"),
        (1_795_487_611.0004, "2026-11-24T02:33:31Z"),
        (1_795_487_611.9996, "2026-11-24T02:33:32Z"),
        (-0.5, "1969-12-31T23:59:59.500Z"),
        (1e300, "9999-12-31T23:59:59.999Z"),
        (-1e300, "0001-01-01T00:00:00Z"),
    ],
)
def test_writes_utc_with_milliseconds_where_there_are_any(seconds: float, text: str) -> None:
    assert rfc3339(seconds) == text


def test_no_time_stays_none() -> None:
    assert rfc3339(None) is None


@given(st.floats(min_value=-6e10, max_value=2.5e11))
def test_reads_back_to_the_millisecond(seconds: float) -> None:
    text = rfc3339(seconds)

    assert text is not None
    # half a millisecond, and what a float of this size can say at all
    assert abs(datetime.fromisoformat(text).timestamp() - seconds) <= 0.000_5 + 2 * math.ulp(seconds)
