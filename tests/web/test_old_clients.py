"""The old clients' own address, beside the service's. Who asks from 127.0.0.5 is named there, others are not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.core.errors import SettingsError
from running import Client, InThread, command, running
from tokens_of_tests import line, token_file

OLD = {"compat": {"listen": "127.0.0.1:0", "allow": ["127.0.0.5/32", "192.0.2.0/24"]}}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InThread]:
    folder = tmp_path_factory.mktemp("old")
    tokens = token_file(folder, line("reader", "read"))
    with running(folder, **OLD, auth={"token_file": str(tokens)}) as service:
        yield service


def asking_from(service: InThread, source: str) -> Client:
    assert service.old_clients is not None
    return Client(service.old_clients.url, source)


@pytest.mark.parametrize("path", ["/sans.org", "/stats", "/stats-reset", "/cache_browse", "/depuny"])
def test_a_named_client_needs_no_token(service: InThread, path: str) -> None:
    assert asking_from(service, "127.0.0.5").get(path).status == 200


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.6"])
def test_nobody_else_is_answered(service: InThread, source: str) -> None:
    client = asking_from(service, source)
    before = service.do(lambda: service.parts.access.refusals.counts["not_named"])
    for headers in ({}, {"X_Forwarded_For": "127.0.0.5"}, {"Forwarded": "for=127.0.0.5"}):
        reply = client.get("/refused.org", **headers)
        assert reply.status == 403
        assert "[compat] allow" in reply.json()["detail"]

    assert service.do(lambda: service.parts.access.refusals.counts["not_named"]) == before + 3
    assert service.do(lambda: service.parts.store.seen(["refused.org"])) == {}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"])
def test_no_native_route_answers_there(service: InThread, path: str) -> None:
    """They are names without a public suffix, as anything else with one label."""
    assert asking_from(service, "127.0.0.5").get(path).json()["category"] == "ERROR"


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/domains/sans.org", "/v1/domains"])
def test_nor_does_the_native_api(service: InThread, path: str) -> None:
    assert asking_from(service, "127.0.0.5").get(path).status == 404
    assert asking_from(service, "127.0.0.5").get("/v1/events", "POST", b"{}").status == 404


def test_a_page_in_a_browser_of_a_named_client_may_not_ask(service: InThread) -> None:
    client = asking_from(service, "127.0.0.5")
    assert client.get("/sans.org", Host="attacker.example").status == 403
    assert client.get("/sans.org", Sec_Fetch_Site="cross-site").status == 403


def test_both_addresses_have_one_memory(service: InThread) -> None:
    assert "YOUR-FIRST-CONTACT" in asking_from(service, "127.0.0.5").get("/shared.org").json()["alerts"]
    assert "YOUR-FIRST-CONTACT" not in service.get("/shared.org").json()["alerts"]


def test_an_ipv4_client_of_an_ipv6_socket_is_known(tmp_path: Path) -> None:
    with running(tmp_path, compat={"listen": "[::]:0", "allow": ["127.0.0.5"]}) as service:
        assert service.old_clients is not None
        port = service.old_clients.port
        assert Client(f"http://127.0.0.1:{port}", "127.0.0.5").get("/sans.org").status == 200
        assert Client(f"http://127.0.0.1:{port}", "127.0.0.6").get("/sans.org").status == 403


def test_a_port_that_is_taken_leaves_nothing_open(tmp_path: Path, service: InThread) -> None:
    keys = {"listen": f"127.0.0.1:{service.port}", "allow": ["127.0.0.5"]}
    with pytest.raises(SettingsError, match="can't be listened on"), running(tmp_path, compat=keys):
        pass
    with running(tmp_path) as again:  # the store was not left locked, either
        assert again.old_clients is None


def test_it_is_refused_without_names() -> None:
    done = command("serve", FIRSTSIGHT_COMPAT__LISTEN="0.0.0.0:5731")

    assert done.returncode == 1
    assert "needs `listen` and `allow`, or neither" in done.stderr
