import gzip
import io
import zipfile
from pathlib import Path

import pytest

from dns_events import parse
from firstsight.core.errors import InputError
from firstsight.core.popular import PopularText
from firstsight.lookups.lists import read_list, write_list

LIST = b"1,kestrelvale.com\r\n2,www.larkspur-fasteners.com\n3,co.uk\n4,wexcombe-travel.com\n"
TAKEN: dict[str, int | None] = {"kestrelvale.com": 1, "larkspur-fasteners.com": 2, "wexcombe-travel.com": 4}
METHODS = {
    "stored": zipfile.ZIP_STORED,
    "deflated": zipfile.ZIP_DEFLATED,
    "bz2": zipfile.ZIP_BZIP2,
    "xz": zipfile.ZIP_LZMA,
}


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def read(data: bytes, most: int = 100_000) -> PopularText:
    return read_list(io.BytesIO(data), "the list", parse, 100, most)


@pytest.mark.parametrize("data", [LIST, gzip.compress(LIST), b"\xef\xbb\xbf" + LIST], ids=["plain", "gz", "bom"])
def test_lists_are_read(data: bytes) -> None:
    assert read(data) == PopularText(TAKEN, 1)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_a_zip_is_read_however_it_is_packed(method: int) -> None:
    assert read(packed(("top-1m.csv", LIST), method=method)).entries == TAKEN
    assert read(packed(("lists/", b""), ("lists/top-1m.csv", LIST), method=method)).entries == TAKEN


BOMB = b"1,kestrelvale.com\n" + b"\n" * 2_000_000
ZIPPED = packed(("top.csv", LIST * 50))
XZIPPED = packed(("top.csv", LIST * 50), method=zipfile.ZIP_LZMA)
ENCRYPTED = ZIPPED.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(
    b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (ZIPPED[: len(ZIPPED) // 2], "can't be read"),
        (ZIPPED.replace(ZIPPED[50:60], bytes(10)), "can't be read"),
        (XZIPPED.replace(XZIPPED[60:70], bytes(10)), "can't be read"),
        (packed(("a.csv", LIST), ("b.csv", LIST)), "must hold one file"),
        (packed(), "holds no usable line"),
        (ENCRYPTED, "not encrypted"),
        (packed(("top.csv", BOMB)), "too large"),
        (gzip.compress(BOMB), "too large"),
        (BOMB, "too large"),
        (gzip.compress(b"a" * 70_000), "a line that is too long"),
        (gzip.compress(LIST)[:-12], "can't be read"),
        (b"1,kestrelvale.com\n\xff\xfe\n", "can't be read"),
        (b"1,kestrelvale.com\n<html>\n<body>\n", "more lines that can't be used (2) than domains (1)"),
        (b"", "holds no usable line"),
    ],
    ids=[
        "cut zip", "spoilt zip", "spoilt xz", "two files", "no file", "encrypted", "zip bomb", "gzip bomb", "endless",
        "one line", "cut gzip", "binary", "a page", "empty",
    ],
)  # fmt: skip
def test_what_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data)
    assert sentence in str(caught.value)


def test_a_list_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "popular.csv"
    write_list(target, PopularText({"kestrelvale.com": 1, "wexcombe-travel.com": None}, 0))
    assert target.read_text().splitlines()[1:] == ["1,kestrelvale.com", "wexcombe-travel.com"]

    (tmp_path / "blocked" / "in the way").mkdir(parents=True)
    with pytest.raises(InputError, match="The list in use stays as it is"):
        write_list(tmp_path / "blocked", PopularText(TAKEN, 0))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocked", "popular.csv"]
