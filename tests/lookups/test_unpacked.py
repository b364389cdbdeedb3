"""Packed lists, as streams."""

import gzip
import io
import zipfile

import pytest

from firstsight.lookups.unpacked import unpacked


def zipped(*members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for text in members:
            archive.writestr(f"{len(text)}.txt", text)
    return out.getvalue()


def read(data: bytes, *, largest: bool = False) -> bytes:
    with unpacked(io.BytesIO(data), largest=largest) as stream:
        return stream.read()


@pytest.mark.parametrize("data", [b"list", gzip.compress(b"list"), zipped("list")], ids=["plain", "gz", "zip"])
@pytest.mark.parametrize("largest", [False, True])
def test_a_list_is_unpacked_by_its_first_bytes(data: bytes, largest: bool) -> None:
    assert read(data, largest=largest) == b"list"


def test_of_a_zip_with_several_files_the_largest_is_taken_or_none() -> None:
    data = zipped("a", "the list", "me")
    assert read(data, largest=True) == b"the list"
    with pytest.raises(ValueError, match="must hold one file, not encrypted; this one holds 3"):
        read(data)
