from random import Random

import pytest

from firstsight import tables
from firstsight.core.lesson import COST, flagged, learn, made_up
from firstsight.core.namemodel import WEAK, NameModel
from firstsight.core.traits import character_places

TABLE = tables.name_model()
MODEL = NameModel(TABLE)


def plant(count: int, seed: int = 1) -> list[str]:
    """Ordinary here: the machines of a plant, each named after its line and a number of the maker's."""
    chance = Random(seed)
    return [f"hzqk{chance.choice(('kjx', 'qzr', 'xvb'))}stvx{chance.randint(10, 99)}" for _ in range(count)]


def test_what_a_sites_names_share_weighs_less() -> None:
    names = plant(200)
    others = plant(100, seed=2)
    lesson = learn(TABLE, names)
    after = NameModel(TABLE, lesson)

    assert flagged(MODEL, others).weak > 0.9
    assert flagged(after, others).weak < 0.1
    assert all(less > 0 for less in lesson.values())
    shared = {place for name in names for place in character_places(name, 3)}
    assert set(lesson) <= shared


def test_it_costs_next_to_no_machine_made_name() -> None:
    before = flagged(MODEL, made_up())
    after = flagged(NameModel(TABLE, learn(TABLE, plant(200))), made_up())

    assert before.strong > 0.7
    assert before.strong - COST <= after.strong <= before.strong


def test_names_that_share_nothing_teach_nothing() -> None:
    chance = Random(3)
    mashed = ["".join(chance.choices("bcdfghjkmnpqrtvwxz", k=14)) for _ in range(20)]
    assert learn(TABLE, mashed) == {}


def test_a_lesson_that_would_hide_machine_made_names_is_weakened_or_dropped() -> None:
    lesson = learn(TABLE, made_up())
    after = NameModel(TABLE, lesson)

    assert flagged(after, made_up()).strong >= flagged(MODEL, made_up()).strong - COST


def test_ordinary_names_teach_nothing() -> None:
    names = [f"{first}{second}" for first in ("merrow", "kestrel", "larkspur") for second in ("dale", "vale", "wood")]
    assert all(MODEL.scores(name)[0] < WEAK for name in names)
    assert learn(TABLE, names) == {}


def test_no_name_scores_higher_by_a_lesson() -> None:
    after = NameModel(TABLE, learn(TABLE, plant(200)))
    for name in [*plant(20, seed=4), *made_up()[:200], "merrowdale", "kestrelvale"]:
        assert after.scores(name)[0] <= MODEL.scores(name)[0]


@pytest.mark.parametrize("labels", [[], ["merrowdale"]])
def test_nearly_nothing(labels: list[str]) -> None:
    assert learn(TABLE, labels) == {}
    assert flagged(MODEL, labels).strong == 0
