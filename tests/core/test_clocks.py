from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.clocks import AHEAD, PAST, believed, epoch

T = 1_795_487_611.0  # 2026-11-24T02:33:31Z


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-24T02:33:31.000+0000", T),
        ("2026-11-24T02:33:31.123+0000", T + 0.123),
        ("2026-11-24T03:33:31.123+0100", T + 0.123),
        ("2026-11-23T21:03:31-0530", T),
        ("2026-11-24T03:33:31+01:00", T),
        ("2026-11-24 02:33:31.039", T + 0.039),
        ("2026-11-24T02:33:31.8860064Z", T + 0.8860064),
        ("2026-11-24T02:33:31Z", T),
        ("2026-11-24 02:33:31", T),
        ("1601-01-01T00:00:00.0000000Z", -11_644_473_600.0),
    ],
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert epoch(text) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        None,
        1_795_487_611,
        ["2026-11-24T02:33:31Z"],
        "",
        "-",
        "2026-11-24",
        "2026-13-24T02:33:31Z",
        "2026-02-30 02:33:31.000",
        "2026-11-24T02:33:61Z",
        "2026-11-24T02:33:31.Z",
        "2026-11-24T02:33:31.12x",
        "2026-11-24T02:33:31.123 +0000",
        "2026-11-24T02:33:31+01",
        "2026-11-24_02:33:31",
        " 026-11-24T02:33:31",
    ],
)
def test_what_is_no_time_is_none(text: object) -> None:
    assert epoch(text) is None


@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001  # the zone is drawn too
    st.integers(-14 * 60, 14 * 60),
)
def test_any_time_in_any_zone_is_read_as_python_reads_it(moment: datetime, minutes: int) -> None:
    there = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    text = there.strftime("%Y-%m-%dT%H:%M:%S.%f%z")
    text = text.zfill(len("2026-11-24T02:33:31.123456+0000"))
    assert epoch(text) == pytest.approx(there.astimezone(UTC).timestamp(), abs=1e-5)


@pytest.mark.parametrize(
    ("own", "manager", "taken"),
    [
        (T - 5, T, (T - 5, False)),
        (T - PAST, T, (T - PAST, False)),
        (T - PAST - 1, T, (T, True)),
        (T + AHEAD, T, (T + AHEAD, False)),
        (T + AHEAD + 1, T, (T, True)),
        (None, T, (T, True)),
        (T - 5, None, (T - 5, False)),
        (T - 40 * 86400, None, (T + 7, True)),
        (None, None, (T + 7, True)),
    ],
)
def test_an_event_is_believed_within_thirty_days_before_and_five_minutes_after(
    own: float | None, manager: float | None, taken: tuple[float, bool]
) -> None:
    assert believed(own, manager, T + 7) == taken
