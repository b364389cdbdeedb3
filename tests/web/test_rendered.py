from firstsight.web.rendered import Rendered


def test_an_answer_is_used_for_a_while_and_not_renewed_by_being_used() -> None:
    rendered = Rendered(seconds=30)
    assert rendered.get("a.com", 1000) is None
    rendered.put("a.com", b"1", 1000)
    for now in range(1000, 1060):
        assert rendered.get("a.com", now) == b"1"
    assert rendered.get("a.com", 1060) is None


def test_after_a_long_silence_nothing_old_is_used() -> None:
    rendered = Rendered(seconds=30)
    rendered.get("a.com", 1000)
    rendered.put("a.com", b"1", 1000)
    assert rendered.get("a.com", 5000) is None


def test_a_clock_set_back_forgets_nothing_for_ever() -> None:
    rendered = Rendered(seconds=30)
    rendered.get("a.com", 1000)
    rendered.put("a.com", b"1", 1000)
    rendered.get("a.com", 10)
    rendered.put("b.com", b"2", 10)
    assert rendered.get("a.com", 75) is None
    assert rendered.get("b.com", 20) is None or rendered.get("b.com", 20) == b"2"


def test_no_more_is_kept_than_the_bound() -> None:
    rendered = Rendered(bound=10, seconds=30)
    for number in range(100):
        rendered.get(f"{number}.com", 1000)
        rendered.put(f"{number}.com", b"x", 1000)
    assert sum(rendered.get(f"{number}.com", 1000) is not None for number in range(100)) <= 10
    assert rendered.get("99.com", 1000) == b"x"
