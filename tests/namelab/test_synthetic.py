import string
from random import Random

from namelab.synthetic import random_looking, uniform, word_made

LABEL = set(string.ascii_lowercase + string.digits + "-")


def test_families_of_no_word_are_labels_and_the_same_every_time() -> None:
    made = random_looking(Random(1), 50)
    assert made == random_looking(Random(1), 50)
    assert made != random_looking(Random(2), 50)
    for name, labels in made.items():
        assert len(labels) == 50, name
        assert all(set(label) <= LABEL and 5 <= len(label) <= 63 for label in labels), name
        assert len(set(labels)) > 40, name


def test_hexadecimal_ones_are_hexadecimal() -> None:
    made = random_looking(Random(1), 50)
    for name in ("hexadecimal, short", "hexadecimal", "hexadecimal, long"):
        assert all(set(label) <= set(string.hexdigits) for label in made[name])
    assert {len(label) for label in made["hexadecimal, short"]} == {8}


def test_families_of_words_are_made_of_them() -> None:
    words = ["merrow", "kestrel", "larkspur", "tolven"]
    made = word_made(Random(1), 20, words)

    assert all(label.split("-")[0] in words for label in made["two words, a hyphen"])
    assert any("kestrels" in label for label in made["three words, in other forms"])
    assert all(set(label) <= LABEL and len(label) <= 63 for labels in made.values() for label in labels)


def test_letters_at_random_are_of_the_lengths_asked_for() -> None:
    chance = Random(1)
    assert {len(uniform(chance, 4, 6)) for _ in range(100)} == {4, 5, 6}
