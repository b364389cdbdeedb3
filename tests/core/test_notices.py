import pytest

from firstsight.core.notices import NOTICES, NoticeState, make_notice, span

CODES = (
    "source_silent source_lagging outbox_stuck registry_trouble store_trouble clock_trouble node_silent agent_silent "
    "learning_over digest source_trouble intel_trouble access_changed alerting_changed login_locked"
).split()


def test_kinds_keep_their_places() -> None:
    """Wazuh rules are numbered by them."""
    assert list(NOTICES) == CODES
    assert all(NOTICES[code].code == code for code in CODES)


def test_what_is_told_once_is_no_trouble() -> None:
    once = {kind.code for kind in NOTICES.values() if not kind.two_sided}
    assert once == {"learning_over", "digest", "access_changed", "alerting_changed", "login_locked"}
    assert {code: NOTICES[code].level for code in once if NOTICES[code].level > 3} == {
        "access_changed": 5,
        "alerting_changed": 5,
        "login_locked": 7,
    }
    assert all(5 <= kind.level <= 10 for kind in NOTICES.values() if kind.two_sided)
    assert all(kind.meaning and kind.todo.endswith((".", "?")) for kind in NOTICES.values())


def test_the_same_notice_decided_again_has_the_same_id() -> None:
    def notice(code: str = "outbox_stuck", since: float = 7.0, times: int = 1, at: float = 9.0) -> str:
        return make_notice(code, NoticeState.BEGAN, "wazuh", "It is full.", at=at, since=since, times=times).id

    assert notice(at=9.0) == notice(at=10.0)
    assert len({notice(), notice("source_silent"), notice(since=8.0), notice(times=2)}) == 4
    over = make_notice("outbox_stuck", NoticeState.OVER, "wazuh", "It is full.", at=9.0, since=7.0)
    assert over.id != notice()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 seconds"), (0, "0 seconds"), (90, "90 seconds"), (180, "3 minutes"), (7140, "119 minutes"),
        (3 * 3600, "3 hours"), (60 * 3600, "60 hours"), (3 * 86400, "3 days"), (7.4 * 86400, "7 days"),
    ],
)  # fmt: skip
def test_spans_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words
