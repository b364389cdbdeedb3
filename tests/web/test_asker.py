from firstsight.access.people import Role, Session
from firstsight.access.tokens import EVERYTHING, NOTHING
from firstsight.web.asker import Asker, Kind, asker, nobody


def test_where_nothing_stands_in_front_it_is_this_machine() -> None:
    found = asker({"client": ("127.0.0.1", 5)})
    assert (found.kind, found.who, found.scopes, found.client) == (Kind.LOCAL, "local", EVERYTHING, "127.0.0.1")
    assert asker({"client": None}).client == ""


def test_how_each_is_named() -> None:
    session = Session("alice", Role.ANALYST, "the-csrf-token", b"digest")
    alice = Asker(Kind.PERSON, "alice", session.scopes, "192.0.2.1", session)
    assert (alice.who, alice.csrf) == ("person:alice", "the-csrf-token")

    zeek = Asker(Kind.TOKEN, "zeek", NOTHING, "192.0.2.1")
    assert (zeek.who, zeek.csrf) == ("token:zeek", "")
    assert nobody("192.0.2.1").who == ""
    assert asker({"state": {"asker": zeek}}) is zeek
