from pathlib import Path

import pytest

from firstsight.access.tokens import EVERYTHING
from firstsight.core.exceptions import ExceptionRule
from firstsight.web.asker import Asker, Kind
from firstsight.web.ui.exception_changes import end, put
from running import running


@pytest.mark.parametrize(
    ("kind", "name", "author", "kept"),
    [
        (Kind.PERSON, "alice", "", "alice"),
        (Kind.TOKEN, "soar", "", "soar"),
        (Kind.LOCAL, "", "", "local"),
        (Kind.PERSON, "alice", "m.tarrant", "m.tarrant"),
    ],
)
def test_it_is_of_whoever_asks_unless_it_was_anothers(
    tmp_path: Path, kind: Kind, name: str, author: str, kept: str
) -> None:
    by, rule = Asker(kind, name, EVERYTHING, "192.0.2.1"), ExceptionRule(domain="a.com", author=author)
    with running(tmp_path) as service:
        service.do(lambda: put(service.parts, rule, by))
        assert [each["author"] for each in service.get("/v1/exceptions").json()["exceptions"]] == [kept]
        assert service.do(lambda: end(service.parts, rule.id, by))
        assert not service.do(lambda: end(service.parts, rule.id, by))
        assert service.get("/v1/exceptions").json()["exceptions"] == []
