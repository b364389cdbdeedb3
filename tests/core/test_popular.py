import os
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.errors import InputError
from firstsight.core.facts import Popularity
from firstsight.core.names import Kind, Name, NameParser
from firstsight.core.popular import Popular, PopularText, kept_text, parse_csv, parse_kept, parse_own
from firstsight.core.suffixes import Suffixes

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))
OWN = resources.files("firstsight.data").joinpath("popular.txt").read_text("utf-8").splitlines()
WHOLE = resources.files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")

PARSER = NameParser(
    Suffixes(
        ["com", "net", "org", "de", "uk", "co.uk", "io", "goog", "cn"],
        ["akamaized.net", "cloudfront.net", "github.io", "web.core.windows.net"],
    )
)
parse = PARSER.parse


def quiet(popular: Popular, name: str) -> bool:
    return popular.lookup(parse(name)) is not None


def test_a_name_is_popular_by_its_registrable_domain() -> None:
    popular = Popular("ours", {"example.com": 3, "shop.co.uk": None})
    assert popular.lookup(parse("a.b.EXAMPLE.com.")) == Popularity("ours", 3)
    assert popular.lookup(parse("shop.co.uk")) == Popularity("ours", None)
    assert popular.lookup(parse("notexample.com")) is None
    assert popular.lookup(parse("example.com.de")) is None
    assert len(popular) == 2


def test_a_popular_host_does_not_quiet_its_tenants() -> None:
    popular = Popular("ours", {"github.io": 1, "windows.net": 2, "cloudfront.net": 3})
    assert quiet(popular, "github.io")
    assert not quiet(popular, "phish.github.io")
    assert not quiet(popular, "phish.web.core.windows.net")
    assert not quiet(popular, "d1x.cloudfront.net")


def test_a_whole_suffix_quiets_every_tenant_and_itself() -> None:
    popular = Popular("ours", {"*.akamaized.net": None})
    assert quiet(popular, "cdn.media-1.akamaized.net")
    assert quiet(popular, "akamaized.net")
    assert not quiet(popular, "fakamaized.net")
    assert not quiet(popular, "net")


@pytest.mark.parametrize("name", ["example.lan", "wpad", "10.0.0.1", "co.uk", "a..example.com", "example.bit"])
def test_names_of_other_kinds_are_not_popular(name: str) -> None:
    assert not quiet(Popular("ours", {"example.com": 1, "*.akamaized.net": None}), name)


def test_own_text() -> None:
    text = parse_own(["# a heading", "", "Example.com  # why", "*.akamaized.net", "nonsense", "co.uk"], parse)
    assert text.entries == {"example.com": None, "*.akamaized.net": None}
    assert text.bad == 2


def test_ranked_text_as_lists_come() -> None:
    lines = [
        "\ufeffRank,Domain\r\n",
        '1,"Example.COM"\r\n',
        "\r\n",
        "2, www.shop.co.uk \n",
        "3,bücher.de\n",
        "4,co.uk",
        "x",
    ]
    text = parse_csv(lines, parse)
    assert text.entries == {"example.com": 1, "shop.co.uk": 2, "xn--bcher-kva.de": 3}
    assert text.bad == 2


def test_plain_text_has_no_ranks_and_top_counts_domains() -> None:
    lines = ["domain", "example.com", "# comment", "www.example.com", "?", "a.org", "b.org"]
    assert parse_csv(lines, parse).entries == {"example.com": None, "a.org": None, "b.org": None}
    assert parse_csv(lines, parse, top=2).entries == {"example.com": None, "a.org": None}
    assert parse_csv(lines, parse).bad == 1


def test_top_bounds_ranks_wherever_they_stand() -> None:
    text = parse_csv(["9,z.org", "3,c.org", "1,a.org", "2,b.org"], parse, top=2)
    assert text.entries == {"a.org": 1, "b.org": 2}
    assert text.bad == 0


def test_titled_columns_are_found() -> None:
    lines = ["GlobalRank,TldRank,Domain,TLD", "1,1,example.com,com", "7,2,a.org,org"]
    assert parse_csv(lines, parse).entries == {"example.com": 1, "a.org": 7}


def test_a_domain_keeps_its_first_rank() -> None:
    assert parse_csv(["5,example.com", "9,www.example.com"], parse).entries == {"example.com": 5}


def test_a_foreign_list_can_not_quiet_a_whole_suffix() -> None:
    text = parse_csv(["1,*.github.io", "2,*.akamaized.net", "3,a.org"], parse)
    assert text.entries == {"a.org": 3}
    assert text.bad == 2


@pytest.mark.parametrize(
    "lines", [[], ["", "\n"], ["<!DOCTYPE html>", "<p>Not found, sorry</p>"], ["rank,domain"], ["# only a comment"]]
)
def test_a_file_without_a_usable_line_is_refused(lines: list[str]) -> None:
    with pytest.raises(InputError, match="no usable line"):
        parse_csv(lines, parse)
    with pytest.raises(InputError, match="no usable line"):
        parse_own(lines, parse)


@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_text_is_read_or_counted(lines: list[str]) -> None:
    text = parse_csv([*lines, "1,example.com", "example.com"], parse)
    assert "example.com" in text.entries
    assert text.bad <= len(lines) + 1
    for domain in text.entries:
        assert parse(domain).registrable == domain


def refused(raw: object) -> Name:
    pytest.fail(f"{raw!r} has been checked before it was kept")


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.com", fullmatch=True), st.integers(1, 10**6), min_size=1))
def test_a_list_that_is_kept_is_read_without_a_check(ranks: dict[str, int]) -> None:
    for taken in (PopularText(dict(ranks), 0), PopularText(dict.fromkeys(ranks), 0)):
        text = kept_text(taken)
        assert parse_kept(text, refused, top=10**6) == taken
        assert parse_csv(text.splitlines(), parse) == taken  # as an earlier version reads it
        assert parse_kept(text.partition("\n")[2], parse, top=10**6) == taken  # as it wrote it


@pytest.mark.parametrize("ranked", [True, False])
def test_of_a_list_that_is_kept_as_much_counts_as_is_wanted(*, ranked: bool) -> None:
    entries = {f"{letter}.com": place if ranked else None for place, letter in enumerate("abcd", 1)}
    assert list(parse_kept(kept_text(PopularText(entries, 0)), refused, top=3).entries) == ["a.com", "b.com", "c.com"]


@pytest.mark.parametrize("line", ["9,*.co.uk\n", "9,www.example.org\n", "\n"])
def test_a_kept_list_that_somebody_has_changed_is_checked(line: str) -> None:
    text = kept_text(PopularText({"one.com": 1, "two.com": 2}, 0)) + line
    assert parse_kept(text, parse, top=10) == parse_csv(text.splitlines(), parse, top=10)


def test_the_shipped_list_is_clean() -> None:
    names = NameParser(Suffixes.from_list(WHOLE))
    text = parse_own(OWN, names.parse)
    entries = [line for line in OWN if line and not line.startswith("#")]
    assert text.bad == 0
    assert list(text.entries) == entries  # no host names, nothing twice
    assert 250 <= len(entries) <= 400


@pytest.mark.parametrize(
    "rented",
    [
        "d111111abcdef8.cloudfront.net", "x.azureedge.net", "x.azurewebsites.net", "x.github.io", "x.web.app",
        "x.blob.core.windows.net", "x.workers.dev", "x.pages.dev", "x.s3.amazonaws.com", "x.trafficmanager.net",
        "x.herokuapp.com", "x.netlify.app", "x.map.fastly.net", "bucket.storage.googleapis.com", "x.sharepoint.com",
    ],
)  # fmt: skip
def test_nothing_that_anyone_can_rent_is_on_the_shipped_list(rented: str) -> None:
    names = NameParser(Suffixes.from_list(WHOLE))
    name = names.parse(rented)
    assert name.kind is Kind.PUBLIC
    assert Popular("built-in", parse_own(OWN, names.parse).entries).lookup(name) is None


@pytest.mark.skipif(not (CORPUS / "sysmon22").is_dir(), reason="no corpus")
def test_the_shipped_list_covers_what_windows_asks_for() -> None:
    names = NameParser(Suffixes.from_list(WHOLE))
    popular = Popular("built-in", parse_own(OWN, names.parse).entries)
    path = CORPUS / "benign" / "lists" / "misp_microsoft_win10_connection_endpoints.txt"
    asked = [names.parse(line.strip().removeprefix("*.")) for line in path.read_text("utf-8").splitlines()]
    public = [name for name in asked if name.kind is Kind.PUBLIC]
    known = sum(popular.lookup(name) is not None for name in public)
    assert len(public) > 50
    assert known / len(public) > 0.8
