import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.bands import MOST, PACKED, USUAL_RUNS, Usual, counters, level, outline, usual
from firstsight.core.traits import BAND_PLACES, LONGEST, PLACES, places

HELD_BY_ALL = Usual(b"\xff" * PACKED)
HELD_BY_NONE = Usual(bytes(PACKED))


def test_levels_rise_by_two_for_each_doubling_up_to_half_a_byte() -> None:
    assert [level(names) for names in (0, 1, 3, 7, 15)] == [0, 2, 4, 6, 8]
    assert level(10**6) == MOST


def test_outlines_are_those_the_shipped_table_was_trained_with() -> None:
    assert outline("ab-12")[:4] == [239730, 246454, 258905, 241662]


def test_labels_of_one_outline_share_its_places() -> None:
    assert outline("bacid") == outline("cabid")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kestrel", "kestrels"),  # a length
        ("kestrel", "kestrol-"),  # a hyphen
        ("barrow", "burrru"),  # letters in a row
        ("deadbeef", "deadbee0"),  # digits
        ("abcdeabcde", "abcdeabcdz"),  # different letters, their span
    ],
)
def test_labels_of_another_outline_do_not(one: str, other: str) -> None:
    assert outline(one) != outline(other)


def test_how_usual_runs_are_is_looked_up_in_the_counters() -> None:
    runs = counters("kestrel")
    assert [len(held) for held in runs] == [7, 6, 5]  # of ^kestrel$, which has nine characters

    levels = bytearray(sum(many for _, many in USUAL_RUNS))
    start = 0
    for (_, many), held in zip(USUAL_RUNS, runs, strict=True):
        for counter in held:
            levels[start + counter] = 9
        start += many
    packed = bytes(high << 4 | low for high, low in zip(levels[::2], levels[1::2], strict=True))

    assert Usual(packed).places("kestrel") == usual("kestrel", [[9] * len(held) for held in runs])


def test_usual_runs_and_unheard_of_ones_share_no_place() -> None:
    assert not set(HELD_BY_ALL.places("merrow")) & set(HELD_BY_NONE.places("merrow"))


def test_a_label_too_short_for_runs_has_places_for_those_it_has() -> None:
    assert [len(HELD_BY_ALL.places(label)) for label in ("", "a", "ab", "abc")] == [0, 4, 8, 12]


@given(st.text(max_size=100))
def test_any_text_has_places_of_their_own(text: str) -> None:
    found = outline(text) + HELD_BY_ALL.places(text)
    assert all(PLACES - BAND_PLACES <= place < PLACES for place in found)
    assert not set(found) & set(places(text))
    assert found == outline(text[:LONGEST]) + HELD_BY_ALL.places(text[:LONGEST])
