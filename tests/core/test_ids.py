from firstsight.core.ids import stable_id


def test_the_same_parts_give_the_same_id() -> None:
    assert stable_id("a", "b") == stable_id("a", "b") == "2eacde9b82627f375d83"
    assert len({stable_id("a", "b"), stable_id("b", "a"), stable_id("ab"), stable_id("ab", ""), stable_id()}) == 5


def test_half_a_surrogate_pair_is_a_part_as_any_other() -> None:
    assert stable_id("\ud800") != stable_id("\ud801")


def test_ids_of_many_things_grow_with_time() -> None:
    ids = [stable_id("a", at=at) for at in (1.0, 2.5, 1_795_500_000.0)]
    assert ids == sorted(ids)
    assert {len(one) for one in ids} == {20}
    assert ids[0][8:] == ids[1][8:], "the rest is what it is made of"
    assert stable_id("a", at=-1.0) != stable_id("b", at=-1.0)
    assert stable_id("a", at=1e18) != stable_id("b", at=1e18)
