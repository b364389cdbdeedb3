import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.bands import outline_places, usual_places
from firstsight.core.outline import outline
from firstsight.core.traits import BAND_PLACES, PLACES, bounded, hashes, places
from firstsight.core.usual import PACKED, Usual

HELD_BY_ALL = Usual(b"\xff" * PACKED)
HELD_BY_NONE = Usual(bytes(PACKED))


def of_outline(label: str) -> list[int]:
    return outline_places(outline(label))


def of_usual(label: str, usual: Usual = HELD_BY_ALL) -> list[int]:
    text = bounded(label)
    return usual_places(len(label), usual.held(text, hashes(text)))


def test_outlines_are_those_the_shipped_table_was_trained_with() -> None:
    assert of_outline("ab-12")[:4] == [600178, 606902, 619353, 602110]


def test_labels_of_one_outline_share_its_places() -> None:
    assert of_outline("bacid") == of_outline("cabid")


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
    assert of_outline(one) != of_outline(other)


def test_usual_runs_and_unheard_of_ones_share_no_place() -> None:
    assert not set(of_usual("merrow")) & set(of_usual("merrow", HELD_BY_NONE))


def test_a_label_too_short_for_runs_has_places_for_those_it_has() -> None:
    assert [len(of_usual(label)) for label in ("", "a", "ab", "abc")] == [0, 4, 8, 12]


@given(st.text(max_size=100))
def test_any_text_has_places_of_their_own(text: str) -> None:
    found = of_outline(text) + of_usual(text)
    assert all(PLACES - BAND_PLACES <= place < PLACES for place in found)
    assert not set(found) & set(places(text))
