from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.traits import bounded, hashes
from firstsight.core.usual import MOST, PACKED, USUAL_RUNS, Held, Usual, counters, level

HELD_BY_ALL = Usual(b"\xff" * PACKED)
HELD_BY_NONE = Usual(bytes(PACKED))


def apart(label: str) -> tuple[bytes, list[int]]:
    """A label as it is looked up."""
    text = bounded(label)
    return text, hashes(text)


def test_levels_rise_by_two_for_each_doubling_up_to_half_a_byte() -> None:
    assert [level(names) for names in (0, 1, 3, 7, 15)] == [0, 2, 4, 6, 8]
    assert level(10**6) == MOST


def test_runs_of_a_length_are_summed_up() -> None:
    assert Held.of([5, 2, 0, 9]) == Held(runs=4, total=16, least=0, seldom=2)
    assert Held.of([]) == Held(0, 0, 0, 0)


def test_how_usual_runs_are_is_looked_up_in_the_counters() -> None:
    runs = counters(*apart("kestrel"))
    assert [len(held) for held in runs] == [7, 6, 5]  # of ^kestrel$, which has nine characters

    levels = bytearray(sum(many for _, many in USUAL_RUNS))
    start = 0
    for size, ((_, many), held) in enumerate(zip(USUAL_RUNS, runs, strict=True), 7):
        for counter in held:
            levels[start + counter] = size
        start += many
    packed = bytes(high << 4 | low for high, low in zip(levels[::2], levels[1::2], strict=True))

    assert Usual(packed).held(*apart("kestrel")) == [Held(7, 49, 7, 0), Held(6, 48, 8, 0), Held(5, 45, 9, 0)]


def test_counters_are_those_the_shipped_table_was_trained_with() -> None:
    assert counters(*apart("ab")) == [[32826, 38385], [781166], []]


@given(st.text(max_size=100))
def test_any_text_is_looked_up(text: str) -> None:
    for all_hold, none_holds in zip(HELD_BY_ALL.held(*apart(text)), HELD_BY_NONE.held(*apart(text)), strict=True):
        assert all_hold.total == MOST * all_hold.runs
        assert (none_holds.total, none_holds.seldom) == (0, none_holds.runs)
