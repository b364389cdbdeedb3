"""A window of what an agent asked in vain, against the plainest way to say when ten are too many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import AT, DAY
from firstsight import tables
from firstsight.core.bursts import Burst, BurstRule, Vain, VainWindow

PARSE = tables.name_parser([]).parse
RULE = BurstRule(names=4, window=100.0, quiet=1000.0)


def vain(number: int, at: float) -> Vain:
    return Vain(at, f"name{number}.com", f"name{number}")


def in_a_window(times: list[float]) -> bool:
    """Whether some stretch shorter than the window holds a burst's names."""
    return any(sum(start <= at < start + RULE.window for at in times) >= RULE.names for start in times)


@st.composite
def arrivals(draw: st.DrawFn) -> list[float]:
    """Times in order of arrival, each less than a window behind the newest before it."""
    newest, times = AT, [AT]
    for step in draw(st.lists(st.integers(-99, 120), max_size=25)):
        times.append(newest + step)
        newest = max(newest, times[-1])
    return times


@given(arrivals())
def test_a_burst_is_found_at_the_event_that_makes_it_one(times: list[float]) -> None:
    window = VainWindow()
    for number, at in enumerate(times):
        window, burst = window.add(vain(number, at), RULE)
        assert (burst is not None) is in_a_window(times[: number + 1])
        if burst is not None:
            assert len(set(burst.domains)) == RULE.names
            assert f"name{number}.com" in burst.domains
            assert 0 <= burst.until - burst.since < RULE.window
            assert window == VainWindow(told=at)
            return


@given(arrivals())
def test_a_window_stays_small_and_what_is_read_again_changes_nothing(times: list[float]) -> None:
    window = VainWindow()
    for number, at in enumerate(times):
        window, burst = window.add(vain(number, at), RULE)
        if burst is not None:
            return
        assert len(window.names) <= 2 * (RULE.names - 1)
        assert list(window.names) == sorted(window.names, key=lambda name: name.at)
    for number, at in enumerate(times):
        # an older one may be gone by now, but then it is too late to count
        again = vain(number, at)
        if again in window.names or at <= max(times) - RULE.window:
            assert window.add(again, RULE) == (window, None)


def test_a_burst_names_its_domains_in_order_of_time() -> None:
    window = VainWindow()
    for number, at in enumerate((30.0, 10.0, 20.0)):
        window, burst = window.add(vain(number, AT + at), RULE)
        assert burst is None
    _, burst = window.add(vain(3, AT + 40), RULE)
    assert burst == Burst(("name1.com", "name2.com", "name0.com", "name3.com"), AT + 10, AT + 40)


def test_a_domain_and_a_label_count_once() -> None:
    window, _ = VainWindow().add(Vain(AT, "one.com", "files01"), RULE)
    assert window.add(Vain(AT + 1, "one.com", "files02"), RULE) == (window, None)
    assert window.add(Vain(AT + 1, "other.de", "files01"), RULE) == (window, None)


def test_what_is_more_than_a_window_late_is_not_counted() -> None:
    window, _ = VainWindow().add(vain(1, AT), RULE)
    assert window.add(vain(2, AT - RULE.window), RULE) == (window, None)
    assert len(window.add(vain(2, AT - RULE.window + 1), RULE)[0].names) == 2


def test_after_it_was_told_all_is_quiet_for_a_while() -> None:
    told = VainWindow(told=AT)
    assert not VainWindow().quiet(AT, RULE)
    assert told.quiet(AT - DAY, RULE), "late, and of the same story"
    assert told.quiet(AT + RULE.quiet - 1, RULE)
    assert not told.quiet(AT + RULE.quiet, RULE)


@pytest.mark.parametrize("window", [VainWindow(told=AT), VainWindow((vain(1, AT),)), VainWindow((vain(1, AT),), AT)])
def test_a_clock_that_was_ahead_does_not_blind_for_long(window: VainWindow) -> None:
    assert window.as_of(AT - 30 * DAY) is window
    assert window.as_of(AT - 40 * DAY) == VainWindow()
    assert window.as_of(AT + 40 * DAY) is window


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("kelvormist.com", "kelvormist"),
        ("www.kelvormist.com", "kelvormist"),
        ("www.com", "www"),
        ("files01.kelvormist.co.uk", "files01"),
        ("autodiscover.kelvormist.com", "autodiscover"),
        ("kelvormist.duckdns.org", "kelvormist"),
        ("kelvormist.bazar", "kelvormist"),
        ("www.kelvormist.bazar", "kelvormist"),
        ("printer.kelvormist", None),  # a site's own suffix
        ("printer.kelvormist.lan", None),
        ("printer", None),
    ],
)
def test_what_a_name_counts_as(name: str, label: str | None) -> None:
    counted = Vain.of(PARSE(name), AT)
    assert (None if counted is None else counted.label) == label
    assert counted is None or counted.domain == PARSE(name).registrable
