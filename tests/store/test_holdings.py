from contextlib import closing
from pathlib import Path

from dns_events import AT, make_event
from firstsight.core.usernames import Users
from firstsight.store.copies import copy_store, read_only
from firstsight.store.holdings import copy_note, holdings, note_copy
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


def test_cases_that_are_not_decided_yet_count(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(make_event("harbour.com"))
    connection = pipeline.store.database.connection
    held = holdings(connection)
    connection.execute("DELETE FROM account")
    alone = holdings(connection)
    pipeline.close()

    assert (held.cases, held.alerts) == ({Users.KEEP: 1}, {})
    assert (alone.in_words, alone.to_change(Users.PSEUDONYM)) == ("names", True)


def test_a_copy_says_what_it_holds(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    pipeline.see(make_event("harbour.com"))
    pipeline.after(10)
    pipeline.store.flush()
    copy_store(pipeline.path, tmp_path / "silent.db")
    said: list[str] = []
    copy_store(pipeline.path, tmp_path / "copy.db", lambda copy: said.append(note_copy(copy, "local:ann", AT)))
    pipeline.close()

    with closing(read_only(tmp_path / "copy.db")) as copy, closing(read_only(tmp_path / "silent.db")) as silent:
        assert [copy_note(copy)] == said
        assert copy_note(silent) is None
    (sentence,) = said
    assert sentence == (
        "It holds names of users, 1 domains with sightings from 2026-11-24T06:00:00Z to 2026-11-24T06:00:00Z, and 1 "
        "alerts; made by local:ann on 2026-11-24T06:00:00Z."
    )


def test_a_copy_of_an_empty_store(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "store.db")
    said = note_copy(pipeline.store.database.connection, "local:ann", AT)
    pipeline.close()
    assert said.startswith("It holds no names of users, 0 domains with no sightings, and 0 alerts;")
