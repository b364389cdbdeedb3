from dataclasses import replace
from functools import partial

import msgspec
import pytest

from alert_samples import make_alert, make_reason
from firstsight.core.case import Case
from firstsight.core.disguise import Disguise
from firstsight.core.events import Agent, Process
from firstsight.core.names import Kind, Name
from firstsight.core.privacy import Forgotten, known_as
from firstsight.core.process import program
from firstsight.core.usernames import pseudonym
from firstsight.core.verdict import Seen

ALICE = Forgotten(user=r"corp\Alice")
WIN10 = Forgotten(agent="WIN10")
HERS = r"C:\Users\alice\x.exe"


@pytest.mark.parametrize("user", [r"CORP\alice", "ALICE", "alice@corp.example"])
def test_only_the_users_own_folder(user: str) -> None:
    assert Forgotten(user=user).image(HERS) == r"C:\Users\-\x.exe"
    assert Forgotten(user=user).image(r"C:\Users\alice2\x.exe") == r"C:\Users\alice2\x.exe"
    assert WIN10.image(HERS) == HERS


def test_a_pseudonym_is_forgotten_wherever_it_stands() -> None:
    """Names are disguised outside users' own folders too, so they are found there."""
    disguise = Disguise(partial(pseudonym, b"a key"))
    gone = known_as(ALICE, disguise)
    for image in (r"D:\tools\alice_sync.exe", r"D:\work\alice\x.exe", HERS):
        reason = replace(make_reason("unusual_process"), evidence={"image": image})
        reason = replace(reason, text=f"{program(image)} asked, a program in a folder that any user can write")
        alert = make_alert(
            image=image, summary=rf"a.com: first seen here; asked by WIN10 ({program(image)}, CORP\alice)"
        )
        kept = disguise.alert(replace(alert, verdict=replace(alert.verdict, reasons=(reason,))))
        assert b"user-" in msgspec.json.encode(kept)
        assert b"user-" not in msgspec.json.encode(gone.in_alert(kept))


def test_a_user_is_named_whole() -> None:
    assert ALICE.is_user(r"CORP\alice")
    assert not ALICE.is_user("alice")
    assert not ALICE.is_user("")
    assert not WIN10.is_user("")
    assert not ALICE.is_agent("")


def test_an_alert_without_its_user() -> None:
    reason = replace(make_reason("unusual_process"), evidence={"image": HERS, "kind": "a script host"})
    alert = make_alert(image=HERS, summary=r"alice.com: first seen here; asked by WIN10 (x.exe, CORP\alice)")
    alert = replace(alert, verdict=replace(alert.verdict, reasons=(reason,)))

    without = ALICE.in_alert(alert)

    assert (without.id, without.at, without.verdict.name) == (alert.id, alert.at, alert.verdict.name)
    assert without.asked.process == Process(r"C:\Users\-\x.exe", "{5770385f}", "2412")
    assert without.summary == "alice.com: first seen here; asked by WIN10 (x.exe, -)"
    assert without.verdict.reasons[0].evidence == {"image": r"C:\Users\-\x.exe", "kind": "a script host"}
    assert without.asked.agent == alert.asked.agent
    assert ALICE.in_alert(without) is without


def test_an_alert_without_its_agent() -> None:
    reason = replace(make_reason("first_seen_agent"), text="WIN10 had not asked for xk7.example before.")
    alert = make_alert(summary="xk7.example: first seen here; asked by WIN10 (curl.exe)")
    alert = replace(alert, verdict=replace(alert.verdict, reasons=(reason,)))

    without = WIN10.in_alert(alert)

    assert without.asked.agent == Agent("wazuh-1", "")
    assert without.asked.computer == ""
    assert without.summary == "xk7.example: first seen here; asked by - (curl.exe)"
    assert without.verdict.reasons[0].text == "- had not asked for xk7.example before."
    assert without.asked.process == alert.asked.process
    assert WIN10.in_alert(without) is without


def test_what_does_not_name_them_is_left_as_it_is() -> None:
    alert = make_alert()
    for somebody in (Forgotten(user="bob"), Forgotten(agent="WIN1")):
        assert somebody.in_alert(alert) is alert


def test_a_case_that_waits() -> None:
    name = Name(Kind.PUBLIC, "xk7.example", "xk7.example", "xk7.example", "example")
    case = Case(name, Seen(), asked=make_alert().asked)

    without = ALICE.in_case(case)

    assert without.asked is not None
    assert without.asked.process.user == ""
    assert ALICE.in_case(without) is without
    assert ALICE.in_case(Case(name, Seen())).asked is None
