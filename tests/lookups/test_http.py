import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from firstsight.lookups.http import HttpClient, HttpError, Reply, _redirect_target, is_public
from servers.registry import (
    Asked,
    Behaviour,
    Drip,
    Endless,
    Raw,
    Registry,
    Reset,
    Slow,
    Status,
    redirect,
)

PATIENCE = 20.0  # how long a test waits for what must end by itself
OPEN = "HTTP/1.1 200 OK\r\n"


def anywhere(_: str) -> bool:
    return True


@pytest.fixture
async def server() -> AsyncIterator[Registry]:
    async with Registry() as server:
        yield server


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient("firstsight/test")
    yield client
    await client.close()


@pytest.fixture
async def roaming() -> AsyncIterator[HttpClient]:
    """A client for which loopback is the Internet: redirects can be followed in a test."""
    client = HttpClient("firstsight/test", allowed=anywhere)
    yield client
    await client.close()


async def get(client: HttpClient, url: str, *, deadline: float = PATIENCE) -> Reply:
    return await asyncio.wait_for(client.get(url, deadline=deadline, trusted=True), PATIENCE)


async def failure(client: HttpClient, url: str, *, deadline: float = PATIENCE, trusted: bool = True) -> str:
    with pytest.raises(HttpError) as caught:
        await asyncio.wait_for(client.get(url, deadline=deadline, trusted=trusted), PATIENCE)
    return caught.value.reason


async def test_a_reply_is_handed_over_whole(server: Registry, client: HttpClient) -> None:
    server.behaviour = Status(418, b"tea", headers={"Retry-After": "7"})
    reply = await client.get(server.url + "a/b", deadline=5, headers={"X-Key": "k"}, trusted=True)
    assert (reply.status, reply.body, reply.url) == (418, b"tea", server.url + "a/b")
    assert reply.headers["retry-after"] == "7"
    (asked,) = server.asked
    assert asked.path == "/a/b"
    assert asked.headers["user-agent"] == "firstsight/test"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["x-key"] == "k"


@pytest.mark.parametrize("behaviour", [Slow(60), Drip(), Raw(b"")], ids=["silent", "dripping", "closing"])
async def test_the_deadline_is_for_everything(server: Registry, client: HttpClient, behaviour: Behaviour) -> None:
    server.behaviour = behaviour
    reason = await failure(client, server.url, deadline=0.2)
    assert reason == ("reset" if isinstance(behaviour, Raw) else "timeout")


async def test_redirects_share_one_deadline(server: Registry, roaming: HttpClient) -> None:
    server.behaviour = Slow(0.15, redirect("/again"))  # each hop alone is within the deadline
    assert await failure(roaming, server.url, deadline=0.4) == "timeout"
    assert len(server.asked) < 6


async def test_a_cancelled_get_is_cancelled(server: Registry, client: HttpClient) -> None:
    server.behaviour = Slow(60)
    asking = asyncio.create_task(client.get(server.url, deadline=60, trusted=True))
    while not server.asked:
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_the_body_is_bounded(server: Registry) -> None:
    client = HttpClient("firstsight/test", max_bytes=1000)
    server.behaviour = Status(200, b"x" * 1000)
    assert len((await get(client, server.url)).body) == 1000
    for too_long in (Status(200, b"x" * 1001), Endless()):
        server.behaviour = too_long
        assert await failure(client, server.url) == "too_large"
    await client.close()


INSIDE = [
    "127.0.0.1",
    "localhost",
    "0.0.0.0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "169.254.169.254",
    "[fe80::1]",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", INSIDE)
async def test_an_untrusted_url_does_not_lead_inside(server: Registry, client: HttpClient, host: str) -> None:
    url = f"http://{host}:{server.port}/domain/evil.com"
    assert await failure(client, url, trusted=False) == "blocked_address"
    assert server.asked == []


async def test_a_name_that_is_rebound_does_not_lead_inside(server: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is each address connected to that is judged, whatever else the name stands for."""

    def look_up(_: str, port: int, *__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port)) for last in (2, 1)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    client = HttpClient("firstsight/test", allowed=lambda address: address == "127.0.0.2")  # where nobody listens
    url = f"http://rebound.example.com:{server.port}/"
    assert await failure(client, url, trusted=False) == "blocked_address"
    assert server.asked == []
    assert (await get(client, url)).status == 404, "the same, written in the settings"
    await client.close()


async def test_a_pooled_connection_does_not_serve_an_untrusted_url(client: HttpClient) -> None:
    @dataclass
    class KeptOpen:
        async def play(self, _: Asked, out: asyncio.StreamWriter) -> None:
            out.write(f"{OPEN}Content-Length: 2\r\n\r\nok".encode())
            await asyncio.sleep(60)

    async with Registry() as server:
        server.behaviour = KeptOpen()
        assert (await get(client, server.url)).body == b"ok"
        assert await failure(client, server.url, trusted=False, deadline=5) == "blocked_address"


@pytest.mark.parametrize("host", INSIDE)
async def test_a_redirect_does_not_lead_inside(server: Registry, client: HttpClient, host: str) -> None:
    server.behaviour = redirect(f"http://{host}:{server.port}/secret")
    assert await failure(client, server.url) == "blocked_address"
    assert [asked.path for asked in server.asked] == ["/"]


async def test_redirects_are_followed(server: Registry, roaming: HttpClient) -> None:
    server.behaviour = None
    server.domains = {"a": redirect("b"), "b": redirect(f"{server.url}x/domain/c"), "c": Status(200, b"there")}
    reply = await get(roaming, f"{server.url}domain/a")
    assert (reply.body, reply.url) == (b"there", f"{server.url}x/domain/c")


async def test_a_redirect_loop_ends(server: Registry, roaming: HttpClient) -> None:
    server.behaviour = redirect("/round")
    assert await failure(roaming, server.url) == "redirect"
    assert len(server.asked) == 6


@pytest.mark.parametrize("to", ["", "ftp://x.example/", "file:///etc/passwd", "http://u:p@x.example/", "http://["])
async def test_a_redirect_to_no_web_address_is_refused(server: Registry, roaming: HttpClient, to: str) -> None:
    server.behaviour = redirect(to)
    assert await failure(roaming, server.url) == "redirect"


def test_a_redirect_does_not_give_up_tls() -> None:
    with pytest.raises(HttpError) as caught:
        _redirect_target(URL("https://a.example/"), "http://a.example/")
    assert caught.value.reason == "redirect"
    assert str(_redirect_target(URL("https://a.example/x"), "y?z=1")) == "https://a.example/y?z=1"
    assert str(_redirect_target(URL("http://a.example/"), "https://b.example/")) == "https://b.example/"


async def test_a_key_is_not_carried_to_another_server(server: Registry, roaming: HttpClient) -> None:
    async with Registry() as other:
        server.behaviour = redirect(other.url)
        other.behaviour = Status(200)
        headers = {"X-OTX-API-KEY": "secret", "Accept": "application/rdap+json"}
        await roaming.get(server.url, deadline=5, headers=headers, trusted=True)
        (asked,) = other.asked
        assert "x-otx-api-key" not in asked.headers
        assert asked.headers["accept"] == "application/rdap+json"
        assert server.asked[0].headers["x-otx-api-key"] == "secret"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Reset(), "reset"),
        (Raw(b""), "reset"),
        (Raw(f"{OPEN}Content-Length: 100\r\n\r\nabc".encode()), "reset"),
        (Raw(b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "bad_reply"),
        (Raw(b"\x00\x01\x02\r\n\r\n"), "bad_reply"),
        (Raw(OPEN.encode() + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "bad_reply"),
        (Status(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), "bad_reply"),
    ],
    ids=["reset", "closed", "cut", "ssh", "noise", "long_header", "packed"],
)
async def test_broken_replies_have_a_reason(
    server: Registry, client: HttpClient, behaviour: Behaviour, reason: str
) -> None:
    server.behaviour = behaviour
    assert await failure(client, server.url) == reason


async def test_a_server_that_is_not_there(client: HttpClient) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert await failure(client, f"http://127.0.0.1:{unused.getsockname()[1]}/") == "refused"
    assert await failure(client, "http://255.255.255.255/") == "unreachable"
    assert await failure(client, f"http://{'a' * 64}.example/") == "unreachable"


async def test_a_server_without_tls(client: HttpClient) -> None:
    def plain(_: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        out.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        out.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        assert await failure(client, f"https://127.0.0.1:{port}/") == "tls"


@pytest.mark.parametrize(
    "url",
    # 2130706433 and 127.1: 127.0.0.1 as resolvers read it
    [
        "http://2130706433/",
        "http://127.1/",
        "",
        "nonsense",
        "/domain/x",
        "ftp://127.0.0.1/",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
    ],
)
async def test_what_is_no_url_is_not_asked(client: HttpClient, url: str) -> None:
    assert await failure(client, url) == "bad_url"


async def test_credentials_are_neither_sent_nor_told(server: Registry, client: HttpClient) -> None:
    with pytest.raises(HttpError) as caught:
        await client.get(f"http://user:hunter2@127.0.0.1:{server.port}/?key=k3y", deadline=5, trusted=True)
    assert caught.value.reason == "bad_url"
    assert "hunter2" not in str(caught.value)
    assert "k3y" not in str(caught.value)
    assert server.asked == []


async def test_dead_name_servers_hold_up_neither_others_nor_the_end(
    server: Registry, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead = threading.Event()
    really = socket.getaddrinfo

    def look_up(host: str, *rest: Any) -> Any:
        if host == "slow.example":
            dead.wait(PATIENCE)
        return really(host, *rest)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    server.behaviour = Status(200, b"ok")
    assert await failure(client, "http://slow.example/", deadline=0.1) == "timeout"
    assert (await get(client, server.url.replace("127.0.0.1", "localhost"))).body == b"ok"
    waiting = [thread for thread in threading.enumerate() if thread.name == "resolve"]
    assert waiting
    assert all(thread.daemon for thread in waiting)
    monkeypatch.undo()
    dead.set()


async def test_a_closed_client_opens_again(server: Registry, client: HttpClient) -> None:
    server.behaviour = Status(200, b"ok")
    assert (await get(client, server.url)).body == b"ok"
    await client.close()
    assert (await get(client, server.url)).body == b"ok"


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


inside_networks = st.sampled_from(
    [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "::1/128", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        "::ffff:127.0.0.0/104", "::ffff:10.0.0.0/104", "64:ff9b::7f00:0/104", "2002:7f00::/24", "2002:a00::/24",
    ]
)  # fmt: skip


@given(inside_networks.flatmap(lambda network: st.ip_addresses(network=ip_network(network))))
def test_no_address_inside_is_public(address: object) -> None:
    assert not is_public(str(address))


def test_a_scoped_address_is_judged_too() -> None:
    assert not is_public("fe80::1%2")


async def test_a_form_goes_to_one_server_alone(server: Registry, roaming: HttpClient) -> None:
    """A redirect of it is an answer: nobody else gets what the form holds."""
    server.default = redirect(server.url + "elsewhere")
    reply = await roaming.post(server.url, {"code": "a b&c"}, deadline=PATIENCE, headers={"Accept": "text/plain"})

    assert reply.status == 302
    (asked,) = server.asked
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert asked.headers["content-length"] == str(len("code=a+b%26c"))
    assert asked.headers["accept"] == "text/plain"


async def test_a_form_is_bounded_as_everything_else_is(server: Registry, client: HttpClient) -> None:
    server.default = Slow(PATIENCE)
    with pytest.raises(HttpError, match=r"took more than 0\.05 s"):
        await client.post(server.url, {}, deadline=0.05, trusted=True)
    with pytest.raises(HttpError, match="not a public one"):
        await client.post(server.url, {}, deadline=PATIENCE)
    server.default = Endless()
    with pytest.raises(HttpError, match="longer than"):
        await client.post(server.url, {}, deadline=PATIENCE, trusted=True)
