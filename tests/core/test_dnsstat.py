import json

import pytest

from firstsight.core.dnsstat import Dialect
from firstsight.core.facts import Absent, Known, Registration, Unavailable

SINCE = 1_795_487_197.9  # Tue, 24 Nov 2026 02:26:37 GMT
OLD = Known(Registration(807_508_800.0, None, "RDAP", SINCE))  # Fri, 04 Aug 1995 04:00:00 GMT
USUAL, SUSPECT, LOW = (6.2885, 7.9696), (4.9999, 7.9696), (4.9999, 3.9999)


def compact(record: dict[str, object]) -> str:
    return json.dumps(record, separators=(",", ":"))


def test_the_originals_first_and_second_answer() -> None:
    dialect = Dialect()
    rest = (
        '"category":"ESTABLISHED","freq_score":[6.2885,7.9696],"seen_by_isc":"RDAP",'
        '"seen_by_web":"Fri, 04 Aug 1995 04:00:00 GMT","seen_by_you":"Tue, 24 Nov 2026 02:26:37 GMT"}'
    )

    assert compact(dialect.record(USUAL, "ESTABLISHED", OLD, SINCE, first=True)) == (
        '{"alerts":["YOUR-FIRST-CONTACT"],' + rest
    )
    assert compact(dialect.record(USUAL, "ESTABLISHED", OLD, SINCE)) == '{"alerts":[],' + rest


@pytest.mark.parametrize(
    ("scores", "alerts"),
    [
        (USUAL, []),
        ((5.0, 4.0), []),  # low is below, not at
        (SUSPECT, ["SUSPECT-FREQ-SCORE"]),
        ((9.0, 3.9999), ["SUSPECT-FREQ-SCORE"]),
        (LOW, ["LOW-FREQ-SCORES"]),
    ],
)
def test_low_scores_come_before_the_first_contact(scores: tuple[float, float], alerts: list[str]) -> None:
    assert Dialect().record(scores, "NEW", OLD, SINCE)["alerts"] == alerts
    assert Dialect().record(scores, "NEW", OLD, SINCE, first=True)["alerts"] == [*alerts, "YOUR-FIRST-CONTACT"]


@pytest.mark.parametrize("fact", [Absent(SINCE), Unavailable("timeout", SINCE)])
def test_what_is_not_known_is_unknown(fact: Absent | Unavailable) -> None:
    record = Dialect().record(USUAL, "UNKNOWN", fact, SINCE)
    assert [record[key] for key in ("category", "seen_by_isc", "seen_by_web")] == ["UNKNOWN"] * 3
    assert record["seen_by_you"] == "Tue, 24 Nov 2026 02:26:37 GMT"


def test_without_scores_there_is_neither_key_nor_alert() -> None:
    silent = Dialect(freq=False)
    record = silent.record(LOW, "NEW", OLD, SINCE, first=True)

    assert record["alerts"] == ["YOUR-FIRST-CONTACT"]
    assert "freq_score" not in record
    assert "freq_score" not in silent.without_suffix()
    assert "freq_score" not in Dialect().record(None, "NEW", OLD, SINCE)


def test_an_offset_moves_what_is_said_of_you_alone() -> None:
    record = Dialect(hours_ahead=-5.5).record(USUAL, "NEW", OLD, SINCE)
    assert record["seen_by_you"] == "Mon, 23 Nov 2026 20:56:37 GMT"
    assert record["seen_by_web"] == "Fri, 04 Aug 1995 04:00:00 GMT"


def test_a_name_without_suffix() -> None:
    assert compact(Dialect().without_suffix()) == (
        '{"alerts":["No valid eTLD exists for this domain."],"category":"ERROR","freq_score":"ERROR",'
        '"seen_by_isc":"ERROR","seen_by_web":"ERROR","seen_by_you":"ERROR"}'
    )
