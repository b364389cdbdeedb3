import math

from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.network import INPUTS, Network, inputs
from firstsight.core.outline import outline
from firstsight.core.traits import bounded, hashes
from firstsight.core.usual import PACKED, USUAL_RUNS, Held, Usual

HELD_BY_ALL = Usual(b"\xff" * PACKED)


def unit(at: int, weight: float) -> list[float]:
    """A hidden unit that reads one input."""
    return [weight if place == at else 0.0 for place in range(INPUTS)]


def test_hidden_units_that_are_below_nothing_say_nothing() -> None:
    net = Network([unit(0, 2.0), unit(0, -1.0)], [1.0, 0.5], [10.0, 100.0], [-1.0, 7.0])
    assert net.figures([3.0, *[0.0] * (INPUTS - 1)]) == (70.0, -7.0)  # 2 * 3 + 1, and -3 + 0.5, which is none


def test_what_it_reads_of_a_label() -> None:
    label = "kestrel9"
    usual = [Held(runs=4, total=12, least=1, seldom=2), *[Held(0, 0, 0, 0)] * (len(USUAL_RUNS) - 1)]
    seen = inputs(outline(label), usual)

    assert len(seen) == INPUTS
    assert seen[:6] == [8, math.log(8), 2, 2 / 8, 1, 1 / 8]
    assert seen[-15:-10] == [3.0, 3 * math.sqrt(8), 1, 2, 2 / 8]
    assert seen[-10:] == [0] * 10  # too short for longer runs


def test_parts_that_do_not_fit() -> None:
    assert Network([unit(0, 1.0)], [0.0], [1.0], [1.0]).fits()
    assert not Network([unit(0, 1.0)[1:]], [0.0], [1.0], [1.0]).fits()
    assert not Network([unit(0, 1.0)], [0.0], [1.0, 2.0], [1.0]).fits()


@given(st.text(max_size=100))
def test_it_reads_any_text(text: str) -> None:
    label = bounded(text)
    seen = inputs(outline(text), HELD_BY_ALL.held(label, hashes(label)))
    assert len(seen) == INPUTS
    assert all(math.isfinite(figure) for figure in seen)
