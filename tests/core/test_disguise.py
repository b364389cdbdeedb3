import ast
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_samples import make_alert, make_reason
from dns_events import make_event
from firstsight.core.case import Case
from firstsight.core.disguise import LEFT_OUT, Disguise, as_it_is, held_by, held_in_words, holding
from firstsight.core.events import Process
from firstsight.core.names import Kind, Name
from firstsight.core.process import unusual
from firstsight.core.usernames import Users, pseudonym
from firstsight.core.verdict import Seen
from people_in_evidence import names, names_somebody, processes

PSEUDONYMS = Disguise(partial(pseudonym, b"k" * 32))
X = pseudonym(b"k" * 32, "alice")
HERS = r"C:\Users\alice\AppData\Local\Temp\x.exe"


@st.composite
def named(draw: st.DrawFn) -> tuple[str, Process]:
    name = draw(names)
    return name, draw(processes(name))


@given(named())
def test_nobody_is_named_however_they_are_written(somebody: tuple[str, Process]) -> None:
    name, process = somebody
    for disguise in (LEFT_OUT, PSEUDONYMS):
        other = disguise.process(process)

        assert not names_somebody(f"{other.image} {other.user}", name)
        assert (other.guid, other.id) == (process.guid, process.id)
        assert disguise.process(other) is other, "what is given once stays"
        assert LEFT_OUT.process(other) == LEFT_OUT.process(process), "pseudonyms can be left out later"


@given(named())
def test_a_person_is_the_same_one_in_their_user_and_in_their_path(somebody: tuple[str, Process]) -> None:
    name, process = somebody
    other = PSEUDONYMS.process(process)
    assert pseudonym(b"k" * 32, name) in other.user
    assert pseudonym(b"k" * 32, name) in other.image


def test_in_words() -> None:
    process = Process(HERS, "{1}", "7", r"CORP\Alice")
    assert PSEUDONYMS.process(process) == Process(HERS.replace("alice", X), "{1}", "7", rf"CORP\{X}")
    assert LEFT_OUT.process(process) == Process(HERS.replace("alice", "-"), "{1}", "7", "")
    assert (LEFT_OUT.users, PSEUDONYMS.users) == (Users.LEAVE_OUT, Users.PSEUDONYM)


@pytest.mark.parametrize("user", [r"NT AUTHORITY\SYSTEM", r"CORP\WIN10$", "root", ""])
def test_accounts_that_are_nobodys_stay(user: str) -> None:
    process = Process(r"C:\Windows\System32\svchost.exe", "{1}", "7", user)
    assert LEFT_OUT.process(process) is process
    assert LEFT_OUT.process(Process(HERS, user=user)).image == HERS.replace("alice", "-")


@pytest.mark.parametrize("image", [HERS, r"C:\Windows\System32\rundll32.exe"])
def test_what_is_unusual_of_a_program_stays_so(image: str) -> None:
    for disguise in (LEFT_OUT, PSEUDONYMS):
        for user in (r"CORP\alice", r"CORP\rundll32"):
            assert unusual(disguise.process(Process(image, user=user)).image) == unusual(image) is not None


def test_an_event() -> None:
    event = make_event("harbour.com", image=HERS)
    assert as_it_is(event).process.user == r"CORP\alice"
    assert LEFT_OUT.evidence(event).process == Process(HERS.replace("alice", "-"), "{5770385f}", "2412")
    assert LEFT_OUT.evidence(event).answers == as_it_is(event).answers


def test_an_alert() -> None:
    reason = replace(
        make_reason("unusual_process"), text="alice.exe asked, a program.", evidence={"image": r"D:\alice.exe"}
    )
    alert = make_alert(
        image=r"D:\alice.exe", summary=r"alice.com: first seen here; asked by WIN10 (alice.exe, CORP\alice)"
    )
    alert = replace(alert, verdict=replace(alert.verdict, reasons=(reason, make_reason("first_seen"))))

    other = PSEUDONYMS.alert(alert)

    assert other.asked == replace(alert.asked, process=Process(rf"D:\{X}.exe", "{5770385f}", "2412", rf"CORP\{X}"))
    assert other.summary == rf"alice.com: first seen here; asked by WIN10 ({X}.exe, CORP\{X})"
    assert other.verdict.reasons[0].text == f"{X}.exe asked, a program."
    assert other.verdict.reasons[0].evidence == {"image": rf"D:\{X}.exe"}
    assert other.verdict.reasons[1] == make_reason("first_seen")
    assert PSEUDONYMS.alert(other) is other
    assert LEFT_OUT.alert(other).summary == "alice.com: first seen here; asked by WIN10 (-.exe)"


def test_an_alert_whose_summary_was_made_otherwise() -> None:
    alert = make_alert(summary="xk7.example: first seen here; asked by WIN10, that is alice")
    assert LEFT_OUT.alert(alert).summary == "xk7.example: first seen here"
    assert LEFT_OUT.alert(make_alert(summary="first seen here")).summary == "first seen here"


def test_a_case_that_waits() -> None:
    name = Name(Kind.PUBLIC, "xk7.example", "xk7.example", "xk7.example", "example")
    case = LEFT_OUT.case(Case(name, Seen(), asked=make_alert().asked))

    assert case.asked is not None
    assert case.asked.process.user == ""
    assert LEFT_OUT.case(case) is case
    assert LEFT_OUT.case(Case(name, Seen())).asked is None


def test_what_is_held_of_people() -> None:
    process = Process(r"C:\Tools\x.exe", user=r"CORP\alice")
    assert holding(process) is Users.KEEP
    assert holding(Process(HERS)) is Users.KEEP
    assert holding(PSEUDONYMS.process(process)) is Users.PSEUDONYM
    assert holding(LEFT_OUT.process(process)) is Users.LEAVE_OUT
    assert holding(Process(r"C:\x.exe", user=r"NT AUTHORITY\SYSTEM")) is Users.LEAVE_OUT
    assert held_in_words({Users.LEAVE_OUT}) == held_in_words(set()) == "no names"
    assert held_in_words({Users.PSEUDONYM, Users.KEEP}) == "names and pseudonyms"


@given(st.lists(st.tuples(named(), st.sampled_from([None, LEFT_OUT, PSEUDONYMS])), max_size=5))
def test_several_hold_what_each_holds(made: list[tuple[tuple[str, Process], Disguise | None]]) -> None:
    several = [process if disguise is None else disguise.process(process) for (_, process), disguise in made]
    assert held_in_words(held_by(several)) == held_in_words(set(map(holding, several)))


def test_nobody_else_reads_an_events_evidence() -> None:
    """Whoever stores or judges it must come through here."""
    source = Path(__file__).parents[2] / "src" / "firstsight"
    readers = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "detail"
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "sysmon")
    }
    assert readers == {"core/disguise.py"}
