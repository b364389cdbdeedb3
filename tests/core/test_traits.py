from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.traits import BITS, LONGEST, character_places, places


def test_how_many_runs_a_label_has() -> None:
    # ^abc$: 5 + 4 + 3 + 2 + 1 of characters, 3 + 2 + 1 of shapes from three, 2 + 1 of the other shapes from four
    assert len(places("abc")) == 15 + 6 + 3
    assert len(character_places("abc")) == 3 + 2 + 1
    assert set(character_places("abc")) <= set(places("abc"))


def test_places_are_those_the_shipped_table_was_trained_with() -> None:
    assert places("ab")[:6] == [103294, 245315, 192505, 68444, 13291, 215149]
    assert places("ab")[-4:] == [208976, 226055, 3480, 166188]


def test_shapes_are_shared_by_labels_of_other_letters() -> None:
    shared = set(places("bacid")) & set(places("dobuf"))
    assert len(shared) > 10
    assert not set(character_places("bacid")) & set(character_places("dobuf"))


def test_the_ends_are_not_to_be_had_by_spelling_them() -> None:
    assert places("^ab$") == places("?ab?")


@given(st.text(max_size=100))
def test_any_text_has_places(text: str) -> None:
    found = places(text)
    assert found
    assert all(0 <= place < 1 << BITS for place in found)
    assert found == places(text[:LONGEST])
