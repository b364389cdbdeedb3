"""Tokens over a running service. Who asks from 127.0.0.2 comes through a trusted proxy; from 127.0.0.1, of itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from alert_samples import AT
from firstsight.access.access import Access
from firstsight.access.peers import Peers
from firstsight.access.refusals import Refusals
from firstsight.access.renewed import Renewed
from firstsight.access.tokens import Scopes, parse_tokens
from firstsight.web.asker import asker
from firstsight.web.auth import Auth
from firstsight.web.scopes import READ
from registers_of_tests import Registers
from running import Client, InThread, Reply, eventually, running
from tokens_of_tests import bearer, line, token_file

PROXY = "127.0.0.2"
NATIVE = ["/v1/domains/sans.org", "/v1/alerts", "/v1/nothing", "/metrics", "/docs", "/openapi.json"]
EVENT = {"time": "2026-11-24T00:00:00Z", "name": "sans.org", "agent": {"name": "A"}}


@dataclass
class Served:
    """A service with tokens, and a client that stands behind its proxy."""

    service: InThread
    far: Client
    tokens: Path


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("auth")
    tokens = token_file(
        folder,
        *(line(f"of-{scope}", scope) for scope in ("read", "intel", "ingest", "admin")),
        line("of-yesterday", "admin", "2020-01-01"),
    )
    with running(folder, auth={"token_file": str(tokens)}, web={"trusted_proxies": [PROXY]}) as service:
        yield Served(service, Client(service.url, PROXY), tokens)


def is_refusal(reply: Reply, status: int, detail: str) -> bool:
    return (
        reply.status == status
        and reply.headers["content-type"] == "application/problem+json"
        and reply.json()["status"] == status
        and detail in reply.json()["detail"]
    )


@pytest.mark.parametrize("path", ["/sans.org", "/", "/a/b", *NATIVE])
def test_every_route_needs_a_token(served: Served, path: str) -> None:
    reply = served.far.get(path)

    assert is_refusal(reply, 401, "Authorization: Bearer")
    assert reply.headers["www-authenticate"] == 'Bearer realm="firstsight"'


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE"])
def test_whatever_the_method(served: Served, method: str) -> None:
    assert served.far.get("/refused.org", method).status == 401
    assert served.service.do(lambda: served.service.parts.store.seen(["refused.org"])) == {}


@pytest.mark.parametrize(
    ("method", "path", "opens"),
    [
        ("GET", "/sans.org", {"of-read", "of-admin"}),
        ("GET", "/stats", {"of-read", "of-admin"}),
        ("GET", "/cache_browse", {"of-read", "of-admin"}),
        ("GET", "/stats-reset", {"of-admin"}),
        ("HEAD", "/stats-reset", {"of-admin"}),
        ("GET", "/v1/domains/sans.org", {"of-read", "of-admin"}),
        ("POST", "/v1/domains", {"of-read", "of-admin"}),
        ("GET", "/v1/alerts", {"of-read", "of-admin"}),
        ("GET", "/v1/alerts/1", {"of-read", "of-admin"}),
        ("GET", "/v1/intel/sans.org", {"of-read", "of-intel", "of-admin"}),
        ("POST", "/v1/events", {"of-ingest", "of-admin"}),
        ("POST", "/v1/wazuh/alerts", {"of-ingest", "of-admin"}),
        ("GET", "/metrics", {"of-read", "of-admin"}),
        ("GET", "/docs", {"of-read", "of-admin"}),
        ("GET", "/openapi.json", {"of-read", "of-admin"}),
        ("GET", "/v1/nothing", set()),
        ("DELETE", "/v1/alerts", set()),
    ],
)
def test_scopes(served: Served, method: str, path: str, opens: set[str]) -> None:
    opened = {
        secret
        for secret in ("of-read", "of-intel", "of-ingest", "of-admin")
        if served.far.get(path, method, **bearer(secret)).status not in {401, 403}
    }

    assert opened == opens


def test_a_scope_that_lacks_is_named(served: Served) -> None:
    reply = served.far.post("/v1/events", {"events": [EVENT]}, **bearer("of-read"))

    assert is_refusal(reply, 403, "The token lacks the scope ingest.")
    assert reply.headers["www-authenticate"].endswith('error="insufficient_scope", scope="ingest"')
    assert served.service.do(lambda: served.service.parts.store.totals().get("events", 0)) == 0


@pytest.mark.parametrize("secret", ["of-yesterday", "never-there"])
def test_what_is_not_valid_any_more_looks_like_what_never_was(served: Served, secret: str) -> None:
    reply = served.far.get("/v1/alerts", **bearer(secret))

    assert is_refusal(reply, 401, "The token is not valid.")
    assert reply.headers["www-authenticate"] == 'Bearer realm="firstsight", error="invalid_token"'
    assert secret not in reply.body.decode()


@pytest.mark.parametrize("given", ["bearer of-read", "BEARER  of-read ", "Bearer of-read"])
def test_ways_to_write_it(served: Served, given: str) -> None:
    assert served.far.get("/v1/alerts", Authorization=given).status == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "of-read", "Basic of-read", "Token of-read", "Bearerof-read"]
)
def test_what_is_no_token(served: Served, given: str) -> None:
    assert served.far.get("/v1/alerts", Authorization=given).status == 401


def test_two_tokens_are_none(served: Served) -> None:
    head = "GET /v1/alerts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n"
    twice = head + "Authorization: Bearer of-read\r\n" * 2 + "\r\n"

    assert served.service.raw(twice.encode()).startswith(b"HTTP/1.1 401 ")


def test_this_machine_needs_none(served: Served) -> None:
    assert served.service.get("/v1/alerts").status == 200
    assert served.service.get("/sans.org").status == 200
    assert served.service.get("/v1/nothing").status == 404
    assert served.service.get("/v1/alerts", **bearer("wrong")).status == 200


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"])
def test_a_proxy_here_that_the_settings_do_not_name_is_not_this_machine(served: Served, header: str) -> None:
    assert served.service.get("/v1/alerts", **{header: "for=127.0.0.1"}).status == 401
    assert served.service.get("/v1/alerts", **{header: "127.0.0.1"}, **bearer("of-read")).status == 200


@pytest.mark.parametrize("header", [{"X_Forwarded_For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {}])
def test_nobody_behind_a_proxy_is_this_machine(served: Served, header: dict[str, str]) -> None:
    assert served.far.get("/v1/alerts", **header).status == 401
    assert served.far.get("/v1/alerts", **header, **bearer("of-read")).status == 200


def test_a_proxy_that_says_rubbish(served: Served) -> None:
    reply = served.far.get("/v1/alerts", X_Forwarded_For="<script>", **bearer("of-admin"))

    assert is_refusal(reply, 400, "The forwarding headers name no address")
    assert b"script" not in reply.body


def test_health_is_open_and_tells_nobody_where_things_are(served: Served) -> None:
    """There is no source here, so something is amiss."""
    assert served.far.get("/healthz").status == 200
    for header in ({}, bearer("of-ingest"), bearer("never-there")):
        reply = served.far.get("/readyz", **header)
        assert (reply.status, reply.json()["status"]) == (200, "ready")
        (only,) = reply.json()["degraded"]
        assert only.startswith("Something is amiss. Ask with a token")
    for reply in (served.far.get("/readyz", **bearer("of-read")), served.service.get("/readyz")):
        assert any("No source is set" in sentence for sentence in reply.json()["degraded"])


def test_refusals_are_counted(served: Served) -> None:
    def counted() -> dict[str, int]:
        return served.service.do(lambda: dict(served.service.parts.access.refusals.counts))

    before = counted()
    served.far.get("/a.org")
    served.far.get("/a.org", **bearer("never-there"))
    served.far.get("/a.org", **bearer("of-yesterday"))
    served.far.get("/a.org", **bearer("of-intel"))
    served.far.get("/a.org", Forwarded="x")
    served.far.get("/healthz")
    after = counted()

    assert {reason: after[reason] - before[reason] for reason in after} == {
        "missing": 1, "unknown": 1, "expired": 1, "scope": 1, "proxy": 1, "plain": 0, "not_named": 0,
        "session": 0, "csrf": 0,
    }  # fmt: skip
    assert f'firstsight_requests_refused_total{{reason="unknown"}} {after["unknown"]}.0' in (
        served.service.get("/metrics").body.decode()
    )


def test_tokens_change_while_it_runs(tmp_path: Path) -> None:
    tokens = token_file(tmp_path, line("first", "read"))
    with running(tmp_path, auth={"token_file": str(tokens)}, web={"trusted_proxies": [PROXY]}) as service:
        far = Client(service.url, PROXY)
        assert far.get("/v1/alerts", **bearer("first")).status == 200

        tokens.write_text(line("first", "read") + line("second", "read,ingest"))
        eventually(lambda: far.get("/v1/alerts", **bearer("second")).status == 200)

        tokens.write_text("rubbish")
        eventually(lambda: any("line 1: 1 fields" in text for text in service.get("/readyz").json()["degraded"]))
        assert far.get("/v1/alerts", **bearer("second")).status == 200

        tokens.write_text("# nobody\n")
        eventually(lambda: far.get("/v1/alerts", **bearer("first")).status == 401)
        assert far.get("/v1/alerts", **bearer("second")).status == 401


class Asked:
    """An Auth without a server around it, and what it lets through."""

    def __init__(self, folder: Path, proxies: list[str], *, tls: bool = False) -> None:
        self.registers = Registers(folder)
        self.clock = self.registers.clock
        self.passed: list[Scopes] = []
        file: Any = Renewed(lambda: parse_tokens(line("good", "read", "2026-12-01"), ""))
        certificate: Any = object() if tls else None
        machines, people = self.registers.machines(file), self.registers.people()
        self.access = Access(
            Refusals(self.clock), Peers(proxies), machines, people, self.registers.trail, certificate=certificate
        )

        async def app(scope: Any, receive: Any, send: Any) -> None:
            self.passed.append(asker(scope).scopes)
            await send({"type": "http.response.start", "status": 200})

        self.auth = Auth(app, self.access, lambda _: READ, self.clock)

    async def status(self, client: str | None, **headers: str) -> int:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        pairs = [(key.lower().replace("_", "-").encode(), value.encode()) for key, value in headers.items()]
        scope = {
            "type": "http", "method": "GET", "path": "/a.org", "headers": pairs, "client": client and (client, 1),
        }  # fmt: skip
        await self.auth(scope, None, send)  # type: ignore[arg-type]  # nobody reads a body here
        return int(sent[0]["status"])


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Callable[..., Asked]]:
    made: list[Asked] = []

    def make(proxies: list[str], *, tls: bool = False) -> Asked:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Asked(folder, proxies, tls=tls))
        return made[-1]

    yield make
    for each in made:
        each.registers.database.close()


@pytest.mark.parametrize("client", ["10.0.0.9", "::ffff:10.0.0.9", "2001:db8::1", None])
async def test_over_plain_http_only_proxies_ask(asked: Callable[..., Asked], client: str | None) -> None:
    plain, tls = asked(["10.0.0.7"]), asked(["10.0.0.7"], tls=True)

    assert await plain.status(client, **bearer("good")) == 403
    assert await tls.status(client, **bearer("good")) == 200
    assert await tls.status(client) == 401
    assert await tls.status(client, X_Forwarded_For="127.0.0.1") == 401  # nobody's word counts but a proxy's
    assert await plain.status("10.0.0.7", X_Forwarded_For="10.0.0.9", **bearer("good")) == 200
    assert await plain.status("::ffff:127.0.0.1") == 200  # this machine, on a socket for both families
    assert tls.passed == [READ]


async def test_a_token_ends(asked: Callable[..., Asked]) -> None:
    tls = asked([], tls=True)
    assert await tls.status("10.0.0.9", **bearer("good")) == 200
    tls.clock.at = AT + 8 * 86400
    assert await tls.status("10.0.0.9", **bearer("good")) == 401


async def test_the_log_names_the_client_behind_the_proxy_and_never_the_token(asked: Callable[..., Asked]) -> None:
    proxied = asked(["10.0.0.7"])
    with capture_logs() as said:
        await proxied.status("10.0.0.7", X_Forwarded_For="127.0.0.1, 192.0.2.1", **bearer("wrong-secret"))

    assert [(entry["reason"], entry["client"]) for entry in said] == [("unknown", "192.0.2.1")]
    assert "wrong-secret" not in str(said)


def test_nothing_stands_in_the_way_without_a_token_file(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        assert service.get("/v1/alerts", X_Forwarded_For="192.0.2.1").status == 200
