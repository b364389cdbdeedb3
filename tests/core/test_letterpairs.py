import gzip
import json
import os
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.errors import InputError
from firstsight.core.letterpairs import IGNORED, ORIGINAL_LOW, LetterPairs, parse_freq_table, parse_letter_pairs

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))
SHIPPED = resources.files("firstsight.data").joinpath("letter_pairs.json").read_bytes()

LETTERS = st.sampled_from("abcxyzABC019.-_ü")
COUNTS = st.dictionaries(st.tuples(LETTERS, LETTERS).map("".join), st.integers(0, 1000), max_size=40)


@pytest.mark.skipif(not (CORPUS / "freq").is_dir(), reason="no corpus")
def test_the_original_table_gives_every_published_score() -> None:
    pairs = parse_freq_table((CORPUS / "freq" / "freqtable2018.freq").read_bytes())
    with gzip.open(CORPUS / "freq" / "freq_score_oracle_5k.jsonl.gz") as lines:
        published = [json.loads(line) for line in lines]

    wrong = [one for one in published if list(pairs.scores(one["domain"])) != one["freq_score"]]

    assert len(published) == 5000
    assert wrong == []


def test_average_and_word_by_hand() -> None:
    pairs = LetterPairs({"ab": 3, "ac": 1, "bc": 4, "bd": 12})
    # abc: P(b|a) = 3/4 and P(c|b) = 4/16; together 3 + 4 pairs out of 4 + 16 first letters
    assert pairs.scores("abc") == (50.0, 35.0)


def test_case_is_merged_in_the_table_and_in_the_text() -> None:
    mixed = LetterPairs({"Ab": 1, "aB": 1, "AB": 1, "ac": 1})
    assert mixed.scores("AB") == mixed.scores("ab") == (75.0, 75.0)
    strict = LetterPairs({"Ab": 1, "ab": 3, "ac": 1}, ignore_case=False)
    assert strict.scores("Ab") == (100.0, 100.0)
    assert strict.scores("ab") == (75.0, 75.0)


def test_ignored_second_letters_leave_the_average_but_not_the_word() -> None:
    pairs = LetterPairs({"ab": 1, "a-": 3})
    assert pairs.scores("ab") == (100.0, 25.0)


def test_a_pair_of_ignored_letters_is_skipped() -> None:
    pairs = LetterPairs({"ab": 1, "b-": 1, "--": 8})
    assert pairs.scores("ab--") == pairs.scores("ab-")
    assert pairs.scores("--") == (0.0, 0.0)


def test_a_pair_never_seen_counts_as_unlikely() -> None:
    pairs = LetterPairs({"ab": 1, "ba": 1})
    assert pairs.scores("abb") == (50.0, 50.0)  # bb: 0 of b's one
    assert pairs.scores("ab€") == (50.0, 50.0)
    assert pairs.scores("€ab") == (50.0, 100.0)  # € never began a pair, so it weighs nothing in the word


@pytest.mark.parametrize("text", ["", "a", "-"])
def test_no_pair_no_score(text: str) -> None:
    assert LetterPairs({"ab": 1}).scores(text) == (0.0, 0.0)


@given(COUNTS, st.text(alphabet="abcxyz019.-_üABC", max_size=30))
def test_scores_are_those_of_the_formula(counts: dict[str, int], text: str) -> None:
    average, word = LetterPairs(counts).scores(text)

    merged: dict[str, int] = {}
    for pair, count in counts.items():
        merged[pair.lower()] = merged.get(pair.lower(), 0) + count
    told = [a + b for a, b in pairwise(text.lower()) if not (a in IGNORED and b in IGNORED)]
    likely, together, firsts = [], 0, 0
    for pair in told:
        of = {key: count for key, count in merged.items() if key[0] == pair[0]}
        usable = sum(count for key, count in of.items() if key[1] not in IGNORED)
        likely.append(merged.get(pair, 0) / usable if usable else 0.0)
        together += merged.get(pair, 0)
        firsts += sum(of.values())
    assert average == pytest.approx(100 * sum(likely) / len(likely) if likely else 0.0, abs=6e-5)
    assert word == pytest.approx(100 * together / firsts if firsts else 0.0, abs=6e-5)


@pytest.mark.parametrize("counts", [{"abc": 1}, {"a": 1}, {"": 1}, {"ab": -1}])
def test_a_table_of_something_else_is_refused(counts: dict[str, int]) -> None:
    with pytest.raises(InputError, match="letter-pair table holds"):
        LetterPairs(counts)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b'{"counts": {"ab": 1}}', b"\xff", SHIPPED[:500], SHIPPED.replace(b'"how"', b'"why"')]
)
def test_an_unreadable_table_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match="can't be read"):
        parse_letter_pairs(raw)


@pytest.mark.parametrize("raw", [b"", b"[]", b"[true]", b'[true, "-", [["a", [["b"]]]]]', b"\xff\xff"])
def test_an_unreadable_original_table_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError, match="frequency table can't be read"):
        parse_freq_table(raw)


def test_the_original_format_is_read() -> None:
    pairs = parse_freq_table(b'[true, "-", [["a", [["b", 3], ["c", 1]]], ["A", [["B", 4]]]]]')
    assert pairs.scores("ab") == (87.5, 87.5)


def test_the_shipped_table_is_sorted_and_tells_words_from_mashed_keys() -> None:
    counts = json.loads(SHIPPED)["counts"]
    assert list(counts) == sorted(counts)

    pairs, (low_average, low_word) = parse_letter_pairs(SHIPPED), ORIGINAL_LOW
    average, word = pairs.scores("merrowdale-logistics.com")
    assert average > low_average
    assert word > low_word
    average, word = pairs.scores("xkqvjzwpfhtgq.com")
    assert average < low_average
    assert word < low_word
