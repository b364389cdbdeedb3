from dataclasses import replace
from pathlib import Path

from alert_samples import AT, FakeClock
from firstsight.core.exceptions import ExceptionRule
from firstsight.ports import Changes, Hits
from firstsight.store.sqlite import SqliteStore
from registers_of_tests import deed

RULE = ExceptionRule(
    domain="*.kestrelvale.com",
    process="client.exe",
    agent="LAB-*",
    scope=("first_seen", "random_name"),
    reason="our own tool",
    author="m.tarrant",
    expires=AT + 0.5,
    made=AT,
)


def test_exceptions_and_hits_are_kept_whole(tmp_path: Path) -> None:
    clock = FakeClock()
    store = SqliteStore(tmp_path / "store.db", clock)
    store.keep_exception(RULE, deed("exception_added"))
    store.keep_exception(ExceptionRule(agent="PC-1"), deed("exception_added"))
    store.keep_exception(replace(RULE, reason="still our own tool"), deed("exception_added"))
    store.apply(Changes(hits={RULE.id: 2, "of the file": 1}))
    clock.at += 60
    store.apply(Changes(hits={RULE.id: 3}))
    store.database.close()  # as a crash leaves it

    store = SqliteStore(tmp_path / "store.db", clock)
    assert {rule.id: rule for rule in store.exceptions()} == {
        rule.id: rule for rule in (replace(RULE, reason="still our own tool"), ExceptionRule(agent="PC-1"))
    }
    assert store.exception_hits() == {RULE.id: Hits(5, AT + 60), "of the file": Hits(1, AT)}

    store.drop_exception(RULE.id, deed("exception_added"))
    store.drop_exception("none of that id", deed("exception_added"))
    assert store.exceptions() == [ExceptionRule(agent="PC-1")]
    assert store.exception_hits() == {"of the file": Hits(1, AT)}
    store.close()
