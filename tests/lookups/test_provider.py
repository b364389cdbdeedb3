"""The provider as it is asked: how often, how long, and what is remembered. tests/web/test_sign_on.py has the rest."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from alert_samples import FakeClock
from firstsight.core.errors import ProviderError, RefusedError
from firstsight.lookups.http import HttpClient
from firstsight.lookups.provider import Provider
from servers.provider import CLIENT, rsa_key
from servers.provider import Provider as Server

DOCUMENT = "/realms/soc/.well-known/openid-configuration"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(public=True) as server:
        yield server


def asking(server: Server, clock: FakeClock, deadline: float = 10.0) -> Provider:
    http = HttpClient("tests", max_redirects=0)
    return Provider(server.issuer, CLIENT, "http://127.0.0.1:5730/back", http, clock, deadline=deadline)


async def test_what_it_says_stands_for_an_hour(server: Server) -> None:
    clock = FakeClock()
    provider = asking(server, clock)
    assert await provider.log_in_page() == f"{server.url}/authorize"
    assert await provider.log_out_page() == f"{server.url}/out"
    assert await provider.names_itself()
    assert [key["kid"] for key in await provider.keys()] == ["rsa-1"]
    server.keys = [rsa_key("rsa-2")]
    clock.at += 3599
    assert [key["kid"] for key in await provider.keys()] == ["rsa-1"]
    clock.at += 1
    assert [key["kid"] for key in await provider.keys()] == ["rsa-2"]
    assert (server.count(DOCUMENT), server.count("/keys")) == (2, 2)
    await provider.close()


async def test_new_keys_are_asked_for_once_a_minute(server: Server) -> None:
    clock = FakeClock()
    provider = asking(server, clock)
    await provider.keys()
    for _ in range(3):
        await provider.keys(anew=True)
    assert server.count("/keys") == 1
    clock.at += 60
    for _ in range(3):
        await provider.keys(anew=True)
    assert server.count("/keys") == 2
    await provider.close()


async def test_many_at_once_are_one_question(server: Server) -> None:
    provider = asking(server, FakeClock())
    await asyncio.gather(*(provider.keys() for _ in range(20)))
    assert (server.count(DOCUMENT), server.count("/keys")) == (1, 1)
    await provider.close()


async def test_after_a_failure_it_is_left_alone_for_a_moment(server: Server) -> None:
    clock = FakeClock()
    provider = asking(server, clock)
    server.answers[DOCUMENT] = (500, b"", {})
    told = set()
    for _ in range(5):
        with pytest.raises(ProviderError) as error:
            await provider.log_in_page()
        told.add(str(error.value))
    assert told == {
        f"The identity provider can't be used: {server.issuer}/.well-known/openid-configuration answers 500."
    }
    assert server.count(DOCUMENT) == 1
    server.answers.clear()
    clock.at += 5
    assert await provider.log_in_page()
    await provider.close()


async def test_one_that_says_nothing_is_given_up(server: Server) -> None:
    provider = asking(server, FakeClock(), deadline=0.1)
    server.hang.clear()
    with pytest.raises(ProviderError, match=r"took more than 0\.1 s"):
        await provider.log_in_page()
    server.hang.set()
    await provider.close()


async def test_a_clock_that_was_set_back_makes_nothing_stand_for_ever(server: Server) -> None:
    clock = FakeClock()
    provider = asking(server, clock)
    await provider.keys()
    clock.at -= 86400
    await provider.keys()
    assert server.count("/keys") == 2
    await provider.close()


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        ((400, b'{"error": "invalid_grant"}', {}), RefusedError, "does not take its code any more"),
        ((400, b'{"error": "unauthorized_client"}', {}), ProviderError, r"\(unauthorized_client\)"),
        ((401, b"{}", {}), ProviderError, r"client_secret_file \(401\)"),
        ((400, b'{"error": "<b>"}', {}), ProviderError, r"answers the code with 400 \."),
        ((200, b'{"access_token": "a"}', {}), ProviderError, "gave no ID token"),
        ((200, b'{"id_token": 5}', {}), ProviderError, "gave no ID token"),
    ],
)
async def test_answers_to_a_code(
    server: Server, answer: tuple[int, bytes, dict[str, str]], error: type[Exception], why: str
) -> None:
    provider = asking(server, FakeClock())
    server.answers["/token"] = answer
    with pytest.raises(error, match=why):
        await provider.redeem("code", "verifier")
    await provider.close()


@pytest.mark.parametrize("keys", [None, {}, [{"kty": "RSA"}] * 101])
async def test_keys_that_are_no_list_of_them(server: Server, keys: object) -> None:
    provider = asking(server, FakeClock())
    server.answers["/keys"] = (200, json.dumps({"keys": keys}).encode(), {})
    with pytest.raises(ProviderError, match="no list of keys"):
        await provider.keys()
    await provider.close()
