from hypothesis import given
from hypothesis import strategies as st

from firstsight.web.ui.charts import HEIGHT, WIDTH, Series, stacked

FIGURES = st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), max_size=40)


@given(FIGURES)
def test_every_figure_has_its_bar_within_the_drawing(figures: list[tuple[int, int]]) -> None:
    series = [Series(kind, kind, [pair[n] for pair in figures]) for n, kind in enumerate("ab")]
    chart = stacked("both", [str(n) for n in range(len(figures))], series)

    assert len(chart.bars) == sum(figure > 0 for pair in figures for figure in pair)
    assert all(bar.x >= 0 and bar.x + bar.width <= WIDTH + 0.01 for bar in chart.bars)
    assert all(bar.y >= -3.1 and bar.y + bar.height <= HEIGHT + 0.02 for bar in chart.bars)
    assert chart.top >= max((sum(pair) for pair in figures), default=0)
    assert [one.kind for one in chart.series] == [one.kind for one in series if one.total]


def test_bars_stand_on_one_another_and_a_table_says_the_same() -> None:
    chart = stacked("Alerts", ["00:00", "01:00"], [Series("low", "l", [3, 0]), Series("high", "h", [1, 2])])
    low, high, alone = chart.bars
    assert chart.top == 4
    assert high.y + high.height == low.y
    assert alone.title == "01:00: 2 high"
    assert chart.rows == [("00:00", [3, 1]), ("01:00", [0, 2])]
