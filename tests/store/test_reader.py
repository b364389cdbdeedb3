import sqlite3
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT, make_batch, make_event, parse, parse_all
from firstsight.core.errors import StoreError
from firstsight.core.events import Status
from firstsight.core.facts import Absent, Known, Registration
from firstsight.core.verdict import Seen
from firstsight.ports import Answer, Changes, News
from firstsight.store.reader import reading
from firstsight.store.sqlite import SqliteStore

NOW = int(AT)
OLD = Known(Registration(807_508_800.0, None, "RDAP", AT))


def make_store(path: Path) -> SqliteStore:
    """It has seen b.com, looked a.com and c.com up, and asked in vain for d.com."""
    store = SqliteStore(path, FakeClock(AT))
    batch = make_batch([make_event("b.com"), make_event("d.com", status=Status.NXDOMAIN)])
    store.take(batch, parse_all, lambda _, __: Changes(answers=[Answer("b.com", OLD, AT)]))
    store.contact([parse("c.com"), parse("a.com")], AT + 1)
    return store


def test_what_is_committed_is_read_beside_the_writer(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store.db")
    with reading(tmp_path / "store.db") as reader:
        known = reader.known(10)
        assert [name for name, _ in known] == ["a.com", "b.com", "c.com"]
        assert known[0][1] == Seen(looked_up=AT + 1)
        assert known[1][1].first == AT

        store.contact([parse("bb.com")], AT + 2)
        assert [name for name, _ in reader.known(2, after="b.com")] == ["bb.com", "c.com"]
        assert [name for name, _ in reader.known(2, offset=1)] == ["b.com", "bb.com"]
        assert reader.known(2, offset=4) == []
        assert reader.answers(["a.com", "b.com"]) == {"b.com": Answer("b.com", OLD, AT)}
    assert [name for name, _ in store.browse(1, 2)] == ["b.com", "bb.com"]
    store.close()


def test_it_is_read_while_nobody_writes_and_is_not_changed(tmp_path: Path) -> None:
    make_store(tmp_path / "store.db").close()
    with reading(tmp_path / "store.db") as reader:
        assert len(reader.known(10)) == 3
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("DELETE FROM domain")


def test_a_missing_store_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no store .*gone\.db"), reading(tmp_path / "gone.db"):
        pass
    assert list(tmp_path.iterdir()) == []


# -- what is taken from elsewhere ----------------------------------------------------------------------------


def test_the_earliest_look_up_counts_and_a_known_age_stays(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store.db")
    theirs = Known(Registration(900_000_000.0, None, "top1m", AT))
    store.apply(Changes(answers=[Answer("c.com", Absent(AT), AT + 60)]))

    new = store.remember(
        [("a.com", NOW - 100), ("b.com", NOW - 50), ("c.com", NOW + 99), ("d.com", NOW - 7), ("e.com", NOW - 8)],
        [Answer(name, theirs, AT + 60) for name in ("a.com", "b.com", "c.com")],
    )
    seen, answers = (
        store.seen(["a.com", "b.com", "c.com", "d.com", "e.com"]),
        store.answers(["a.com", "b.com", "c.com"]),
    )

    assert new == 2  # d.com was asked for in vain only
    assert {name: known.looked_up for name, known in seen.items()} == {
        "a.com": AT - 100, "b.com": AT - 50, "c.com": AT + 1, "d.com": AT - 7, "e.com": AT - 8,
    }  # fmt: skip
    assert {name: answer.fact for name, answer in answers.items()} == {"a.com": theirs, "b.com": OLD, "c.com": theirs}
    assert [contact.first for contact in store.contact([parse("d.com"), parse("e.com"), parse("f.com")], AT)] == [
        False, False, True,
    ]  # fmt: skip
    assert store.contact([parse("b.com")], AT)[0].since == AT - 50
    store.close()


def test_it_is_the_same_again_and_safe_on_disk(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    known = [(f"kestrel-{number}.com", int(AT) - number) for number in range(1500)]
    assert store.remember(known, []) == 1500
    store.database.close()  # as a crash leaves it

    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    statements: list[str] = []
    store.database.connection.set_trace_callback(statements.append)
    assert store.remember(known, []) == 0
    assert "COMMIT" not in statements
    assert {name: int(each.looked_up or 0) for name, each in store.browse(0, 2000)} == dict(known)
    store.close()


def test_an_imported_domain_is_news_at_its_first_event(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db", FakeClock(AT))
    store.remember([("a.com", int(AT) - 100)], [])
    batch = make_batch([make_event("www.a.com")])
    news: list[News] = []

    def listen(_: float, found: list[News]) -> Changes:
        news.extend(found)
        return Changes()

    store.take(batch, parse_all, listen)

    assert [(each.first_here, each.seen.looked_up) for each in news] == [(True, AT - 100)]
    store.close()
