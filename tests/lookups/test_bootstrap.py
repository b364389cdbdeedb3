import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.core.errors import InputError
from firstsight.lookups.bootstrap import Bootstrap, Server

ROOT = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", ROOT.parent / "shared/data")) / "rdap/bootstrap"
SHIPPED = files("firstsight.data") / "rdap_bootstrap.json"


def table(*services: object) -> Bootstrap:
    return Bootstrap.parse(json.dumps({"services": services}).encode(), "dns.json")


def url_for(bootstrap: Bootstrap, domain: str) -> str | None:
    server = bootstrap.server_for(domain)
    return None if server is None else server.url


def test_the_longest_suffix_wins_by_labels() -> None:
    bootstrap = table([["com"], ["https://com.example/"]], [["uk.com"], ["https://ukcom.example/"]])
    assert url_for(bootstrap, "evil.com") == "https://com.example/"
    assert url_for(bootstrap, "evil.uk.com") == "https://ukcom.example/"
    assert url_for(bootstrap, "uk.com") == "https://ukcom.example/"
    assert url_for(bootstrap, "buk.com") == "https://com.example/"
    assert url_for(bootstrap, "evil.net") is None
    assert url_for(bootstrap, "evilcom") is None


def test_https_is_preferred_and_the_slash_is_there_once() -> None:
    bootstrap = table([["A", "b."], ["http://x.example/rdap", "https://y.example/rdap", "https://z.example/"]])
    assert bootstrap.servers == {"a": "https://y.example/rdap/", "b": "https://y.example/rdap/"}


def test_servers_of_a_table_are_not_trusted_unless_the_operator_wrote_it() -> None:
    text = b'{"services":[[["com"],["http://127.0.0.1:8080"]]]}'
    assert Bootstrap.parse(text, "x").server_for("a.com") == Server("http://127.0.0.1:8080/", trusted=False)
    mine = Bootstrap.parse(text, "x", trusted=True)
    assert mine.server_for("a.com") == Server("http://127.0.0.1:8080/", trusted=True)


def test_the_operators_own_server_wins_and_is_trusted() -> None:
    services = b'[[["uk", "co.uk"], ["https://iana.example/"]], [["com"], ["https://com.example/"]]]'
    bootstrap = Bootstrap.parse(services, "x", own={".UK": "http://127.0.0.1:9", "xn--p1ai": "http://[::1]:9/r/"})
    assert bootstrap.server_for("evil.co.uk") == Server("http://127.0.0.1:9/", trusted=True)
    assert bootstrap.server_for("xn--e1afmkfd.xn--p1ai") == Server("http://[::1]:9/r/", trusted=True)
    assert bootstrap.server_for("evil.com") == Server("https://com.example/", trusted=False)


def test_all_servers_under_a_top_level_domain_are_known() -> None:
    services = b'[[["uk", "co.uk"], ["https://iana.example/"]], [["com"], ["https://com.example/"]]]'
    bootstrap = Bootstrap.parse(services, "x", own={"org.uk": "http://127.0.0.1:9"})
    assert bootstrap.hosts_under("uk") == {"iana.example", "127.0.0.1:9"}
    assert bootstrap.hosts_under("com") == {"com.example"}
    assert bootstrap.hosts_under("net") == set()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rdap.example",
        "//rdap.example/",
        "ftp://rdap.example/",
        "file:///etc/passwd",
        "http://",
        "http://user:pw@rdap.example/",
        "http://rdap.example/?domain=",
        "http://rdap.example/#x",
        "http://rdap.example:99999/",
        "http://rdap.example:0/",
        "http://rdap.example/%%",
        "http://rdap example/",
        "http://rdap.example/a b",
        "http://rdap.example/\r\nX: y",
        "http://[::1",
    ],
)
def test_a_url_that_can_not_be_asked_is_passed_over_and_refused_from_the_operator(url: str) -> None:
    assert table([["a"], [url]], [["b"], [url, "http://ok.example"]]).servers == {"b": "http://ok.example/"}
    with pytest.raises(InputError, match=r"RDAP server for 'com' can't be used: its address must be an http"):
        Bootstrap({}, own={"com": url})


@pytest.mark.parametrize("suffix", ["", ".", "a b", "бг", "a..b", "*.uk", "a/b"])
def test_the_operator_s_suffix_must_be_one(suffix: str) -> None:
    with pytest.raises(InputError, match="that is no TLD"):
        Bootstrap({}, own={suffix: "https://rdap.example/"})


@pytest.mark.parametrize(
    "bad",
    [
        [],
        None,
        "com",
        {},
        [["com"]],
        [None, ["https://x.example/"]],
        ["com", ["https://x.example/"]],
        [["com"], "https://x.example/"],
        [["com"], []],
        [["com"], [None, 5]],
        [[None, 5, "", "a b"], ["https://x.example/"]],
    ],
    ids=str,
)
def test_a_malformed_service_is_passed_over_and_a_table_of_them_is_refused(bad: object) -> None:
    good = [["net"], ["https://net.example/"]]
    assert table(bad, good, bad).servers == {"net": "https://net.example/"}
    with pytest.raises(InputError, match=r"bootstrap dns\.json names no usable server\. Get a fresh"):
        table(bad)


@pytest.mark.parametrize("text", ["", "{", "<html>", "\x00", "[" * 100_000])
def test_what_is_not_json_is_refused_by_name(text: str) -> None:
    with pytest.raises(InputError, match=r"/etc/dns\.json is not JSON"):
        Bootstrap.parse(text.encode(), "/etc/dns.json")


@pytest.mark.parametrize("text", ["{}", "[]", "5", "null", '"services"', '{"services":5}', '{"servers":{"a":5}}'])
def test_json_without_a_server_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="names no usable server"):
        Bootstrap.parse(text.encode(), "x")


@given(st.recursive(st.none() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=4)))
def test_any_services_are_read_or_refused(services: object) -> None:
    good = [["com"], ["https://com.example/"]]
    text = json.dumps({"services": [services, good]}).encode()
    assert url_for(Bootstrap.parse(text, "x"), "evil.com") == "https://com.example/"


def test_the_shipped_table_knows_the_great_ones() -> None:
    shipped = Bootstrap.parse(SHIPPED.read_bytes(), "shipped")
    assert len(shipped) > 1190
    assert shipped.dated
    assert url_for(shipped, "evil.com") == "https://rdap.verisign.com/com/v1/"
    assert url_for(shipped, "evil.de") == "https://rdap.denic.de/"
    assert url_for(shipped, "evil.co.uk") == "https://rdap.nominet.uk/uk/"
    assert url_for(shipped, "evil.xn--p1acf") is not None
    assert shipped.server_for("evil.bazar") is None
    server = shipped.server_for("evil.org")
    assert server is not None
    assert not server.trusted


def test_making_it_again_gives_the_same(tmp_path: Path) -> None:
    dns, made = tmp_path / "dns.json", tmp_path / "made.json"
    services = [[["zip", "com"], ["http://b.example", "https://a.example"]], [["de"], ["https://de.example"]]]
    dns.write_text(json.dumps({"publication": "2026-11-20T00:00:00Z", "services": services}))
    run = [sys.executable, "tools/make_bootstrap.py", str(dns), "--source", "S", "--made", "2026-11-24"]
    subprocess.run([*run, "--to", str(made)], cwd=ROOT, check=True, capture_output=True)
    first = made.read_bytes()
    again = Bootstrap.parse(first, "made")
    assert again.dated == "2026-11-20T00:00:00Z"
    assert again.servers["zip"] == again.servers["com"] == "https://a.example/"
    assert again.servers["de"] == "https://de.example/"  # IANA's entry, not ours
    assert again.servers["ch"] == "https://rdap.nic.ch/"
    dns.write_text(json.dumps({"services": services[::-1], "publication": "2026-11-20T00:00:00Z"}))
    subprocess.run([*run, "--to", str(made)], cwd=ROOT, check=True, capture_output=True)
    assert made.read_bytes() == first


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no corpus here (FIRSTSIGHT_CORPUS)")
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("iana_dns_2022-07_from_whoisit.json", 1185),
        ("freewhois_npm_services.json", 1175),
        ("openrdap+rdap__bootstrap__dns.json", 3),
        ("openrdap+rdap__bootstrap_complex__dns.json", 2),  # the root's entry is passed over
        ("openrdap+rdap__bootstrap_malformed__dns_bad_services.json", 3),
        ("openrdap+rdap__bootstrap_malformed__dns_bad_url.json", 3),
        ("openrdap+rdap__bootstrap_malformed__dns_empty.json", "is not JSON"),
        ("openrdap+rdap__bootstrap_malformed__dns_syntax_error.json", "is not JSON"),
        ("openrdap+rdap__bootstrap_http_error__404.html", "is not JSON"),
        ("openrdap+rdap__misc__malformed.json", "is not JSON"),
        ("openrdap+rdap__misc__empty.html", "is not JSON"),
        ("iana_object-tags_2022-07_from_whoisit.json", "names no usable server"),
    ],
)
def test_every_real_copy_is_read_or_refused(name: str, count: int | str) -> None:
    data = (CORPUS / name).read_bytes()
    if isinstance(count, int):
        assert len(Bootstrap.parse(data, name)) == count
    else:
        with pytest.raises(InputError, match=count):
            Bootstrap.parse(data, name)
