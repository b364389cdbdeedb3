"""The suffix table answers as publicsuffixlist does, on the real list; and the rules' own corner cases."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE, PublicSuffixList

from firstsight.core.errors import InputError
from firstsight.core.suffixes import Suffixes

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))
LIST = Path(PSLFILE).read_text(encoding="utf-8")
OURS = Suffixes.from_list(LIST)
WHOLE = PublicSuffixList(LIST, accept_unknown=False)
ICANN = PublicSuffixList(LIST, accept_unknown=False, only_icann=True)

# Every rule as A-labels, without its `!` or `*.`.
RULES = sorted(
    line.split()[0].lstrip("!").removeprefix("*.").encode("idna").decode()
    for line in LIST.splitlines()
    if line.strip() and not line.startswith("//")
)
LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_*", min_size=1, max_size=8)
# Labels that rules are made of, and labels that none has.
FRONTS = st.lists(st.one_of(LABELS, st.sampled_from(["www", "city", "compute", "com", "co", "ck", "*"])), max_size=3)


def expected(name: str) -> tuple[str | None, str | None]:
    return WHOLE.publicsuffix(name), ICANN.publicsuffix(name)


@pytest.mark.parametrize("front", ["", "a.", "www.", "b.a."])
def test_every_rule_of_the_list(front: str) -> None:
    names = [front + rule for rule in RULES]
    assert len(names) > 9000
    assert [(name, OURS.lookup(name)) for name in names] == [(name, expected(name)) for name in names]


def test_what_stands_above_every_rule() -> None:
    names = {rule.partition(".")[2] for rule in RULES if "." in rule}
    assert {name: OURS.lookup(name) for name in names} == {name: expected(name) for name in names}


@settings(max_examples=300, deadline=None)
@given(FRONTS, st.one_of(LABELS, st.sampled_from(RULES)))
def test_any_name(front: list[str], rest: str) -> None:
    name = ".".join([*front, rest])
    assert OURS.lookup(name) == expected(name)


@pytest.mark.parametrize("file", ["benign_hostnames_umbrella", "benign_hostnames_crux_25k", "isp_rdns_hostnames_2k"])
def test_real_host_names(file: str) -> None:
    path = CORPUS / "benign" / f"{file}.txt.gz"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    names = [line.lower() for line in gzip.decompress(path.read_bytes()).decode().split()]
    assert len(names) > 1500
    assert [(name, OURS.lookup(name)) for name in names] == [(name, expected(name)) for name in names]


@pytest.mark.parametrize(
    ("name", "suffix", "icann"),
    [
        ("www.google.co.uk", "co.uk", "co.uk"),
        ("co.uk", "co.uk", "co.uk"),
        ("x.y.github.io", "github.io", "io"),
        ("github.io", "github.io", "io"),
        ("a.foo.ck", "foo.ck", "foo.ck"),
        ("foo.ck", "foo.ck", "foo.ck"),
        ("a.shop.foo.ck", "shop.foo.ck", "foo.ck"),
        ("ck", "ck", "ck"),
        ("www.ck", "ck", "ck"),
        ("a.www.ck", "ck", "ck"),
        ("a.eu.compute.example", "eu.compute.example", "example"),
        ("compute.example", "compute.example", "example"),
        ("a.xn--55qx5d.cn", "xn--55qx5d.cn", "xn--55qx5d.cn"),
        ("a.b.bazar", None, None),
        ("bazar", None, None),
        # A private suffix under a root that ICANN doesn't list.
        ("me.alone.eth", "alone.eth", None),
        ("other.eth", None, None),
    ],
)
def test_rules(name: str, suffix: str | None, icann: str | None) -> None:
    rules = Suffixes(
        icann=["co.uk", "uk", "io", "*.ck", "!www.ck", "EXAMPLE", "cn", "公司.cn"],
        private=["github.io", "shop.foo.ck", "*.compute.example", "alone.eth"],
    )
    assert rules.lookup(name) == (suffix, icann)


def test_the_published_form() -> None:
    rules = Suffixes.from_list(
        "// a comment\n// ===BEGIN ICANN DOMAINS===\n\n// uk : a comment\nuk\nco.uk the rest is no rule\n"
        "// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\nblogs.co.uk\n// ===END PRIVATE DOMAINS===\n"
    )
    assert rules.lookup("a.b.co.uk") == ("co.uk", "co.uk")
    assert rules.lookup("a.blogs.co.uk") == ("blogs.co.uk", "co.uk")
    assert rules.lookup("the.rest") == (None, None)


@pytest.mark.parametrize("text", ["", "com\nco.uk\n", LIST[: LIST.index("// ===BEGIN ICANN")], "<html>404</html>"])
def test_what_is_not_the_list_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="holds no ICANN rules"):
        Suffixes.from_list(text)


def test_a_rule_that_is_no_name_is_refused() -> None:
    with pytest.raises(InputError, match="no DNS name"):
        Suffixes(["com", "b\ue000d"])
