from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.front import Front


def test_what_is_used_stays_and_what_is_not_goes() -> None:
    front: Front[str, int] = Front(4)
    front.put("kept", 1)
    for number in range(20):
        front.tidy()
        front.put(f"passing {number}", number)
        assert front.get("kept") == 1
    assert front.get("passing 0") is None
    assert len(front) <= 4


def test_within_a_batch_nothing_goes() -> None:
    front: Front[int, int] = Front(2)
    for number in range(100):
        front.put(number, number)
    assert [front.get(number) for number in range(100)] == list(range(100))


def test_forgetting_everything() -> None:
    front: Front[str, int] = Front(4)
    front.put("a", 1)
    front.tidy()
    front.put("b", 1)
    front.clear()
    assert (front.get("a"), front.get("b"), len(front)) == (None, None, 0)


@given(st.integers(1, 12), st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=200))
def test_it_never_lies_and_holds_no_more_than_its_bound(bound: int, steps: list[tuple[bool, int]]) -> None:
    front: Front[int, int] = Front(bound)
    written: dict[int, int] = {}
    for number, (writes, key) in enumerate(steps):
        front.tidy()
        if writes:
            front.put(key, number)
            written[key] = number
        else:
            assert front.get(key) in {None, written.get(key)}
        assert len(front) <= max(2, bound)


@given(st.integers(2, 40), st.lists(st.integers(0, 100), min_size=1, max_size=200))
def test_the_latest_half_is_always_at_hand(bound: int, keys: list[int]) -> None:
    front: Front[int, int] = Front(bound)
    latest: list[int] = []
    for key in keys:
        front.tidy()
        front.put(key, key)
        latest = [*(other for other in latest if other != key), key][-(bound // 2) :]
    assert [front.get(key) for key in latest] == latest


def test_what_is_dropped_is_not_at_hand() -> None:
    front: Front[int, int] = Front(4)
    front.put(1, 1)
    front.put(2, 2)
    front.tidy()
    front.put(3, 3)
    for key in (1, 3, 9):
        front.drop(key)
    assert [front.get(key) for key in (1, 2, 3)] == [None, 2, None]
