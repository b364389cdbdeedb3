from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from firstsight.settings.explain import Places, Where, is_section, sentences
from firstsight.settings.model import Settings

TEXT = """\
# a comment = 1
listen = "127.0.0.1:5730"
registration.rate = 2

[ wazuh ]   # the queue
queue = "a = b"

[[sources]]
path = "/a"
[[sources]]  # the second
"path" = "/b"

[registration.servers]
"com" = "http://127.0.0.1/"
"""

PATH = Path("/etc/firstsight.toml")


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("listen",), 2),
        (("registration", "rate"), 3),
        (("wazuh",), 5),
        (("wazuh", "queue"), 6),
        (("sources", 0), 8),
        (("sources", 0, "path"), 9),
        (("sources", 1), 10),
        (("sources", 1, "path"), 11),
        (("registration", "servers", "com"), 14),
        # what is not there stands where it should be
        (("wazuh", "format"), 5),
        (("sources", 1, "name"), 10),
    ],
)
def test_lines(where: Where, line: int) -> None:
    assert Places(PATH, TEXT, {}).of(where) == f"{PATH}, line {line}"


def test_a_key_that_stands_nowhere() -> None:
    assert Places(PATH, TEXT, {}).of(("alerts", "file")) == str(PATH)
    assert Places(None, "", {}).of(("alerts", "file")) == "settings"


def test_a_variable_wins_over_the_file() -> None:
    places = Places(PATH, TEXT, {"FIRSTSIGHT_WAZUH__QUEUE": "x", "FIRSTSIGHT_SOURCES": "[]", "HOME": "/"})

    assert places.of(("wazuh", "queue")) == "FIRSTSIGHT_WAZUH__QUEUE"
    assert places.of(("sources", 0, "path")) == "FIRSTSIGHT_SOURCES"
    assert places.of(("listen",)) == f"{PATH}, line 2"


@given(st.text(), st.lists(st.text() | st.integers(0, 9), min_size=1, max_size=4).map(tuple))
def test_any_text_has_places(text: str, where: Where) -> None:
    assert Places(PATH, text, {}).of(where).startswith(str(PATH))


def test_sections() -> None:
    assert is_section("wazuh")
    assert not is_section("listen")
    assert not is_section("sources")


def test_a_value_where_a_table_belongs() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"wazuh": 3})

    assert list(sentences(caught.value, Places(None, "", {}))) == [
        "settings: `wazuh` is a table, not a value: write `[wazuh]`, and its keys below."
    ]
