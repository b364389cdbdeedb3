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
        (Kind.PERSON, "alice", "", ("person:alice", None)),
        (Kind.TOKEN, "soar", "", ("token:soar", None)),
        (Kind.LOCAL, "", "", ("local", None)),
        (Kind.PERSON, "alice", "m.tarrant", ("person:alice", "m.tarrant")),
    ],
)
def test_it_is_of_whoever_asks_and_the_trail_has_it(
    tmp_path: Path, kind: Kind, name: str, author: str, kept: tuple[str, str | None]
) -> None:
    by, rule = Asker(kind, name, EVERYTHING, "192.0.2.1"), ExceptionRule(domain="a.com", author=author)
    with running(tmp_path) as service:
        service.do(lambda: put(service.parts, rule, by))
        (made,) = service.get("/v1/exceptions").json()["exceptions"]
        assert (made["author"], made["on_behalf_of"]) == kept
        assert service.do(lambda: end(service.parts, rule.id, by))
        assert not service.do(lambda: end(service.parts, rule.id, by))
        assert service.get("/v1/exceptions").json()["exceptions"] == []
        trail = [(deed["what"], deed["who"], deed["origin"]) for deed in service.get("/v1/audit").json()["deeds"]]
        assert trail == [(what, kept[0], "192.0.2.1") for what in ("exception_added", "exception_removed")]
