"""What Wazuh is told of administrators: every deed once, however often the service is killed, and in no flood."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from dns_events import AT, DAY
from firstsight.core.deeds import DEEDS, Deed
from firstsight.core.notices import NOTICES, Notice
from firstsight.watch.deeds import PAUSE, TOLD
from pipeline import Pipeline

TO_TELL = sorted(what for deeds in TOLD.values() for what in deeds)


def note(pipe: Pipeline, what: str, who: str = "local:root (sudo bob)", about: str = "", origin: str = "") -> None:
    pipe.trail.note(Deed(what, who, pipe.clock.at, about, origin))


def counts(notices: list[Notice]) -> list[tuple[str, int]]:
    return [(notice.code, int(str(notice.details["count"]))) for notice in notices]


def test_each_kind_has_its_deeds_and_they_are_known() -> None:
    assert set(TOLD) <= set(NOTICES)
    untold = {"login", "login_failed", "logout", "reviewed", "exported"}  # everyday, and many
    assert {*TO_TELL, *untold} == set(DEEDS)
    assert untold.isdisjoint(TO_TELL)
    assert len(TO_TELL) == len(set(TO_TELL)), "a deed is told once"


def test_it_is_told_at_once_and_once_with_who_and_what(pipe: Pipeline) -> None:
    note(pipe, "user_added", about="alice analyst")
    note(pipe, "login_locked", who="", about="alice", origin="192.0.2.1")
    note(pipe, "login", who="person:alice")
    added, locked = pipe.told()

    assert added.code == "access_changed"
    assert added.summary == (
        "Who may ask has changed: user added, alice analyst (by local:root (sudo bob)). `firstsight audit` tells "
        "everything."
    )
    assert added.details == {
        "count": "1",
        "deeds": ["user added, alice analyst (by local:root (sudo bob))"],
        "by": ["local:root (sudo bob)"],
    }
    assert (locked.code, locked.details) == (
        "login_locked",
        {"count": "1", "deeds": ["login locked, alice (from 192.0.2.1)"], "origins": ["192.0.2.1"]},
    )
    pipe.crash()
    assert pipe.told(2 * PAUSE, every=60) == []


def test_a_flood_is_gathered(pipe: Pipeline) -> None:
    """Five hundred changes in ten minutes are three notices; the first is told at once, and nothing is left out."""
    told = []
    for number in range(500):
        note(pipe, "exception_added", who="token:soar", about=f"{number:05} {'x' * 400}")
        told += pipe.told(1.2, every=1.2)
    told += pipe.told(PAUSE, every=60)

    assert [code for code, _ in counts(told)] == ["alerting_changed"] * len(told)
    assert len(told) <= 1 + 600 / PAUSE + 1
    assert sum(number for _, number in counts(told)) == 500
    assert counts(told)[0] == ("alerting_changed", 1)
    longest = max(told, key=lambda notice: len(notice.summary))
    assert "; and 2" in longest.summary
    assert len(longest.summary) < 1200
    assert len(longest.details["deeds"]) == 20


def test_what_was_done_before_anything_was_told_is_old_news(pipe: Pipeline) -> None:
    """As after an upgrade. What is done while the service is stopped later on is told, however long that is."""
    pipe.clock.at = AT - 2 * DAY
    for _ in range(1200):
        note(pipe, "token_added")
    pipe.clock.at = AT - 60
    note(pipe, "token_revoked")
    pipe.clock.at = AT
    assert counts(pipe.told(60, every=5)) == [("access_changed", 1)]

    note(pipe, "user_removed")
    pipe.crash()
    pipe.clock.at += 9 * DAY
    assert counts(pipe.told(5)) == [("access_changed", 1)]


def test_many_log_ins_are_not_read_again_at_each_start(pipe: Pipeline) -> None:
    for _ in range(1600):
        note(pipe, "login", who="person:alice")
    pipe.told(20)
    mark = pipe.store.mark("deeds")
    assert mark is not None
    assert min(json.loads(mark).values()) >= 1000
    note(pipe, "user_added")
    pipe.crash()
    assert counts(pipe.told(20)) == [("access_changed", 1)]


STEPS = st.lists(
    st.one_of(st.sampled_from([*TO_TELL, "login", "reviewed"]), st.sampled_from([5.0, 60.0, 400.0]), st.just("crash")),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_every_deed_is_told_once_whatever_is_killed(steps: list[str | float]) -> None:
    with TemporaryDirectory() as folder:
        pipe = Pipeline(Path(folder) / "store.db")
        told = pipe.told(5)
        for step in steps:
            if step == "crash":
                pipe.crash()
            elif isinstance(step, float):
                told += pipe.told(step, every=step)
            else:
                note(pipe, step)
        told += pipe.told(2 * PAUSE, every=PAUSE)
        pipe.close()

    told = list({notice.id: notice for notice in told}.values())  # at least once: an id is one notice
    for code, deeds in TOLD.items():
        wanted = sum(step in deeds for step in steps)
        assert sum(number for kind, number in counts(told) if kind == code) == wanted
