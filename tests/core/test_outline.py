import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.outline import DIGITS_ONLY, HEXADECIMAL, HYPHENED, LETTERS, WITH_DIGITS, Outline, outline
from firstsight.core.traits import LONGEST


def test_an_outline() -> None:
    assert outline("yellow-strand22a7") == Outline(
        length=17,
        kind=WITH_DIGITS,
        vowels=4,
        consonants_in_a_row=3,  # str
        vowels_in_a_row=2,  # ye
        different=14,
        digits=3,
        numbers=2,
        doubled=2,
        span=8,  # a to y
        hyphens=1,
    )


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("20261124", DIGITS_ONLY),
        ("deadbee0", HEXADECIMAL),
        ("kestrel0", WITH_DIGITS),
        ("kestrel-vale", HYPHENED),
        ("kestrel", LETTERS),
        ("", LETTERS),
    ],
)
def test_what_a_label_is_written_in(label: str, kind: int) -> None:
    assert outline(label).kind == kind


@given(st.text(max_size=100))
def test_any_text_has_an_outline_of_what_is_read_of_it(text: str) -> None:
    found = outline(text)
    assert found == outline(text[:LONGEST])
    assert found.length == min(len(text), LONGEST)
    assert all(0 <= count <= found.length for count in (found.vowels, found.digits, found.different, found.hyphens))
