from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.duplicates import WIDTH, Window

HOUR = 3600.0


def test_the_same_record_counts_once() -> None:
    window = Window()
    assert window.add(700, 10.0)
    assert not window.add(700, 10.0)


def test_records_that_overtook_each_other_are_told_apart() -> None:
    window = Window()
    assert [window.add(number, number / 1000) for number in (10, 12, 11, 12, 11, 10)] == [True] * 3 + [False] * 3


def test_the_bitmap_reaches_exactly_its_width_below_the_highest() -> None:
    window = Window()
    window.add(1, 1.0)
    window.add(1 + WIDTH, 2.0)
    assert not window.add(1, 1.0)
    window.add(2 + WIDTH, 3.0)
    assert window.add(1, 1.0), "an id below the bitmap is an event: better counted twice than lost"


def test_a_gap_wider_than_the_bitmap_empties_it() -> None:
    window = Window()
    window.add(5, 1.0)
    window.add(10 * WIDTH, 2.0)
    assert window.bits == 0
    assert window.add(10 * WIDTH - 1, 1.5)


def test_a_cleared_log_starts_anew() -> None:
    window = Window()
    for number in (9_998, 9_999, 10_000):
        window.add(number, HOUR)
    assert window.add(1, 2 * HOUR)
    assert window.add(2, 2 * HOUR + 1)
    assert not window.add(1, 2 * HOUR), "and tells its own duplicates"
    assert not window.add(2, 2 * HOUR + 1)


def test_a_log_cleared_at_a_low_number_starts_anew_too() -> None:
    window = Window()
    for number in (1, 2, 3):
        window.add(number, HOUR)
    assert window.add(2, 2 * HOUR), "the same number, written much later, is another event"
    assert window.highest == 2
    assert window.add(3, 2 * HOUR + 1)


def test_a_late_old_record_does_not_start_the_window_anew() -> None:
    window = Window()
    window.add(3 * WIDTH, HOUR)
    assert window.add(10, HOUR / 2), "below the bitmap, written before: an event out of the past"
    assert window.highest == 3 * WIDTH
    assert not window.add(3 * WIDTH, HOUR)


def test_a_window_takes_no_more_room_than_its_width() -> None:
    window = Window()
    for number in range(1, 3 * WIDTH, 7):
        window.add(number, float(number))
    assert window.bits.bit_length() <= WIDTH


@given(st.lists(st.integers(1, 3000), max_size=300))
def test_within_the_width_it_is_a_set(numbers: list[int]) -> None:
    """Records of one log, in any order and any often: each is new once. `written` follows the number, as in a log."""
    window = Window()
    seen: set[int] = set()
    for number in numbers:
        assert window.add(number, number * 1e-3) == (number not in seen)
        seen.add(number)


@given(st.lists(st.integers(1, 5 * WIDTH), max_size=200))
def test_nothing_new_is_ever_taken_for_a_duplicate(numbers: list[int]) -> None:
    window = Window()
    seen: set[int] = set()
    for number in numbers:
        if not window.add(number, number * 1e-3):
            assert number in seen
        seen.add(number)


@given(st.lists(st.integers(1, 2 * WIDTH), min_size=1, max_size=60), st.integers(0, 60))
def test_a_window_continues_where_it_was_stored(numbers: list[int], cut: int) -> None:
    whole, first = Window(), Window()
    expected = [whole.add(number, float(number)) for number in numbers]
    results = [first.add(number, float(number)) for number in numbers[:cut]]
    again = Window(first.highest, first.written, first.bits)
    results += [again.add(number, float(number)) for number in numbers[cut:]]
    assert results == expected
