import pytest

from firstsight.web.ui.overview import Tile
from pages_fed import Fed


def test_figures_and_names(fed: Fed) -> None:
    # The events are of a day that is long past, or yet to come; what is newest is shown whenever it was.
    page = fed.service.get("/ui/?range=30d").body.decode()
    assert "DNS events" in page
    assert "New domains" in page
    assert '<a class="name" href="/ui/domain?name=garden-gate.org">' in page
    assert 'aria-current="true">30 days' in page
    assert '<a href="/ui/alerts?q=time%3A%3C30d">Alerts</a>' in page


@pytest.mark.parametrize("span", ["", "?range=", "?range=1y", "?range=%00"])
def test_the_usual_span_is_a_day(fed: Fed, span: str) -> None:
    assert 'aria-current="true">24 hours' in fed.service.get(f"/ui/{span}").body.decode()


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [
        (150, 100, "+50 % against the span before"),
        (50, 100, "-50 % against the span before"),
        (100, 100, "as before"),
        (5, 0, "none before"),
        (0, 0, "none before either"),
        (5000, 100, "+4,900 % against the span before"),
    ],
)
def test_changes_in_words(now: int, before: int, words: str) -> None:
    assert Tile("Alerts", now, before).change == words
