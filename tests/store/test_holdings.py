from pathlib import Path

from dns_events import make_event
from firstsight.core.usernames import Users
from firstsight.store.holdings import holdings
from pipeline import Pipeline


def test_what_a_store_holds_of_people(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    empty = holdings(pipeline.store.database.connection)
    pipeline.see(make_event("harbour.com"))
    pipeline.after(10)
    held = holdings(pipeline.store.database.connection)
    pipeline.close()

    assert (empty.in_words, empty.to_change(Users.LEAVE_OUT)) == ("no names", False)
    assert (held.users, held.programs, held.alerts) == ({Users.KEEP: 1}, {Users.LEAVE_OUT: 1}, {Users.KEEP: 1})
    assert (held.in_words, held.waiting) == ("names", 0)
    assert held.to_change(Users.PSEUDONYM)
