from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from firstsight.core.errors import SettingsError
from firstsight.forward.client import Answer, Client, HandOverError
from servers import central as play
from servers.central import Behaviour, Central
from wazuh_home import dns_alert

TOKEN = "s3cret-of-the-node"
CERTIFICATE = Path(play.__file__).with_name("loopback.pem")


@pytest.fixture
async def central() -> AsyncIterator[Central]:
    with Central() as server:
        yield server


async def exchange(
    url: str, lines: bytes = b"", cursor: str = "", *, token: str = TOKEN, ca: Path | None = None
) -> Answer:
    client = Client(url, "node-1", lambda: token, ca, deadline=20.0)
    try:
        return await client.hand_over(lines, cursor)
    finally:
        await client.close()


async def failure(url: str, *, deadline: float = 20.0) -> HandOverError:
    client = Client(url, "node-1", lambda: TOKEN, deadline=deadline)
    with pytest.raises(HandOverError) as caught:
        await client.hand_over(b"line\n", "")
    await client.close()
    assert TOKEN not in str(caught.value)
    assert url in str(caught.value)
    return caught.value


async def test_lines_out_and_datagrams_back(central: Central) -> None:
    central.token = TOKEN
    line = dns_alert("a.example")
    answer = await exchange(central.url, line + b"\n")
    assert (answer.read, answer.pending, len(answer.deliver), answer.cursor) == (1, 0, 1, "1")
    assert central.lines == {"node-1": [line]}
    assert (await exchange(central.url, cursor=answer.cursor)).deliver == []
    assert central.calls[-1].cursor == "1"


async def test_nobody_is_told_a_token_where_there_is_none(central: Central) -> None:
    await exchange(central.url, token="")
    assert central.calls[0].token == ""


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, "token"), (403, "token"), (413, "refused"), (415, "refused"), (422, "refused")]
    + [(status, "away") for status in (204, 302, 400, 404, 429, 500, 503)],
)
async def test_statuses_are_told_apart(central: Central, status: int, kind: str) -> None:
    central.behaviour = play.status(status)
    assert (await failure(central.url)).kind == kind


@pytest.mark.parametrize("behaviour", [play.page, play.breaking])
async def test_what_is_no_answer_of_ours(central: Central, behaviour: Behaviour) -> None:
    central.behaviour = behaviour
    assert (await failure(central.url)).kind == "away"


@pytest.mark.parametrize("behaviour", [play.hanging, play.dripping])
async def test_a_deadline_for_the_whole(central: Central, behaviour: Behaviour) -> None:
    central.behaviour = behaviour
    error = await failure(central.url, deadline=0.3)
    assert "did not answer within 0.3 s" in str(error)
    assert not central.over.is_set(), "we did not wait for its end"


async def test_nobody_listens(central: Central) -> None:
    central.stop()
    assert (await failure(central.url)).kind == "away"


async def test_an_endless_answer_is_left(central: Central) -> None:
    central.behaviour = lambda _, out: out.answer(200, b" " * (9 << 20))
    assert "longer than" in str(await failure(central.url))


async def test_a_foreign_certificate_sees_no_token() -> None:
    with Central(CERTIFICATE) as central:
        assert (await failure(central.url)).kind == "certificate"
        assert central.calls == []
        assert (await exchange(central.url, ca=CERTIFICATE)).read == 0
        assert central.calls[0].token == TOKEN


def test_an_authority_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for ca in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        with pytest.raises(SettingsError, match="certificate authority"):
            Client("https://a", "node-1", str, ca)


async def test_a_token_that_can_not_be_read_is_trouble_with_the_token(central: Central) -> None:
    def gone() -> str:
        raise SettingsError("The token is gone.")

    client = Client(central.url, "node-1", gone)
    with pytest.raises(HandOverError, match="The token is gone") as caught:
        await client.hand_over(b"", "")
    assert caught.value.kind == "token"
    assert central.calls == []
    await client.close()
