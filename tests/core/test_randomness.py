import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight import tables
from firstsight.core.namemodel import STRONG, WEAK
from firstsight.core.names import NameParser
from firstsight.core.randomness import WORD_MADE, Thresholds, scored_label
from firstsight.core.suffixes import Suffixes
from firstsight.core.traits import PLACES
from firstsight.core.verdict import Randomness, WordMade

PARSER = NameParser(Suffixes(["com", "net", "uk", "co.uk", "to"], ["cloudfront.net", "github.io", "ddns.net"]))
DYNAMIC = frozenset({"ddns.net", "mooo.com", "us.to"})
LOOKS = tables.looks()
PAIRS = tables.letter_pairs()


def judge(name: str) -> Randomness:
    return LOOKS.judge(PARSER.parse(name))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("a.b.WWW.Merrowdale.co.uk.", "merrowdale"),
        ("merrowdale.com", "merrowdale"),
        ("xkqvjzwpfhtgq.cloudfront.net", ""),  # a provider's tenants get machine-made labels
        ("me.github.io", ""),
        ("cloudfront.net", "cloudfront"),
        ("www.xkqvjzwpfhtgq.ddns.net", "xkqvjzwpfhtgq"),
        ("www.xkqvjzwpfhtgq.mooo.com", "xkqvjzwpfhtgq"),  # dynamic DNS that the public suffix list lacks
        ("xkqvjzwpfhtgq.us.to", "xkqvjzwpfhtgq"),
        ("mooo.com", "mooo"),
        ("ddns.net", "ddns"),
        ("xkqvjzwpfhtgq.bazar", "xkqvjzwpfhtgq"),
        ("xn--80adxhks-xkqvjzw.com", ""),
        ("_ldap._tcp.bazar", ""),
        ("_dmarc.com", ""),
        ("*.mooo.com", ""),
        ("xkqvjzwpfh", ""),  # one of Chromium's three start-up probes
        ("dc01.larkspur.lan", ""),
        ("10.0.0.1", ""),
        ("1.0.0.10.in-addr.arpa", ""),
        ("co.uk", ""),
        ("a..b.com", ""),
    ],
)
def test_the_label_that_somebody_chose(name: str, label: str) -> None:
    assert scored_label(PARSER.parse(name), DYNAMIC) == label


def test_a_mashed_label_looks_random_and_says_why() -> None:
    found = judge("www.xkqvjzwpfhtgq.com")

    assert found.strong
    assert found.weak
    assert not found.word_made
    assert (found.label, found.threshold, found.words.threshold) == ("xkqvjzwpfhtgq", STRONG, WORD_MADE)
    assert found.freq == PAIRS.scores("xkqvjzwpfhtgq.com")
    assert found.share_below >= 0.999
    assert "13 letters without a vowel" in found.signs


def test_words_do_not_and_nothing_is_said() -> None:
    found = judge("merrowdale-logistics.com")

    assert not found.weak
    assert found.signs == ()
    assert found.freq == PAIRS.scores("merrowdale-logistics.com")


def test_a_name_that_is_not_scored_has_its_letter_pairs_all_the_same() -> None:
    assert judge("xkqvjzwpfhtgq.cloudfront.net") == Randomness(
        threshold=STRONG, words=WordMade(None, WORD_MADE), freq=PAIRS.scores("xkqvjzwpfhtgq.cloudfront.net")
    )


@pytest.mark.parametrize(
    "name", ["dc01.larkspur.lan", "wpad", "10.0.0.1", "1.0.0.10.in-addr.arpa", "co.uk", "a..b.com"]
)
def test_of_what_is_not_judged_nothing_is_said(name: str) -> None:
    assert judge(name) == Randomness()
    assert not Randomness().strong
    assert not Randomness().word_made


def test_a_site_may_set_its_own_thresholds() -> None:
    name = PARSER.parse("xkqvjzwpfhtgq.com")
    score = LOOKS.judge(name).score
    assert score is not None
    never = tables.looks(Thresholds(1.0, 1.0)).judge(PARSER.parse("merrowdale.com"))
    always = tables.looks(Thresholds(0.0001, 0.0001)).judge(name)

    assert (never.strong, never.weak) == (False, False)
    assert (always.strong, always.weak, always.threshold) == (True, True, 0.0001)


def test_a_lesson_is_taken_up_at_once_and_replaced() -> None:
    looks = tables.looks()
    name = PARSER.parse("wvxkzrtqpl.com")
    before = looks.judge(name)
    assert before.strong

    looks.teach(dict.fromkeys(range(PLACES), 10.0))
    assert not looks.judge(name).weak
    looks.teach({})
    assert looks.judge(name) == before


@given(st.text(max_size=80))
def test_any_name_is_judged_and_the_same_twice(text: str) -> None:
    found = judge(f"{text}.com")

    assert found == judge(f"{text}.com")
    assert found.score is None or 0 <= found.score <= 1
    assert found.weak or not found.strong
    assert found.weak is (found.score is not None and found.score >= WEAK)
