from dns_events import parse
from firstsight.core.document import Document, exception_document
from firstsight.core.exception_words import account, phrase
from firstsight.core.exceptions import make_exception


def document(**given: object) -> Document:
    usual = {"reason": "our own tool", "expires": "never"}
    return exception_document(make_exception(parse, **usual | given), now=0.0)  # type: ignore[arg-type]


def test_what_it_matches_holds_back_and_until_when() -> None:
    assert phrase(document(domain="example.com")) == "example.com, all but known_indicator held back, for good"
    made = document(process="a.exe", agent="LAB-*", scope=["random_name", "first_seen"], expires="2027-06-30T00:00:00Z")
    assert phrase(made) == ("process a.exe, agent LAB-*, first_seen+random_name held back, until 2027-06-30T00:00:00Z")


def test_all_of_it() -> None:
    made = document(agent="LAB-*")
    assert account(made) == f"{made['id']} agent LAB-*, all but known_indicator held back, for good: our own tool"
    assert ", on behalf of m.tarrant: our own tool" in account({**made, "on_behalf_of": "m.tarrant"})
