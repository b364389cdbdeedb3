import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.traits import BAND_PLACES, CHARACTER_PLACES, LONGEST, PLACES, character_places, places, root


def test_how_many_runs_a_label_has() -> None:
    # ^abc$: 5 + 4 + 3 + 2 + 1 of characters, 3 + 1 of shapes of three and five, 2 of the other shapes of four
    assert len(places("abc")) == 15 + 4 + 2
    assert len(character_places("abc")) == 15
    assert len(character_places("abc", 3)) == 3 + 2 + 1
    assert len(character_places("abcdef", 6)) == 3 + 2  # runs are of up to seven


def test_places_are_those_the_shipped_table_was_trained_with() -> None:
    assert places("ab") == [
        103294,
        507459,
        454649,
        68444,
        275435,
        215149,
        130827,
        98362,
        300529,
        256878,
        536656,
        553735,
        559404,
    ]


def test_characters_and_shapes_do_not_share_places() -> None:
    label = "x7-kestrel"
    characters = character_places(label)

    assert places(label)[: len(characters)] == characters
    shapes = places(label)[len(characters) :]
    assert max(characters) < CHARACTER_PLACES <= min(shapes)
    assert max(shapes) < PLACES - BAND_PLACES


def test_a_sum_is_divided_by_a_root_of_the_length() -> None:
    assert [root(label) ** 2 for label in ("", "a", "abcd", "a" * 63, "a" * 90)] == pytest.approx([5, 5, 20, 315, 315])


def test_shapes_are_shared_by_labels_of_other_letters() -> None:
    shared = set(places("bacid")) & set(places("dobuf"))
    assert len(shared) > 10
    assert not set(character_places("bacid", 3)) & set(character_places("dobuf", 3))


def test_the_ends_are_not_to_be_had_by_spelling_them() -> None:
    assert places("^ab$") == places("?ab?")


@given(st.text(max_size=100))
def test_any_text_has_places(text: str) -> None:
    found = places(text)
    assert found
    assert all(0 <= place < PLACES - BAND_PLACES for place in found)
    assert found == places(text[:LONGEST])
