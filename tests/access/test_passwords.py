import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstsight.access.passwords import LONGEST, SHORTEST, USUAL, Cost, hash_password, matches
from firstsight.core.errors import InputError
from registers_of_tests import CHEAP, cheap_password


@settings(max_examples=30)
@given(st.text(min_size=SHORTEST, max_size=LONGEST), st.text(max_size=20))
def test_only_the_same_password_matches(password: str, other: str) -> None:
    kept = cheap_password(password)

    assert matches(password, kept)
    assert matches(other, kept) is (other == password)
    assert password not in kept


def test_each_hash_has_a_salt_of_its_own_and_its_parameters() -> None:
    one, two = cheap_password(), cheap_password()

    assert one != two
    assert one.startswith("scrypt$4$1$1$")
    assert matches("a password of before", hash_password("a password of before", Cost(5, 2, 1)))


def test_new_ones_cost_what_is_advised() -> None:
    assert USUAL.log_n >= 16
    assert 128 * USUAL.r << USUAL.log_n >= 64 * 1024 * 1024
    assert matches("a password of today", hash_password("a password of today"))


@pytest.mark.parametrize("password", ["", "short", "x" * (LONGEST + 1)])
def test_what_is_too_short_or_too_long(password: str) -> None:
    with pytest.raises(InputError, match="12 to 256 characters"):
        hash_password(password, CHEAP)


@pytest.mark.parametrize("kept", ["", "plain", "md5$1$1$1$AA==$AA=="])
def test_what_cannot_be_read_is_no_password(kept: str) -> None:
    with pytest.raises(ValueError):
        matches("whatever it may be", kept)
