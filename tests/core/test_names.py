"""What a name is and which domain it belongs to. The table is the specification."""

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from publicsuffixlist import PSLFILE

from firstsight.core.errors import InputError
from firstsight.core.names import Kind, Name, NameParser, unicode_of
from firstsight.core.suffixes import Suffixes

CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).parents[3] / "shared" / "data"))
SUFFIXES = Suffixes.from_list(Path(PSLFILE).read_text(encoding="utf-8"))
PARSER = NameParser(SUFFIXES, internal=["corp.example.com", ".Intra.", "BÜRO.de", "*.ad.acme.net", "github.io"])
parse = PARSER.parse
NO_SETTINGS = NameParser(SUFFIXES)


def public(fqdn: str, registrable: str, registered: str, suffix: str) -> Name:
    return Name(Kind.PUBLIC, fqdn, registrable, registered, suffix)


def plain(fqdn: str, registrable: str, suffix: str) -> Name:
    """A public name whose suffix is ICANN's: the registry is asked for the very domain that is seen."""
    return public(fqdn, registrable, registrable, suffix)


TABLE = {
    # Public: the registrable domain is one label more than the public suffix.
    "www.google.co.uk": plain("www.google.co.uk", "google.co.uk", "co.uk"),
    "bing.com": plain("bing.com", "bing.com", "com"),
    "WWW.Bing.COM": plain("www.bing.com", "bing.com", "com"),
    "example.com.": plain("example.com", "example.com", "com"),
    "  example.com \r\n": plain("example.com", "example.com", "com"),
    "_ldap._tcp.dc._msdcs.pandalab.com.": plain("_ldap._tcp.dc._msdcs.pandalab.com", "pandalab.com", "com"),
    "*.x.com": plain("*.x.com", "x.com", "com"),
    "a.b.foo.ck": plain("a.b.foo.ck", "b.foo.ck", "foo.ck"),
    "a.www.ck": plain("a.www.ck", "www.ck", "ck"),
    "a" * 63 + ".com": plain("a" * 63 + ".com", "a" * 63 + ".com", "com"),
    # Private suffixes: the tenant's domain is seen, the operator's is what the registry knows.
    "x.y.blogspot.com": public("x.y.blogspot.com", "y.blogspot.com", "blogspot.com", "blogspot.com"),
    "d1.cloudfront.net": public("d1.cloudfront.net", "d1.cloudfront.net", "cloudfront.net", "cloudfront.net"),
    "azurewebsites.net": public("azurewebsites.net", "azurewebsites.net", "azurewebsites.net", "azurewebsites.net"),
    "compute.amazonaws.com": public(
        "compute.amazonaws.com", "compute.amazonaws.com", "amazonaws.com", "compute.amazonaws.com"
    ),
    # One domain, however it is written.
    "bücher.de": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    "BÜCHER.de": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    "XN--BCHER-KVA.DE": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    "bücher．de。": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    r"b\195\188cher.de": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    r"b\xc3\xbccher.de": plain("xn--bcher-kva.de", "xn--bcher-kva.de", "de"),
    "ｅｘａｍｐｌｅ.com": plain("example.com", "example.com", "com"),
    r"\101xampl\069.com": plain("example.com", "example.com", "com"),
    r"ex\x41mple.com": plain("example.com", "example.com", "com"),
    r"\ex\ample.com": plain("example.com", "example.com", "com"),
    "i❤.ws": plain("xn--i-7iq.ws", "xn--i-7iq.ws", "ws"),
    "пример.рф": plain("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai", "xn--p1ai"),
    "shop.公司.cn": plain("shop.xn--55qx5d.cn", "shop.xn--55qx5d.cn", "xn--55qx5d.cn"),
    # RFC 6761 leaves them to the resolvers' ordinary business, and people test with them.
    "example.net": plain("example.net", "example.net", "net"),
    # No suffix that the list knows: the last two labels.
    "a.b.bazar": Name(Kind.UNKNOWN_SUFFIX, "a.b.bazar", "b.bazar"),
    "facebookcorewwwi.onion": Name(Kind.UNKNOWN_SUFFIX, "facebookcorewwwi.onion", "facebookcorewwwi.onion"),
    "version.bind": Name(Kind.UNKNOWN_SUFFIX, "version.bind", "version.bind"),
    "1.2.3.256": Name(Kind.UNKNOWN_SUFFIX, "1.2.3.256", "3.256"),
    # Internal by the standards ...
    "localhost": Name(Kind.INTERNAL, "localhost"),
    "a.test": Name(Kind.INTERNAL, "a.test"),
    "doh.example": Name(Kind.INTERNAL, "doh.example"),
    "MORDORDC.THESHIRE.LOCAL.": Name(Kind.INTERNAL, "mordordc.theshire.local"),
    "router.lan": Name(Kind.INTERNAL, "router.lan"),
    "corp": Name(Kind.INTERNAL, "corp"),
    "nas.home.arpa": Name(Kind.INTERNAL, "nas.home.arpa"),
    "ipv4only.arpa": Name(Kind.INTERNAL, "ipv4only.arpa"),
    "_dns.resolver.arpa": Name(Kind.INTERNAL, "_dns.resolver.arpa"),
    "thelocal": Name(Kind.SINGLE_LABEL, "thelocal"),
    "my.thelocal": Name(Kind.UNKNOWN_SUFFIX, "my.thelocal", "my.thelocal"),
    # ... and by the settings, whatever the list says.
    "corp.example.com": Name(Kind.INTERNAL, "corp.example.com"),
    "a.b.corp.example.com": Name(Kind.INTERNAL, "a.b.corp.example.com"),
    "notcorp.example.com": plain("notcorp.example.com", "example.com", "com"),
    "x.intra": Name(Kind.INTERNAL, "x.intra"),
    "pc.büro.de": Name(Kind.INTERNAL, "pc.xn--bro-hoa.de"),
    "pc.xn--bro-hoa.de": Name(Kind.INTERNAL, "pc.xn--bro-hoa.de"),
    "dc.ad.acme.net": Name(Kind.INTERNAL, "dc.ad.acme.net"),
    "y.github.io": Name(Kind.INTERNAL, "y.github.io"),
    # Reverse.
    "1.0.0.127.in-addr.arpa": Name(Kind.REVERSE, "1.0.0.127.in-addr.arpa"),
    "b.a.9.8.IP6.ARPA.": Name(Kind.REVERSE, "b.a.9.8.ip6.arpa"),
    "in-addr.arpa": Name(Kind.REVERSE, "in-addr.arpa"),
    "x.uri.arpa": plain("x.uri.arpa", "x.uri.arpa", "uri.arpa"),
    # One label.
    "wpad": Name(Kind.SINGLE_LABEL, "wpad"),
    "fvukewediih": Name(Kind.SINGLE_LABEL, "fvukewediih"),
    "WORKSTATION6": Name(Kind.SINGLE_LABEL, "workstation6"),
    "onion": Name(Kind.SINGLE_LABEL, "onion"),
    "12345": Name(Kind.SINGLE_LABEL, "12345"),
    # Addresses.
    "5.0.0.10": Name(Kind.ADDRESS, "5.0.0.10"),
    "5.0.0.10.": Name(Kind.ADDRESS, "5.0.0.10"),
    "::1": Name(Kind.ADDRESS, "::1"),
    "[::1]": Name(Kind.ADDRESS, "::1"),
    "2001:DB8:0:0::1": Name(Kind.ADDRESS, "2001:db8::1"),
    "::ffff:1.2.3.4": Name(Kind.ADDRESS, "1.2.3.4"),
    "fe80::1%eth0": Name(Kind.ADDRESS, "fe80::1"),
    # An ICANN suffix asked bare.
    "com": Name(Kind.SUFFIX, "com", suffix="com"),
    "co.uk": Name(Kind.SUFFIX, "co.uk", suffix="co.uk"),
    "ck": Name(Kind.SUFFIX, "ck", suffix="ck"),
    "foo.ck": Name(Kind.SUFFIX, "foo.ck", suffix="foo.ck"),
    "公司.cn": Name(Kind.SUFFIX, "xn--55qx5d.cn", suffix="xn--55qx5d.cn"),
}


@pytest.mark.parametrize("text", TABLE, ids=ascii)
def test_kinds_of_name(text: str) -> None:
    assert parse(text) == TABLE[text]


@pytest.mark.parametrize(
    "raw",
    [
        # An empty label.
        *("", ".", "..", "..localmachine", ".a.org", "a..b.org", "a.org..", "。", "\u00ad.com", "\u00ad"),
        # Another character.
        *("a b.com", "a\tb.com", "a/b.com", "a,b.com", "(empty)", "[1,2]", "[]", "<b>.com", "a:b", "é@x.com", "\0"),
        *("$.com", "＄.com", "b\u202e.com", "\ud800.com", "a\ud800\\032.com", "[::1]:53", "::1%", "1.2.3.4%eth0"),
        # Escapes: a dot in a label, an octet that has no place, no UTF-8, broken.
        *(r"a\.b.com", r"a\x2eb.com", r"a\046b.com", r"a\032b.com", r"*\x00\x00", r"a\256.com", r"\x2e", "a.com\\."),
        *(r"a\xff.com", r"a\195.com", r"a\xg0.com", r"a\x", r"a\1.com", r"a\12b.com", "a.com\\"),
        # Not even text.
        *(None, 7, 1.5, True, b"a.com", ["a.com"], {"a": "com"}, object()),
    ],
    ids=lambda raw: type(raw).__name__ if type(raw) is object else ascii(raw),
)
def test_invalid(raw: object) -> None:
    assert parse(raw) == Name(Kind.INVALID, "")


@pytest.mark.parametrize("unit", ["a", "ü", "a.", "ü.", " ", "\\", r"\x41", "[", "1.", "١", "xn--"])
def test_too_long(unit: str) -> None:
    assert parse(unit * 1_000_000).kind is Kind.INVALID
    assert parse(unit * 240 + ".com").kind is Kind.INVALID


@pytest.mark.parametrize("label", ["a" * 64, "ü" * 60])
def test_too_long_a_label(label: str) -> None:
    assert parse(f"{label}.com").kind is Kind.INVALID
    assert parse(f"{label[:30]}.com").kind is Kind.PUBLIC


def test_the_longest_name() -> None:
    longest = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 57, "com"])
    assert len(longest) == 253
    assert parse(longest + ".").fqdn == longest
    assert parse("x" + longest).kind is Kind.INVALID  # the label is full
    assert parse(longest.replace("d.", "dd.")).kind is Kind.INVALID  # one octet more
    escaped = "".join(f"\\{ord(c):03}" if c != "." else "." for c in longest)
    assert parse(escaped + ".").fqdn == longest


@pytest.mark.parametrize(
    ("text", "label", "judged"),
    [
        ("www.google.co.uk", "google", True),
        ("a.tenant.azurewebsites.net", "tenant", True),
        ("azurewebsites.net", "azurewebsites", True),
        ("x.kxqzvw.bazar", "kxqzvw", True),
        ("co.uk", "", False),
        ("wpad", "", False),
        ("a.b.local", "", False),
        ("1.0.0.127.in-addr.arpa", "", False),
        ("10.0.0.1", "", False),
        ("..", "", False),
    ],
)
def test_the_label_somebody_chose(text: str, label: str, judged: bool) -> None:
    name = parse(text)
    assert (name.label, name.judged) == (label, judged)


@pytest.mark.parametrize("text", ["", " ", ".", "*", "*.", "a b", "a..b", "x" * 64])
def test_an_internal_name_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=re.escape(repr(text))):
        NameParser(SUFFIXES, [text])


def test_without_settings_only_the_standards_are_internal() -> None:
    assert NO_SETTINGS.parse("a.corp.example.com") == plain("a.corp.example.com", "example.com", "com")
    assert NO_SETTINGS.parse("github.io") == public("github.io", "github.io", "github.io", "github.io")
    assert NO_SETTINGS.parse("a.local").kind is Kind.INTERNAL


def test_a_root_can_be_internal() -> None:
    parser = NameParser(SUFFIXES, ["net"])
    # Also what stands under a private suffix in it.
    assert parser.parse("a.azurewebsites.net").kind is Kind.INTERNAL
    assert parser.parse("net").kind is Kind.INTERNAL
    assert parser.parse("a.com").kind is Kind.PUBLIC


@pytest.mark.parametrize(
    ("fqdn", "shown"),
    [
        ("www.xn--bcher-kva.de", "www.bücher.de"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--i-7iq.ws", "i❤.ws"),
        ("xn--google-.xn--bcher-kva.de", "xn--google-.bücher.de"),
        ("example.com", "example.com"),
        ("", ""),
    ],
)
def test_unicode_of(fqdn: str, shown: str) -> None:
    assert unicode_of(fqdn) == shown


# Text that is nearly a name: labels, dots, escapes, other scripts, and what breaks them.
PIECES = st.sampled_from(
    [
        *"abz09-_*. \\:%[]/üß漢😀。．\u0301\u200d\ud800",
        *("xn--", "xn--bcher-kva", r"\x2e", r"\046", r"\195\188", r"\x"),
        *(".com", ".co.uk", ".ck", "www.ck", ".github.io", ".local", ".in-addr.arpa", "1.2.3.4", "::1", ".bazar"),
    ]
)
NEARLY = st.lists(PIECES, max_size=8).map("".join)


@settings(deadline=None)
@given(st.one_of(st.text(), NEARLY, st.none(), st.integers(), st.binary(), st.lists(st.text())))
@example(["a.com"])
def test_parse_never_raises(raw: object) -> None:
    assert isinstance(parse(raw), Name)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), NEARLY))
def test_what_a_name_promises(text: str) -> None:
    name = parse(text)
    assert parse(name.fqdn) == name
    assert parse(name.fqdn.upper() + ".") == name or name.kind in {Kind.INVALID, Kind.ADDRESS}
    assert (name.fqdn == "") == (name.kind is Kind.INVALID)
    assert name.judged == (name.registrable != "") == (name.label != "")
    if name.judged:  # web/compat.py finds an answer by its domain without asking what that is
        domain = parse(name.registrable)
        assert (domain.kind, domain.registrable, domain.suffix) == (name.kind, name.registrable, name.suffix)
    assert re.fullmatch(r"[a-z0-9_*.-]*", name.fqdn) or name.kind is Kind.ADDRESS
    for longer, shorter in [
        (name.fqdn, name.registrable),
        (name.registrable, name.registered),
        (name.fqdn, name.suffix),
    ]:
        assert f".{longer}".endswith(f".{shorter}") or shorter == ""
    assert parse(unicode_of(name.fqdn)) == name


@settings(deadline=None)
@given(st.text("abcüéßжд漢字", min_size=1, max_size=12), st.sampled_from(["de", "рф", "公司.cn", "bazar"]))
def test_u_labels_and_a_labels_are_one_domain(label: str, suffix: str) -> None:
    name = parse(f"www.{label}.{suffix}")
    assert name.judged
    assert name.fqdn.isascii()
    assert parse(f"WWW.{label.upper()}.{suffix}") == name or "ß" in label  # upper-case ß is SS, another name
    assert parse(name.fqdn.upper()) == name
    assert unicode_of(name.fqdn) == f"www.{label}.{suffix}"


def kinds(names: Iterable[object]) -> Counter[Kind]:
    return Counter(NO_SETTINGS.parse(name).kind for name in names)


def corpus(path: str) -> Path:
    found = CORPUS / path
    if not found.exists():
        pytest.skip(f"{found} is absent")
    return found


def test_real_sysmon_names() -> None:
    lines = gzip.decompress(corpus("sysmon22/sysmon_event22_raw.jsonl.gz").read_bytes()).splitlines()
    names = {json.loads(line)["queryName"] for line in lines}
    assert kinds(names) == {
        Kind.PUBLIC: 250, Kind.SINGLE_LABEL: 15, Kind.INTERNAL: 15, Kind.REVERSE: 5,
    }  # fmt: skip


def test_real_idn_names() -> None:
    names = corpus("benign/idn_500.txt").read_text(encoding="utf-8").split()
    assert kinds(names) == {Kind.PUBLIC: 500}
    shown = {name: unicode_of(name) for name in names}
    assert [name for name in names if parse(shown[name]).fqdn != name] == []
    assert sum(text.isascii() for text in shown.values()) <= 1


def test_real_zeek_names() -> None:
    found: set[str] = set()
    for path in corpus("dnslogs/zeek").rglob("*log*"):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode(errors="replace")
        found |= set(_zeek_queries(text))
    counted = kinds(found)
    assert counted[Kind.PUBLIC] > 200
    assert counted[Kind.REVERSE] > 200
    assert counted[Kind.INTERNAL] > 10
    # `\x00` escapes; names with blanks and `(empty)` where they occur.
    assert 1 <= counted[Kind.INVALID] < 10
    assert counted[Kind.ADDRESS] == 0


def _zeek_queries(text: str) -> Iterable[str]:
    column = None
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line).get("query", "-")
        elif line.startswith("#fields"):
            column = line.split("\t").index("query") - 1
        elif line and not line.startswith("#") and column is not None:
            yield line.split("\t")[column]


@pytest.mark.parametrize(
    ("file", "pattern", "public_at_least"),
    [
        ("dnsmasq_extra.log", r"query\[\w+\] (.*) from ", 100),
        ("bind_query.log", r" query: (.*?) IN ", 50),
        ("unbound.log", r" query: \S+ (\S+) \S+ IN", 100),
    ],
)
def test_real_resolver_names(file: str, pattern: str, public_at_least: int) -> None:
    text = corpus(f"dnslogs/resolvers/{file}").read_text(encoding="utf-8", errors="replace")
    counted = kinds(set(re.findall(pattern, text)))
    assert counted[Kind.PUBLIC] >= public_at_least
    assert counted[Kind.INVALID] <= 1  # the root


@pytest.mark.parametrize("file", ["benign_hostnames_umbrella", "benign_hostnames_crux_25k"])
def test_real_host_names_are_public(file: str) -> None:
    names = gzip.decompress(corpus(f"benign/{file}.txt.gz").read_bytes()).decode().split()
    counted = kinds(names)
    assert counted[Kind.PUBLIC] >= len(names) - 1  # Umbrella counts ipv4only.arpa too
    assert counted[Kind.PUBLIC] > 9000
