from firstsight.core.deeds import DEEDS, Deed, deed_document


def test_a_deed_as_it_leaves_the_house() -> None:
    deed = Deed("login", "person:alice", 1_795_492_800.0, origin="192.0.2.1")

    assert deed.what in DEEDS
    assert deed_document(7, deed) == {
        "seq": 7,
        "time": "2026-11-24T04:00:00Z",
        "what": "login",
        "who": "person:alice",
        "about": "",
        "origin": "192.0.2.1",
    }
