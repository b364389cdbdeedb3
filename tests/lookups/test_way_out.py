"""Through a proxy, past one that breaks TLS open, or not at all; and what may not be reached that way."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from firstsight import tables
from firstsight.core.errors import InputError
from firstsight.core.names import Kind
from firstsight.lookups.http import HttpClient, HttpError, Reply
from firstsight.lookups.way_out import WayOut
from servers.proxy import Proxy
from servers.registry import Registry, Status, redirect

NAME = "rdap.registry.com"
_parse = tables.name_parser(["corp.registry.com"]).parse


def outside(host: str) -> bool:
    return _parse(host).kind is Kind.PUBLIC


@pytest.fixture
async def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def server(authority: trustme.CA) -> AsyncIterator[Registry]:
    """A registry with a certificate that only one authority vouches for."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(NAME).configure_cert(tls)
    async with Registry(tls) as server:
        server.behaviour = Status(200, b"ok")
        yield server


@pytest.fixture
async def plain() -> AsyncIterator[Registry]:
    async with Registry() as server:
        server.behaviour = Status(200, b"ok")
        yield server


async def get(way_out: WayOut, url: str, *, trusted: bool = False) -> Reply:
    client = HttpClient("t", way_out=way_out)
    try:
        return await asyncio.wait_for(client.get(url, deadline=10, trusted=trusted), 20)
    finally:
        await client.close()


async def failure(way_out: WayOut, url: str, *, trusted: bool = False) -> HttpError:
    with pytest.raises(HttpError) as caught:
        await get(way_out, url, trusted=trusted)
    return caught.value


def ca_file(folder: Path, authority: trustme.CA) -> str:
    path = folder / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


# -- through a proxy ---------------------------------------------------------------------------------------------------


async def test_https_goes_through_with_connect_and_the_authority_of_the_proxy(
    tmp_path: Path, authority: trustme.CA, server: Registry
) -> None:
    async with Proxy({NAME: server.port}) as proxy:
        way_out = WayOut(proxy.url, ca_file=ca_file(tmp_path, authority), outside=outside)
        assert (await get(way_out, f"https://{NAME}/domain/a.com")).body == b"ok"
        assert proxy.asked == [f"CONNECT {NAME}:443"]
        without = await failure(WayOut(proxy.url, outside=outside), f"https://{NAME}/domain/a.com")
        assert without.reason == "tls"
    assert [asked.path for asked in server.asked] == ["/domain/a.com"]


async def test_http_goes_through(plain: Registry) -> None:
    async with Proxy({NAME: plain.port}) as proxy:
        assert (await get(WayOut(proxy.url, outside=outside), f"http://{NAME}/domain/a.com")).body == b"ok"
        assert proxy.asked == [f"GET http://{NAME}/domain/a.com"]


async def test_its_login_is_sent_to_the_proxy_alone_and_told_nowhere(
    tmp_path: Path, authority: trustme.CA, server: Registry, plain: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    places = {NAME: server.port, "other.registry.com": plain.port}
    async with Proxy(places, login="user:hunter2") as proxy:
        way_out = WayOut(proxy.url, ca_file=ca_file(tmp_path, authority), outside=outside)
        await get(way_out, f"https://{NAME}/")
        await get(way_out, "http://other.registry.com/")
        assert "proxy-authorization" not in server.asked[0].headers
        wrong = WayOut(proxy.url.replace("hunter2", "hunter3"), ca_file=ca_file(tmp_path, authority), outside=outside)
        for url in (f"https://{NAME}/", "http://other.registry.com/", "https://unheard.registry.com/"):
            error = await failure(wrong, url)
            assert error.reason == "proxy"
            assert "407" in str(error)
            assert "hunter" not in str(error)
    assert "hunter" not in caplog.text


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_proxy_that_refuses(status: int) -> None:
    async with Proxy({}, refusal=status) as proxy:
        error = await failure(WayOut(proxy.url, outside=outside), f"https://{NAME}/")
    assert (error.reason, str(status) in str(error)) == ("proxy", True)


async def test_a_proxy_that_is_gone() -> None:
    async with Proxy({}, login="user:hunter2") as proxy:
        url = proxy.url
    for scheme in ("http", "https"):
        error = await failure(WayOut(url, outside=outside), f"{scheme}://{NAME}/")
        assert (error.reason, "hunter2" in str(error)) == ("proxy", False)


async def test_what_is_reached_without_the_proxy(plain: Registry) -> None:
    async with Proxy({}) as proxy:
        way_out = WayOut(proxy.url, no_proxy="registry.com, .corp.example,10.0.0.7")
        for host in ("registry.com", "RDAP.registry.com", "a.corp.example", "10.0.0.7", "127.0.0.1", "localhost"):
            assert way_out.proxy_for(host) is None, host
        for host in ("badregistry.com", "registry.com.net", "10.0.0.70"):
            assert way_out.proxy_for(host) == proxy.url
        assert WayOut(proxy.url, no_proxy="*").proxy_for("example.com") is None
        assert WayOut().proxy_for("example.com") is None
        assert (await get(way_out, plain.url, trusted=True)).body == b"ok"
        assert proxy.asked == []


# -- what an answer may not name ---------------------------------------------------------------------------------------

INSIDE = [
    "10.0.0.7",
    "93.184.216.34",
    "[2001:db8::1]",
    "server.corp.registry.com",
    "printer.lan",
    "intranet",
    "a.local",
]


@pytest.mark.parametrize("host", INSIDE)
async def test_a_proxy_is_not_led_inside_by_an_answer(plain: Registry, host: str) -> None:
    places = dict.fromkeys([host, "rdap.registry.com"], plain.port)
    async with Proxy(places) as proxy:
        way_out = WayOut(proxy.url, outside=outside)
        assert (await failure(way_out, f"http://{host}/domain/a.com")).reason == "blocked_address"
        plain.behaviour = redirect(f"http://{host}/secret")
        assert (await failure(way_out, f"http://{NAME}/")).reason == "blocked_address"
        assert proxy.asked == [f"GET http://{NAME}/"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_this_machine_is_not_reached_by_an_answer_whatever_the_proxy(plain: Registry, host: str) -> None:
    async with Proxy({}) as proxy:
        url = f"http://{host}:{plain.port}/"
        assert (await failure(WayOut(proxy.url, outside=outside), url)).reason == "blocked_address"
        assert proxy.asked == []


async def test_an_address_of_the_settings_goes_through_the_proxy(plain: Registry) -> None:
    async with Proxy({"10.0.0.7": plain.port}) as proxy:
        reply = await get(WayOut(proxy.url, outside=outside), "http://10.0.0.7/", trusted=True)
    assert reply.body == b"ok"


# -- whose certificates ------------------------------------------------------------------------------------------------


def test_further_authorities_are_added_to_the_systems(tmp_path: Path, authority: trustme.CA) -> None:
    trust = WayOut(ca_file=ca_file(tmp_path, authority)).trust
    assert trust is not None
    assert trust.cert_store_stats()["x509_ca"] == ssl.create_default_context().cert_store_stats()["x509_ca"] + 1
    assert trust.verify_mode is ssl.CERT_REQUIRED
    assert WayOut().trust is None


def test_a_file_that_can_t_be_used_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't be read \(No such file or directory\)\. .* `http\.ca_file`"):
        WayOut(ca_file=str(tmp_path / "missing.pem"))
    (tmp_path / "text.pem").write_text("no certificate")
    with pytest.raises(InputError, match="that is no PEM file of certificates"):
        WayOut(ca_file=str(tmp_path / "text.pem"))
