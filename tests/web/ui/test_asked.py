import pytest

from firstsight.web.ui.asked import whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("25", 25),
        ("9" * 18, 10**18 - 1),
        ("9" * 19, None),
        ("-1", None),
        ("x", None),
        ("", None),
        (None, None),
    ],
)
def test_what_is_no_number_is_none(text: str | None, number: int | None) -> None:
    assert whole_number(text) == number
