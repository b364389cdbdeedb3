from importlib import resources

import pytest

from firstsight.core.letterpairs import LetterPairs, parse_letter_pairs
from firstsight.core.names import Kind, NameParser
from firstsight.core.randomness import SHORTEST, judge_randomness
from firstsight.core.suffixes import Suffixes
from firstsight.core.verdict import Randomness

PARSER = NameParser(Suffixes(["com", "net", "uk", "co.uk"], ["cloudfront.net", "github.io"]))
PAIRS, LOW = parse_letter_pairs(resources.files("firstsight.data").joinpath("letter_pairs.json").read_bytes())


def judge(name: str) -> Randomness:
    return judge_randomness(PARSER.parse(name), PAIRS, LOW)


def test_scored_is_the_registrable_domain_with_its_suffix() -> None:
    assert judge("a.b.WWW.Merrowdale.co.uk.").freq == PAIRS.scores("merrowdale.co.uk")


def test_a_long_mashed_label_is_low_and_the_model_says_nothing_yet() -> None:
    assert judge("www.xkqvjzwpfhtgq.com") == Randomness(freq=PAIRS.scores("xkqvjzwpfhtgq.com"), low=True)


def test_words_are_not_low() -> None:
    assert not judge("merrowdale-logistics.com").low


def test_short_labels_are_not_judged() -> None:
    label = "xkqvjzwpfhtgq"
    assert judge(f"{label[:SHORTEST]}.com").low
    short = judge(f"{label[: SHORTEST - 1]}.com")
    assert short.freq is not None
    assert short.freq[0] < LOW[0]
    assert short.freq[1] < LOW[1]
    assert not short.low


def test_tenants_under_a_private_suffix_are_not_judged() -> None:
    assert PARSER.parse("xkqvjzwpfhtgq.cloudfront.net").kind is Kind.PUBLIC
    assert judge("xkqvjzwpfhtgq.cloudfront.net").freq == PAIRS.scores("xkqvjzwpfhtgq.cloudfront.net")
    assert not judge("xkqvjzwpfhtgq.cloudfront.net").low


def test_names_under_an_unknown_suffix_are() -> None:
    assert judge("xkqvjzwpfhtgq.bazar").low


def test_punycode_is_never_low() -> None:
    name = PARSER.parse("xn--80adxhks-xkqvjzw.com")
    always = (1000.0, 1000.0)
    assert not judge_randomness(name, PAIRS, always).low
    assert judge_randomness(PARSER.parse("merrowdale.com"), PAIRS, always).low


@pytest.mark.parametrize(
    "name", ["dc01.larkspur.lan", "wpad", "10.0.0.1", "1.0.0.10.in-addr.arpa", "co.uk", "a..b.com"]
)
def test_what_is_not_judged_has_no_score(name: str) -> None:
    assert judge(name) == Randomness()


@pytest.mark.parametrize(("low", "expected"), [((60.0, 60.0), True), ((60.0, 50.0), False), ((50.0, 60.0), False)])
def test_both_scores_must_be_below_their_threshold(low: tuple[float, float], expected: bool) -> None:
    pairs = LetterPairs({"ab": 1, "ac": 1, "ba": 1, "bc": 1, "a.": 0})
    name = PARSER.parse("ababababab.bazar")
    average, word = pairs.scores(name.registrable)
    scaled = (average * low[0] / 50, word * low[1] / 50)
    assert judge_randomness(name, pairs, scaled).low is expected
