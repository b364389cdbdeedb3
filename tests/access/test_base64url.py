import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.access.base64url import decoded, encoded


@given(data=st.binary(max_size=64))
def test_what_is_encoded_is_decoded_again(data: bytes) -> None:
    assert decoded(encoded(data)) == data
    assert "=" not in encoded(data)


def test_as_rfc_7515_writes_it() -> None:
    assert encoded(bytes([3, 236, 255, 224, 193])) == "A-z_4ME"  # its appendix C


@pytest.mark.parametrize("text", ["A", "AAAAA", "ü"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decoded(text)
