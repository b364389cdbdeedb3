"""Names that are taken away from what is stored: rows, briefs, outboxes, cases, and the bytes of the file."""

from collections.abc import Iterator
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
from pipeline import Pipeline

KEY = b"k" * 32
PSEUDONYMS = Disguise(partial(pseudonym, KEY))
X, Y = pseudonym(KEY, "alice"), pseudonym(KEY, "bob")
TEMP = r"C:\Users\{}\AppData\Local\Temp\x.exe"


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    made = Pipeline(tmp_path / "store.db")
    yield made
    made.close()


def by(name: str, user: str, image: str = "", at: float = AT) -> DnsEvent:
    """An event of a user's program; of one in their own folder, where no other is given."""
    process = Process(image or TEMP.format(user.rpartition("\\")[2]), "{1}", "7", user)
    return msgspec.structs.replace(make_event(name, at=at), detail=lambda: Detail(process, ()))


def take_away(store: SqliteStore, disguise: Disguise) -> dict[str, int]:
    """To the end; from how much of what."""
    return list(store.take_names_away(disguise))[-1]


def bytes_of(path: Path) -> bytes:
    return b"".join(file.read_bytes().lower() for file in path.parent.iterdir() if file.is_file())


def rows(pipeline: Pipeline, question: str) -> list[tuple[object, ...]]:
    return pipeline.store.database.connection.execute(question).fetchall()


def test_pseudonyms_in_the_place_of_names_to_the_last_byte(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipeline = Pipeline(tmp_path / "kept" / "store.db")
    for number in range(20):
        pipeline.see(by(f"host.harbour-{number}.com", r"CORP\Alice", at=AT + number))
        pipeline.see(by(f"host.kestrel-{number}.com", r"NT AUTHORITY\SYSTEM", r"C:\Windows\app.exe", at=AT + number))
        if number == 10:
            pipeline.after(10)
    pipeline.store.flush()
    before = pipeline.store.seen(["harbour-3.com"])
    assert b"alice" in bytes_of(pipeline.path)

    changed = take_away(pipeline.store, PSEUDONYMS)

    assert (changed["users"], changed["images"]) == (1, 1)
    assert changed["alerts_without"] + changed["cases_without"] >= 20
    assert b"alice" not in bytes_of(pipeline.path)
    assert pipeline.store.seen(["harbour-3.com"]) == before
    later = pipeline.after(10)
    assert {alert.asked.process.user for alert in later} == {rf"CORP\{X}", r"NT AUTHORITY\SYSTEM"}
    assert take_away(pipeline.store, PSEUDONYMS) == {}, "once is enough"
    assert take_away(pipeline.store, LEFT_OUT)["users"] == 1, "pseudonyms can be left out later"
    assert X.encode() not in bytes_of(pipeline.path)
    pipeline.close()
    assert check(pipeline.path).faults == []


def test_rows_of_one_person_become_one(pipeline: Pipeline) -> None:
    pipeline.see(by("harbour.com", r"CORP\alice"), by("kestrel.com", r"CORP\ALICE"), by("wren.com", r"CORP\bob"))
    pipeline.store.flush()

    assert take_away(pipeline.store, PSEUDONYMS)["users"] == 3

    asked = rows(
        pipeline,
        "SELECT d.name, u.user, p.image FROM domain AS d JOIN account AS u ON u.id = d.account "
        "JOIN process AS p ON p.id = d.process ORDER BY d.name",
    )
    assert asked == [
        ("harbour.com", rf"CORP\{X}", TEMP.format(X)),
        ("kestrel.com", rf"CORP\{X}", TEMP.format(X)),
        ("wren.com", rf"CORP\{Y}", TEMP.format(Y)),
    ]
    assert rows(pipeline, "SELECT count(*) FROM account") == [(2,)]
    pipeline.see(by("owl.com", rf"CORP\{X}"))
    assert rows(pipeline, "SELECT count(*) FROM account") == [(2,)], "rows that stay go on being used"


def test_nothing_is_left_where_names_are_left_out(pipeline: Pipeline) -> None:
    pipeline.see(by("harbour.com", r"CORP\alice"), by("kestrel.com", r"CORP\bob"))
    pipeline.store.flush()

    take_away(pipeline.store, LEFT_OUT)

    assert rows(pipeline, "SELECT DISTINCT process, account FROM domain") == [(1, None)]
    assert rows(pipeline, "SELECT image FROM process") == [(TEMP.format("-"),)]
    assert rows(pipeline, "SELECT user FROM account") == []


def test_a_program_that_is_named_after_who_runs_it(pipeline: Pipeline) -> None:
    alerts = pipeline.see(by("xkqzvbtrwpljhf.com", r"CORP\alice", r"D:\tools\alice\alice_sync.exe"))
    alerts += pipeline.after(10)
    assert alerts != []

    assert take_away(pipeline.store, PSEUDONYMS)["first_sights_without"] == 1

    assert rows(pipeline, "SELECT image FROM process") == [(rf"D:\tools\{X}\{X}_sync.exe",)]
    assert rows(pipeline, "SELECT program FROM first_sight") == [(f"{X}_sync.exe",)]
    assert rows(pipeline, "SELECT DISTINCT program FROM alert_brief") == [(f"{X}_sync.exe",)]


def test_what_is_on_its_way_out_leaves_without_the_name(pipeline: Pipeline) -> None:
    pipeline.sink.room = 0
    pipeline.see(by("harbour.com", r"CORP\alice"))
    pipeline.after(10)
    held = holdings(pipeline.store.database.connection)
    assert (held.alerts[Users.KEEP], held.waiting, held.in_words) == (1, 1, "names")
    assert held.to_change(Users.PSEUDONYM)

    take_away(pipeline.store, PSEUDONYMS)

    held = holdings(pipeline.store.database.connection)
    assert (held.alerts[Users.PSEUDONYM], held.waiting, held.in_words) == (1, 1, "pseudonyms")
    assert (held.to_change(Users.PSEUDONYM), held.to_change(Users.LEAVE_OUT)) == (False, True)
    pipeline.sink.room = 9
    (alert,) = pipeline.run()
    assert alert.asked.process.user == rf"CORP\{X}"
    assert alert.summary.endswith(rf"; asked by WIN10 (x.exe, CORP\{X})")


@pytest.mark.parametrize("disguise", [PSEUDONYMS, LEFT_OUT])
def test_events_that_come_meanwhile_keep_their_program(pipeline: Pipeline, disguise: Disguise) -> None:
    """Also where its row is about to go, as another one stands for it: who runs it is not who it is named after."""
    image = r"D:\alice\x.exe"
    for number, user in enumerate((r"CORP\alice", rf"CORP\{X}")):
        pipeline.see(by(f"harbour-{number}.com", user, (image, rf"D:\{X}\x.exe")[number]))
    pipeline.see(by("kestrel.com", r"CORP\alice", r"D:\-\x.exe"))
    pipeline.store.flush()

    for step, _ in enumerate(pipeline.store.take_names_away(disguise)):
        pipeline.see(by(f"early-{step}.com", "", image))

    asked = rows(pipeline, "SELECT DISTINCT p.image FROM domain AS d LEFT JOIN process AS p ON p.id = d.process")
    assert (None,) not in asked
    assert check(pipeline.path).faults == []


def test_a_pass_that_was_cut_short_is_ended_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    pipeline = Pipeline(tmp_path / "kept" / "store.db")
    pipeline.see(*(by(f"harbour-{n}.com", (r"CORP\alice", r"CORP\ALICE")[n % 2], r"D:\alice\x.exe") for n in range(9)))
    pipeline.after(10)
    steps = 0
    while True:
        way = pipeline.store.take_names_away(PSEUDONYMS)
        taken = sum(1 for _ in zip(range(steps), way, strict=False))
        del way
        pipeline.crash()
        if taken < steps:
            break
        steps += 1
    assert steps > 6
    take_away(pipeline.store, PSEUDONYMS)
    assert b"alice" not in bytes_of(pipeline.path)
    assert rows(pipeline, "SELECT user FROM account") == [(rf"CORP\{X}",)]
    pipeline.close()
    assert check(pipeline.path).faults == []
