import asyncio

from alert_samples import FakeClock
from firstsight import tables
from firstsight.core.errors import StoreError
from firstsight.core.facts import Known, Registration
from firstsight.ports import Answer, Changes, Contact
from firstsight.store.sqlite import SqliteStore
from firstsight.web.contacts import Contacts

AT = 1_795_487_611  # what is kept is whole seconds

parse = tables.name_parser([]).parse


async def test_a_group_is_one_transaction_and_has_one_first(store: SqliteStore) -> None:
    statements: list[str] = []
    store.database.connection.set_trace_callback(statements.append)
    contacts = Contacts(store, FakeClock(AT))
    names = ["a.one.com", "b.one.com", "two.com", "one.com"]

    noted = await asyncio.gather(*(contacts.note(parse(name)) for name in names))

    assert noted == [(Contact(first, AT), None) for first in (True, False, True, False)]
    assert statements.count("COMMIT") == 1


async def test_what_is_known_costs_no_transaction(store: SqliteStore) -> None:
    clock = FakeClock(AT)
    contacts = Contacts(store, clock)
    await contacts.note(parse("one.com"))
    statements: list[str] = []
    store.database.connection.set_trace_callback(statements.append)
    clock.at += 60

    assert await contacts.note(parse("www.one.com")) == (Contact(False, AT), None)
    assert "COMMIT" not in statements


async def test_who_went_away_takes_nobody_along(store: SqliteStore) -> None:
    contacts = Contacts(store, FakeClock(AT))
    gone = asyncio.ensure_future(contacts.note(parse("one.com")))
    stays = asyncio.ensure_future(contacts.note(parse("one.com")))
    await asyncio.sleep(0)  # both have asked
    gone.cancel()

    assert await stays == (Contact(False, AT), None)  # the other one was the first
    assert gone.cancelled() or gone.done()


async def test_a_store_that_fails_is_said_to_all_who_asked(store: SqliteStore) -> None:
    contacts = Contacts(store, FakeClock(AT))
    store.database.connection.execute("PRAGMA query_only=ON")
    told = await asyncio.gather(
        *(contacts.note(parse(name)) for name in ("one.com", "two.com")), return_exceptions=True
    )

    assert [type(error) for error in told] == [StoreError, StoreError]
    assert all("can't be written" in str(error) for error in told)

    store.database.connection.execute("PRAGMA query_only=OFF")
    assert await contacts.note(parse("one.com")) == (Contact(True, AT), None)


async def test_stored_answers_come_with_it_while_they_are_fresh(store: SqliteStore) -> None:
    clock = FakeClock(AT)
    fact = Known(Registration(0.0, None, "RDAP", AT))
    store.apply(Changes(answers=[Answer("one.com", fact, AT + 60.0)]))
    contacts = Contacts(store, clock)

    known, unknown = await asyncio.gather(contacts.note(parse("www.one.com")), contacts.note(parse("two.com")))
    assert known == (Contact(True, AT), fact)
    assert unknown == (Contact(True, AT), None)
    clock.at += 60
    assert await contacts.note(parse("one.com")) == (Contact(False, AT), None)
