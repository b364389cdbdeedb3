from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.traits import bounded, hashes
from firstsight.core.usual import Held, Usual, level
from namelab.census import Census

LABELS = ("merrowdale", "merrowvale", "kestrelvale")
CENSUS = Census(LABELS)
SHIPPED = Usual(CENSUS.packed())


def test_a_label_is_told_as_if_it_had_not_been_counted() -> None:
    known, unknown = Census([*LABELS, "xqzkw"]).held("xqzkw"), Census(LABELS).held("xqzkw")
    assert known == unknown
    assert all(held.total == 0 and held.seldom == held.runs for held in known)


def test_runs_count_once_for_each_label_that_holds_them() -> None:
    threes = Census(LABELS).held("owd")[0]
    assert threes == Held.of([0, level(1), 0])  # ^ow, owd, wd$


@given(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True))
def test_what_is_shipped_says_the_same_of_labels_that_were_not_counted(label: str) -> None:
    if label not in LABELS:
        text = bounded(label)
        assert SHIPPED.held(text, hashes(text)) == CENSUS.held(label)
