import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstsight.access.peers import Peer, Peers, plain_address

PEERS = Peers(["10.0.0.7", "10.1.0.0/28", "2001:db8:1::/64", "127.0.0.2"])


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("127.0.0.1", Peer.LOCAL), ("127.9.9.9", Peer.LOCAL), ("::1", Peer.LOCAL), ("::ffff:127.0.0.1", Peer.LOCAL),
        ("127.0.0.2", Peer.PROXY), ("::ffff:127.0.0.2", Peer.PROXY), ("10.0.0.7", Peer.PROXY),
        ("10.1.0.15", Peer.PROXY), ("::ffff:10.1.0.1", Peer.PROXY), ("2001:db8:1::9", Peer.PROXY),
        ("10.0.0.8", Peer.STRANGER), ("10.1.0.16", Peer.STRANGER), ("192.0.2.1", Peer.STRANGER),
        ("2001:db8:2::1", Peer.STRANGER), ("fe80::1%eth0", Peer.STRANGER), ("::ffff:192.0.2.1", Peer.STRANGER),
        ("0.0.0.0", Peer.STRANGER), ("", Peer.STRANGER), ("localhost", Peer.STRANGER), ("/run/socket", Peer.STRANGER),
    ],
)  # fmt: skip
def test_who_is_at_the_other_end(host: str, peer: Peer) -> None:
    assert PEERS.of(host) is peer


def client(*headers: tuple[str, str]) -> str:
    return PEERS.client("10.0.0.7", [(key.encode(), value.encode()) for key, value in headers])


@pytest.mark.parametrize(
    ("value", "asks"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4711", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("127.0.0.1, 192.0.2.1", "192.0.2.1"),  # what the client wrote stands to the left
        ("garbage, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 10.1.0.3,10.0.0.7", "192.0.2.1"),  # a row of our own proxies
        ("192.0.2.9, 192.0.2.1, 10.1.0.3", "192.0.2.1"),
        ("10.1.0.4, 10.1.0.3", "10.1.0.4"),  # a proxy asks for itself
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_the_last_hop_that_no_proxy_of_ours_is(value: str, asks: str) -> None:
    assert client(("x-forwarded-for", value)) == asks


@pytest.mark.parametrize(
    ("value", "asks"),
    [
        ("for=192.0.2.1", "192.0.2.1"),
        ('For="[2001:db8::1]:4711";proto=https;by=203.0.113.43', "2001:db8::1"),
        ("for=192.0.2.9, for=192.0.2.1;proto=http, for=10.0.0.7", "192.0.2.1"),
        ('proto=https;host="a, for=127.0.0.1";for=192.0.2.1', "192.0.2.1"),
        ('for=192.0.2.1;host="x;for=127.0.0.1"', "192.0.2.1"),  # what the proxy copies is not what it says
        (r'for=192.0.2.1;host="x\", for=127.0.0.1"', "192.0.2.1"),
    ],
)
def test_rfc_7239(value: str, asks: str) -> None:
    assert client(("forwarded", value)) == asks


def test_a_header_in_several_lines() -> None:
    assert client(("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "192.0.2.1")) == "192.0.2.1"


def test_a_proxy_that_names_nobody_asks_for_itself() -> None:
    assert client(("accept", "*/*")) == "10.0.0.7"


@pytest.mark.parametrize(
    "headers",
    [
        [("x-forwarded-for", "")],
        [("x-forwarded-for", "192.0.2.1,")],
        [("x-forwarded-for", "unknown")],
        [("x-forwarded-for", "192.0.2.1, evil.example")],
        [("x-forwarded-for", "192.0.2.1:port")],
        [("x-forwarded-for", "[192.0.2.1")],
        [("x-forwarded-for", "\xff")],
        [("forwarded", "")],
        [("forwarded", "proto=https")],
        [("forwarded", "for=unknown")],
        [("forwarded", "for=_hidden")],
        [("forwarded", 'for="')],
        [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.2")],
    ],
)
def test_what_names_nobody_is_refused(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError):
        client(*headers)


def test_two_headers_that_agree() -> None:
    assert client(("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")) == "192.0.2.1"


@given(st.lists(st.tuples(st.sampled_from(["x-forwarded-for", "forwarded", "via"]), st.text()), max_size=4))
def test_any_headers_name_an_address_or_are_refused(headers: list[tuple[str, str]]) -> None:
    try:
        found = client(*headers)
    except ValueError:
        return
    assert str(plain_address(found)) == found


@given(st.text("0123456789.:,[] abcdef"))
def test_what_the_client_writes_itself_never_counts(value: str) -> None:
    assert client(("x-forwarded-for", f"{value}, 192.0.2.1")) == "192.0.2.1"


@pytest.mark.parametrize("header", [b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"])
def test_what_came_through_a_proxy_says_so(header: bytes) -> None:
    assert not PEERS.local("127.0.0.1", [(b"host", b"localhost"), (header, b"")])
    assert PEERS.local("127.0.0.1", [(b"host", header)])
    assert not PEERS.local("192.0.2.1", [(b"host", header)])


@pytest.mark.parametrize("proxy", ["10.0.0.1/24", "proxy.example", "", "10.0.0.0/33"])
def test_what_is_no_proxy(proxy: str) -> None:
    with pytest.raises(ValueError):
        Peers([proxy])
