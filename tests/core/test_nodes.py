import re

import pytest

from firstsight.core.nodes import NODE, kept_by


@pytest.mark.parametrize("name", ["worker-1", "a", "Node_01.hq.example", "0" * 64])
def test_a_name(name: str) -> None:
    assert re.fullmatch(NODE, name)
    assert kept_by(name) == f"node:{name}"


@pytest.mark.parametrize("name", ["", "0" * 65, "a b", "a:b", "a/b", "é", 'a"', "a\n", "a'; DROP TABLE outbox"])
def test_what_is_no_name(name: str) -> None:
    assert not re.fullmatch(NODE, name)
