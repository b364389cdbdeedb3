import json
from pathlib import Path

import pytest

from firstsight import tables
from firstsight.core.errors import InputError
from firstsight.core.facts import Popularity
from firstsight.core.letterpairs import ORIGINAL_LOW
from firstsight.core.names import Kind

PARSER = tables.name_parser(["corp.example.com"])


def test_the_suffix_list_has_its_private_section() -> None:
    assert PARSER.parse("a.b.github.io").registrable == "b.github.io"
    assert PARSER.parse("www.city.kawasaki.jp").registrable == "city.kawasaki.jp"
    assert PARSER.parse("dc01.corp.example.com").kind is Kind.INTERNAL


def test_an_internal_suffix_that_is_no_name() -> None:
    with pytest.raises(InputError, match="is not a DNS name"):
        tables.name_parser(["not a name"])


def test_the_shipped_letter_pairs_tell_words_from_noise() -> None:
    pairs = tables.letter_pairs()
    usual, noise = pairs.scores("internationalisation"), pairs.scores("xkqzjvwbtpqz")

    assert usual[0] > ORIGINAL_LOW[0] > noise[0]
    assert usual[1] > ORIGINAL_LOW[1] > noise[1]


def test_the_shipped_looks() -> None:
    assert tables.looks().judge(PARSER.parse("www.xkqzjvwbtpqz.com")).strong
    assert not tables.looks().judge(PARSER.parse("www.merrowdale.com")).weak


def test_dynamic_dns_suffixes_are_names() -> None:
    suffixes = tables.dynamic_dns()

    assert {"duckdns.org", "no-ip.org", "mooo.com", "3322.org"} <= suffixes
    assert [name for name in suffixes if PARSER.parse(name).kind is not Kind.PUBLIC] == []
    assert "cloudfront.net" not in suffixes


def test_a_lesson_that_is_not_there_or_cannot_be_read(tmp_path: Path) -> None:
    model = tables.name_model()
    assert tables.lesson(tmp_path / "missing", model) == {}
    with pytest.raises(InputError, match="Is a directory"):
        tables.lesson(tmp_path, model)


def test_the_built_in_list_works_offline() -> None:
    own = tables.built_in_popular(PARSER.parse)

    assert len(own) > 250
    assert own.lookup(PARSER.parse("ctldl.windowsupdate.com")) == Popularity("firstsight")
    assert own.lookup(PARSER.parse("kestrelvale.com")) is None


def test_an_imported_list(tmp_path: Path) -> None:
    path = tmp_path / "popular.csv"
    assert tables.popular_file(path, "imported", PARSER.parse, 10) is None

    path.write_text("1,one.com\n2,two.com\n3,three.com\n")
    imported = tables.popular_file(path, "imported", PARSER.parse, 2)
    assert imported is not None
    assert (imported.name, len(imported)) == ("imported", 2)
    assert imported.lookup(PARSER.parse("www.two.com")) == Popularity("imported", 2)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"not,a,list\n"])
def test_an_imported_list_that_cannot_be_used(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "popular.csv"
    path.write_bytes(content)

    with pytest.raises(InputError):
        tables.popular_file(path, "imported", PARSER.parse, 10)


def test_a_list_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="import it again"):
        tables.popular_file(tmp_path, "imported", PARSER.parse, 10)


def test_rdap_servers(tmp_path: Path) -> None:
    shipped, origin = tables.rdap_servers("")
    assert "com" in json.dumps(json.loads(shipped))
    assert origin == "the shipped RDAP bootstrap"

    own = tmp_path / "dns.json"
    own.write_bytes(b"{}")
    assert tables.rdap_servers(str(own)) == (b"{}", str(own))

    with pytest.raises(InputError, match=r"missing\.json can't be read \(No such file or directory\)"):
        tables.rdap_servers(str(tmp_path / "missing.json"))
