import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.jsontext import json_text

texts = st.text(st.characters(codec=None))  # half surrogate pairs too


@given(st.dictionaries(st.text(max_size=5), st.lists(texts, max_size=3), max_size=3))
def test_is_one_line_of_valid_json_in_utf8(document: dict[str, list[str]]) -> None:
    text = json_text(document)
    assert b"\n" not in text
    read = json.loads(text.decode("utf-8"))
    assert read == {
        key: [item.encode("utf-8", "replace").decode() for item in items] for key, items in document.items()
    }


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"a": "ü", "b": ["x", 1, None]}, '{"a":"ü","b":["x",1,null]}'),
        ({"a": "half \ud800 pair"}, '{"a":"half ? pair"}'),
    ],
)
def test_is_compact(document: dict[str, object], text: str) -> None:
    assert json_text(document).decode() == text
