import json
import zlib
from importlib import resources

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.bands import outline_places
from firstsight.core.errors import InputError
from firstsight.core.namemodel import (
    STRONG,
    WEAK,
    ZERO,
    Head,
    ModelTable,
    NameModel,
    SiteTable,
    pack_model,
    parse_model,
    parse_site,
)
from firstsight.core.network import INPUTS, Network
from firstsight.core.outline import outline
from firstsight.core.traits import PLACES, places, root
from firstsight.core.usual import PACKED

SHIPPED = resources.files("firstsight.data").joinpath("randomness.msgpack").read_bytes()
TABLE = parse_model(SHIPPED)
MODEL = NameModel(TABLE)


def head(weights: dict[int, int] | None = None, bias: float = 0.0) -> Head:
    """A head of which only some places weigh anything, in halves."""
    table = bytearray([ZERO]) * PLACES
    for place, weight in (weights or {}).items():
        table[place] = ZERO + weight
    return Head(bias, 0.5, weak=1.0, strong=3.0, weights=bytes(table))


SILENT = Network([], [], [], [])


def table(random: Head, words: Head, network: Network = SILENT) -> ModelTable:
    usual = bytes(PACKED)
    return ModelTable("invented", "2026-11-24", "by hand", random, words, network, usual, [0.5, 0.99], [0.2, 0.6])


def test_a_figure_is_the_sum_over_the_root_calibrated() -> None:
    assert root("abc") == 15**0.5
    model = table(head({places("abc")[1]: 48}, bias=1.0 - 24 / 15**0.5), head())
    assert NameModel(model).scores("abc")[0] == WEAK  # 0.5 * 48 / sqrt(15) and the bias are 1.0, the weak figure

    assert NameModel(table(head(bias=3.0), head(bias=1.0))).scores("abc") == (STRONG, WEAK)
    assert NameModel(table(head(bias=-1.0), head(bias=5.0))).scores("xyz") == (0.1, 0.9878)


def test_negative_weights_are_negative() -> None:
    lowered = table(head({places("abc")[1]: -100}, bias=3.0), head())
    assert NameModel(lowered).scores("abc")[0] < 0.01
    assert NameModel(lowered).scores("xyz")[0] == STRONG


def test_what_a_site_has_taught_is_taken_off() -> None:
    plain = table(head(bias=3.0), head(bias=3.0))
    taught = NameModel(plain, {places("abc")[1]: 2.0 * root("abc")})

    assert taught.scores("abc") == (WEAK, STRONG)  # two less; the other head stays as it is
    assert taught.scores("xyz") == (STRONG, STRONG)


def test_the_label_as_a_whole_weighs_too() -> None:
    model = table(head({outline_places(outline("abc"))[0]: 24}, bias=1.0), head())
    assert NameModel(model).scores("abc")[0] > WEAK
    assert NameModel(model).scores("abcd")[0] == WEAK


def test_the_network_votes_on_both() -> None:
    length_alone = [1.0, *[0.0] * (INPUTS - 1)]
    model = NameModel(table(head(), head(), Network([length_alone], [-4.0], [1.0], [3.0])))
    assert model.scores("abcde") == (WEAK, STRONG)  # five characters, four less: one for `random`, three for `words`


def test_the_share_of_ordinary_names_below() -> None:
    model = NameModel(table(head(), head()))
    assert [model.share_below(score) for score in (0.0, 0.19, 0.2, 0.59, 0.6, 1.0)] == [0, 0, 0.5, 0.5, 0.99, 0.99]


def test_the_shipped_model() -> None:
    assert len(SHIPPED) < 1_000_000
    assert TABLE.source
    assert MODEL.share_below(STRONG) == 0.999
    assert MODEL.share_below(WEAK) >= 0.99


# Invented labels: whatever model is shipped, these are on their side of the thresholds.
MASHED = ("xkqvjzwpfhtgq", "q8z1mvt0k3xw9r", "3f9a71c04be28d65", "wvxkzrtqpl", "hgrtvbnmzxk")
WORDS = ("merrowdale", "larkspur-fasteners", "kestrelvale", "tolvenbridge-heritage", "brightwater", "gartenzwerge")


@pytest.mark.parametrize("label", MASHED)
def test_mashed_keys_look_random(label: str) -> None:
    assert MODEL.scores(label)[0] >= STRONG


@pytest.mark.parametrize("label", WORDS)
def test_words_do_not(label: str) -> None:
    assert MODEL.scores(label)[0] < WEAK


@pytest.mark.parametrize("label", ["hesitatemountain", "ought-quarrelsplendid", "sorrowtelegraphbeneath"])
def test_words_put_together_look_word_made(label: str) -> None:
    random, words = MODEL.scores(label)
    assert random < WEAK
    assert words >= WEAK


@given(st.text(max_size=80))
def test_any_text_has_scores(label: str) -> None:
    scores = MODEL.scores(label)
    assert all(0 <= score <= 1 for score in scores)
    assert MODEL.scores(label) == scores


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_score_is_above_more_names(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= MODEL.share_below(low) <= MODEL.share_below(high) < 1


PARTS = msgspec.msgpack.decode(SHIPPED)


def changed(**parts: object) -> bytes:
    return msgspec.msgpack.encode({**PARTS, **parts})


def with_weights(weights: object) -> dict[str, object]:
    return {**PARTS["random"], "weights": weights}


DAMAGED = {
    "empty": b"",
    "cut": SHIPPED[:5000],
    "not MessagePack": b"\xc1",
    "not text": changed().replace(b"tranco-list.eu", b"\xff" * 14),
    "another key": changed(more=1),
    "few weights": changed(random=with_weights(zlib.compress(b"few"))),
    "many weights": changed(random=with_weights(zlib.compress(bytes(PLACES + 1)))),
    "weights that are none": changed(random=with_weights("-")),
    "few counters": changed(usual=zlib.compress(b"few")),
    "not compressed": changed(usual=bytes(3)),
    "cut after it was compressed": changed(usual=PARTS["usual"][:4000]),
    "a unit less": changed(network={**PARTS["network"], "biases": []}),
    "thresholds the wrong way": changed(random={**PARTS["random"], "weak": 99.0}),
    "shares without scores": changed(scores=[]),
    "scores out of order": changed(scores=[1.0, *PARTS["scores"][1:]]),
}


@pytest.mark.parametrize("raw", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_model_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match=r"randomness model .*Install firstsight anew"):
        parse_model(raw)


def test_it_is_packed_as_it_is_shipped() -> None:
    assert parse_model(pack_model(TABLE)) == TABLE
    assert pack_model(TABLE) == SHIPPED


def test_another_model_is_another_whenever_it_was_made() -> None:
    assert parse_model(SHIPPED).identity() == TABLE.identity()
    weights = bytearray(TABLE.random.weights)
    weights[7] ^= 1
    other = msgspec.structs.replace(TABLE, random=msgspec.structs.replace(TABLE.random, weights=bytes(weights)))
    assert other.made == TABLE.made
    assert other.identity() != TABLE.identity()


def lesson(**changes: object) -> bytes:
    site = msgspec.to_builtins(SiteTable("2026-11-24T00:00:00Z", 500, TABLE.identity(), {7: 1.5, 9: 0.25}))
    return json.dumps({**site, **changes}).encode()


def test_a_lesson_is_read() -> None:
    assert parse_site(lesson(), TABLE) == {7: 1.5, 9: 0.25}


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "can't be read"),
        (lesson()[:30], "can't be read"),
        (lesson(places=[1]), "can't be read"),
        (lesson(places={"7": -1.0}), "out of bounds"),
        (lesson(places={str(PLACES): 1.0}), "out of bounds"),
        (lesson(model=TABLE.made), "another randomness model .*left out, and its file stays"),
    ],
)
def test_a_lesson_that_cannot_be_used(raw: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=rf"{sentence}.*Run `firstsight train` again"):
        parse_site(raw, TABLE)
