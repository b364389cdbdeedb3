"""The way from a verb to the site's exceptions."""

from pathlib import Path
from typing import Any

import pytest

from alert_samples import FakeClock
from firstsight.cli.reach import Add, List, Match, Preview, Remove, exceptions_on_request, reach
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.store.sqlite import SqliteStore
from running import process, running

MATCH = Match("kestrelvale.com")


@pytest.mark.parametrize("serving", [True, False])
def test_a_service_answers_what_the_store_alone_does(tmp_path: Path, config: Path, serving: bool) -> None:
    if serving:
        with process(tmp_path, config.read_text()):
            wishes_are_fulfilled(config)
    else:
        wishes_are_fulfilled(config)


def wishes_are_fulfilled(config: Path) -> None:
    made = reach(config, Add(MATCH, "r", "a", "never"))
    assert (made["domain"], made["on_behalf_of"], made["hits"]) == ("kestrelvale.com", "a", 0)
    assert made["author"].startswith("local:")
    assert reach(config, List()) == {"exceptions": [made]}
    assert reach(config, Preview(MATCH))["alerts"] == 0
    with pytest.raises(InputError, match=r"^The exception's `expires` is no time"):
        reach(config, Add(MATCH, "r", "a", "soon"))
    assert reach(config, Remove(made["id"])) == {}
    with pytest.raises(InputError, match=r"^There is no exception '"):
        reach(config, Remove(made["id"]))


def test_another_process_than_a_service_holds_the_store(tmp_path: Path, config: Path) -> None:
    (tmp_path / "data").mkdir()
    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock())
    try:
        with pytest.raises(StoreBusyError, match="did not answer"):
            reach(config, List())
    finally:
        store.close()


@pytest.mark.parametrize("wish", [None, [], {}, {"type": "renew"}, {"type": "preview", "match": {"user": "bob"}}])
async def test_a_question_of_another_version(tmp_path: Path, wish: Any) -> None:
    with running(tmp_path) as service:
        exceptions, parse = service.parts.exceptions, service.parts.lens.parser.parse
        with pytest.raises(InputError, match="of another version"):
            await exceptions_on_request(exceptions, parse, 0.0, wish, "local:test")
