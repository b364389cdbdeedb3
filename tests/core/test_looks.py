import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight import tables
from firstsight.core.looks import rare_pairs, signs

PAIRS = tables.letter_pairs()


@pytest.mark.parametrize("label", ["merrowdale", "kestrelvale", "", "a", "42", "larkspur"])
def test_nothing_stands_out_in_ordinary_names(label: str) -> None:
    assert signs(label, PAIRS) == []


@pytest.mark.parametrize(
    ("label", "sign"),
    [
        ("3f9a71c04be28d65", "16 hexadecimal digits"),
        ("strwxng", "7 letters without a vowel"),
        ("marktschreier", "7 consonants in a row"),
        ("route66shop9", "3 digits among its letters"),
        ("international-services", "a length of 22"),
    ],
)
def test_what_stands_out_is_said(label: str, sign: str) -> None:
    assert sign in signs(label, PAIRS)


def test_rare_pairs_are_named_the_rarest_first() -> None:
    found = rare_pairs("xkqvjzwpfhtgq", PAIRS)
    assert {"kq", "jz"} <= set(found)
    assert "an" not in rare_pairs("banana", PAIRS)
    assert [PAIRS.likely(pair) for pair in found] == sorted(PAIRS.likely(pair) for pair in found)

    (told,) = (sign for sign in signs("xkqvjzwpfhtgq", PAIRS) if sign.startswith("rare"))
    assert told == f"rare letter pairs ({', '.join(found[:4])} and {len(found) - 4} more)"


def test_one_rare_pair_is_no_sign() -> None:
    assert rare_pairs("bakqa", PAIRS) == ["kq"]
    assert signs("bakqa", PAIRS) == []


@given(st.text(max_size=80))
def test_any_text(label: str) -> None:
    found = signs(label, PAIRS)
    assert all(found)
    assert len(set(found)) == len(found)
