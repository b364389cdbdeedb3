import pytest

from firstsight.core.verdict import Severity

LADDER = ["none", "low", "medium", "high", "critical"]


def test_severities_are_a_ladder() -> None:
    assert [str(Severity.at(rank)) for rank in range(5)] == LADDER
    assert [Severity(word).rank for word in LADDER] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("rank", "severity"), [(-1, Severity.NONE), (5, Severity.CRITICAL), (99, Severity.CRITICAL)])
def test_beyond_the_ladder_are_its_ends(rank: int, severity: Severity) -> None:
    assert Severity.at(rank) is severity
