import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.daylist import LATEST, MAGIC, DayList, day_of, one_each, record
from firstsight.core.errors import InputError

domains = st.dictionaries(st.from_regex(r"[a-z0-9]{1,12}\.(com|de)", fullmatch=True), st.integers(0, LATEST))


def packed(days: dict[str, int]) -> bytes:
    return MAGIC + b"".join(sorted(record(domain, day) for domain, day in days.items()))


@given(domains)
def test_each_domain_has_its_day(days: dict[str, int]) -> None:
    listed = DayList(packed(days))

    assert len(listed) == len(days)
    assert {domain: listed.day(domain) for domain in days} == days
    assert listed.day("not-there.example") is None
    assert sorted(map(day_of, listed.records())) == sorted(days.values())


@given(st.lists(st.tuples(st.sampled_from(["a.com", "b.com", "c.com"]), st.integers(0, 99)), min_size=1))
def test_one_day_is_kept_of_each(days: list[tuple[str, int]]) -> None:
    rows = sorted(record(domain, day) for domain, day in days)
    for latest, wanted in ((True, max), (False, min)):
        listed = DayList(MAGIC + b"".join(one_each(rows, latest=latest)))
        for domain in {domain for domain, _ in days}:
            assert listed.day(domain) == wanted(day for other, day in days if other == domain)


@pytest.mark.parametrize("data", [b"", b"fs-days", b"another\n", MAGIC + b"x" * 9, MAGIC + b"x" * 11])
def test_what_is_no_list_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="no list of days"):
        DayList(data)
