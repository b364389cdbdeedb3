"""Names that are taken away from what is stored: rows, briefs, outboxes, cases, and the bytes of the file."""

from functools import partial
from pathlib import Path

import msgspec
import pytest

from dns_events import AT, make_event
from firstsight.core.disguise import LEFT_OUT, Disguise
from firstsight.core.events import Detail, DnsEvent, Process
from firstsight.core.usernames import Users, pseudonym
from firstsight.store.checking import check
from firstsight.store.holdings import holdings
from firstsight.store.sqlite import SqliteStore
from pipeline import Pipeline, bytes_of, rows

KEY = b"k" * 32
PSEUDONYMS = Disguise(partial(pseudonym, KEY))
X, Y = pseudonym(KEY, "alice"), pseudonym(KEY, "bob")
TEMP = r"C:\Users\{}\AppData\Local\Temp\x.exe"


def by(name: str, user: str, image: str = "", at: float = AT) -> DnsEvent:
    """An event of a user's program; of one in their own folder, where no other is given."""
    process = Process(image or TEMP.format(user.rpartition("\\")[2]), "{1}", "7", user)
    return msgspec.structs.replace(make_event(name, at=at), detail=lambda: Detail(process, ()))


def take_away(store: SqliteStore, disguise: Disguise) -> dict[str, int]:
    """To the end; from how much of what."""
    return list(store.take_names_away(disguise))[-1]


def test_pseudonyms_in_the_place_of_names_to_the_last_byte(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipe = Pipeline(tmp_path / "kept" / "store.db")
    for number in range(20):
        pipe.see(by(f"host.harbour-{number}.com", r"CORP\Alice", at=AT + number))
        pipe.see(by(f"host.kestrel-{number}.com", r"NT AUTHORITY\SYSTEM", r"C:\Windows\app.exe", at=AT + number))
        if number == 10:
            pipe.after(10)
    pipe.store.flush()
    before = pipe.store.seen(["harbour-3.com"])
    assert b"alice" in bytes_of(pipe.path)

    changed = take_away(pipe.store, PSEUDONYMS)

    assert (changed["users"], changed["images"]) == (1, 1)
    assert changed["alerts_without"] + changed["cases_without"] >= 20
    assert b"alice" not in bytes_of(pipe.path)
    assert pipe.store.seen(["harbour-3.com"]) == before
    later = pipe.after(10)
    assert {alert.asked.process.user for alert in later} == {rf"CORP\{X}", r"NT AUTHORITY\SYSTEM"}
    assert take_away(pipe.store, PSEUDONYMS) == {}, "once is enough"
    assert take_away(pipe.store, LEFT_OUT)["users"] == 1, "pseudonyms can be left out later"
    assert X.encode() not in bytes_of(pipe.path)
    pipe.close()
    assert check(pipe.path).faults == []


def test_rows_of_one_person_become_one(pipe: Pipeline) -> None:
    pipe.see(by("harbour.com", r"CORP\alice"), by("kestrel.com", r"CORP\ALICE"), by("wren.com", r"CORP\bob"))
    pipe.store.flush()

    assert take_away(pipe.store, PSEUDONYMS)["users"] == 3

    asked = rows(
        pipe,
        "SELECT d.name, u.user, p.image FROM domain AS d JOIN account AS u ON u.id = d.account "
        "JOIN process AS p ON p.id = d.process ORDER BY d.name",
    )
    assert asked == [
        ("harbour.com", rf"CORP\{X}", TEMP.format(X)),
        ("kestrel.com", rf"CORP\{X}", TEMP.format(X)),
        ("wren.com", rf"CORP\{Y}", TEMP.format(Y)),
    ]
    assert rows(pipe, "SELECT count(*) FROM account") == [(2,)]
    pipe.see(by("owl.com", rf"CORP\{X}"))
    assert rows(pipe, "SELECT count(*) FROM account") == [(2,)], "rows that stay go on being used"


def test_nothing_is_left_where_names_are_left_out(pipe: Pipeline) -> None:
    pipe.see(by("harbour.com", r"CORP\alice"), by("kestrel.com", r"CORP\bob"))
    pipe.store.flush()

    take_away(pipe.store, LEFT_OUT)

    assert rows(pipe, "SELECT DISTINCT process, account FROM domain") == [(1, None)]
    assert rows(pipe, "SELECT image FROM process") == [(TEMP.format("-"),)]
    assert rows(pipe, "SELECT user FROM account") == []


def test_a_program_that_is_named_after_who_runs_it(pipe: Pipeline) -> None:
    alerts = pipe.see(by("xkqzvbtrwpljhf.com", r"CORP\alice", r"D:\tools\alice\alice_sync.exe"))
    alerts += pipe.after(10)
    assert alerts != []

    assert take_away(pipe.store, PSEUDONYMS)["first_sights_without"] == 1

    assert rows(pipe, "SELECT image FROM process") == [(rf"D:\tools\{X}\{X}_sync.exe",)]
    assert rows(pipe, "SELECT program FROM first_sight") == [(f"{X}_sync.exe",)]
    assert rows(pipe, "SELECT DISTINCT program FROM alert_brief") == [(f"{X}_sync.exe",)]


def test_what_is_on_its_way_out_leaves_without_the_name(pipe: Pipeline) -> None:
    pipe.sink.room = 0
    pipe.see(by("harbour.com", r"CORP\alice"))
    pipe.after(10)
    held = holdings(pipe.store.database.connection)
    assert (held.alerts[Users.KEEP], held.waiting, held.in_words) == (1, 1, "names")
    assert held.to_change(Users.PSEUDONYM)

    take_away(pipe.store, PSEUDONYMS)

    held = holdings(pipe.store.database.connection)
    assert (held.alerts[Users.PSEUDONYM], held.waiting, held.in_words) == (1, 1, "pseudonyms")
    assert (held.to_change(Users.PSEUDONYM), held.to_change(Users.LEAVE_OUT)) == (False, True)
    pipe.sink.room = 9
    (alert,) = pipe.run()
    assert alert.asked.process.user == rf"CORP\{X}"
    assert alert.summary.endswith(rf"; asked by WIN10 (x.exe, CORP\{X})")


@pytest.mark.parametrize("disguise", [PSEUDONYMS, LEFT_OUT])
def test_events_that_come_meanwhile_keep_their_program(pipe: Pipeline, disguise: Disguise) -> None:
    """Also where its row is about to go, as another one stands for it: who runs it is not who it is named after."""
    image = r"D:\alice\x.exe"
    for number, user in enumerate((r"CORP\alice", rf"CORP\{X}")):
        pipe.see(by(f"harbour-{number}.com", user, (image, rf"D:\{X}\x.exe")[number]))
    pipe.see(by("kestrel.com", r"CORP\alice", r"D:\-\x.exe"))
    pipe.store.flush()

    for step, _ in enumerate(pipe.store.take_names_away(disguise)):
        pipe.see(by(f"early-{step}.com", "", image))

    asked = rows(pipe, "SELECT DISTINCT p.image FROM domain AS d LEFT JOIN process AS p ON p.id = d.process")
    assert (None,) not in asked
    assert check(pipe.path).faults == []


def test_a_pass_that_was_cut_short_is_ended_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipe = Pipeline(tmp_path / "kept" / "store.db")
    pipe.see(*(by(f"harbour-{n}.com", (r"CORP\alice", r"CORP\ALICE")[n % 2], r"D:\alice\x.exe") for n in range(9)))
    pipe.after(10)
    steps = 0
    while True:
        way = pipe.store.take_names_away(PSEUDONYMS)
        taken = sum(1 for _ in zip(range(steps), way, strict=False))
        del way
        pipe.crash()
        if taken < steps:
            break
        steps += 1
    assert steps > 6
    take_away(pipe.store, PSEUDONYMS)
    assert b"alice" not in bytes_of(pipe.path)
    assert rows(pipe, "SELECT user FROM account") == [(rf"CORP\{X}",)]
    pipe.close()
    assert check(pipe.path).faults == []
