from firstsight.core.marks import IN_VAIN, INDICATORS, in_vain_mark, indicator_mark, indicators_of_agent

ONE, OTHER = ("manager", "WIN10"), ("manager", "WIN11")


def test_an_agents_marks_begin_with_what_is_the_agents_alone() -> None:
    mark = indicator_mark(ONE, "evil.example")

    assert mark.startswith(indicators_of_agent(ONE))
    assert not mark.startswith(indicators_of_agent(OTHER))
    assert mark.startswith(INDICATORS)
    assert in_vain_mark(ONE).startswith(IN_VAIN)
    assert in_vain_mark(ONE) != in_vain_mark(OTHER)


def test_an_agents_name_does_not_stand_in_them() -> None:
    assert "WIN10" not in indicator_mark(ONE, "evil.example") + in_vain_mark(ONE)
