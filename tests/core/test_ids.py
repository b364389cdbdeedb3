from firstsight.core.ids import stable_id


def test_the_same_parts_give_the_same_id() -> None:
    assert stable_id("a", "b") == stable_id("a", "b") == "2eacde9b82627f375d83"
    assert len({stable_id("a", "b"), stable_id("b", "a"), stable_id("ab"), stable_id("ab", ""), stable_id()}) == 5


def test_half_a_surrogate_pair_is_a_part_as_any_other() -> None:
    assert stable_id("\ud800") != stable_id("\ud801")
