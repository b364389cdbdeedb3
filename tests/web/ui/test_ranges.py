import pytest

from firstsight.web.ui.ranges import RANGES, chosen

NOW = 1_795_500_000.0 + 1234  # 06:20:34
HOUR = int(NOW) // 3600


@pytest.mark.parametrize("key", RANGES)
def test_bars_hold_all_of_the_span_and_nothing_else(key: str) -> None:
    span = chosen(key)
    counts = dict.fromkeys(range(span.before(NOW) - 5, HOUR + 3), 1)
    bars = span.bars(counts, NOW)
    assert sum(bars) == span.hours
    assert set(bars) == {span.step}
    assert len(span.labels(NOW)) == len(bars)
    assert span.since(NOW) - span.before(NOW) == span.hours


def test_the_last_bar_is_now() -> None:
    assert chosen("24h").labels(NOW)[-1] == "06:00"
    assert chosen("24h").bars({HOUR: 7}, NOW)[-1] == 7
