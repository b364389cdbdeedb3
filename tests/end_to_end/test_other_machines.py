"""The service asked by other machines: `firstsight serve` as a process, over TLS and through a proxy."""

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from other_machines import CA, LOOPBACK, OWN, issue
from running import Client, Process, eventually, find, process
from tokens_of_tests import bearer, line, token_file

OFFLINE = "[http]\noffline = true\n"


def trusting(ca: trustme.CA) -> ssl.SSLContext:
    trust = ssl.create_default_context()
    ca.configure_trust(trust)
    return trust


def config(folder: Path, *, tls: bool, proxies: str = "") -> str:
    """Settings with tokens."""
    token_file(
        folder, line("may-read", "read"), line("may-hand-over", "ingest"), line("could-read", "read", "2024-02-29")
    )
    text = f'data_dir = "{folder}/data"\n{OFFLINE}[auth]\ntoken_file = "{folder}/tokens"\n'
    if tls:
        issue(folder)
        text += f'[tls]\ncert = "{folder}/cert"\nkey = "{folder}/key"\n'
    return text + (f"[web]\ntrusted_proxies = ['{proxies}']\n" if proxies else "")


@contextmanager
def over_tls(folder: Path) -> Iterator[tuple[Process, Client]]:
    """The service on our address, and a client that counts as another machine."""
    # Without an address of its own, this machine plays the proxy to be somebody else.
    proxies = LOOPBACK if OWN == LOOPBACK else ""
    with process(folder, config(folder, tls=True, proxies=proxies), f"{OWN}:0") as service:
        yield service, Client(service.client.url, trust=trusting(CA))


def test_over_tls_with_a_token(tmp_path: Path) -> None:
    with over_tls(tmp_path) as (service, client):
        assert client.url.startswith(f"https://{OWN}:")
        assert client.get("/healthz").status == 200
        assert client.get("/sans.org").status == 401
        assert client.get("/sans.org", **bearer("no-such-token")).status == 401
        assert client.get("/sans.org", **bearer("could-read")).status == 401
        assert client.get("/sans.org", **bearer("may-hand-over")).status == 403
        first = client.get("/sans.org", **bearer("may-read"))
        assert (first.status, first.json()["alerts"]) == (200, ["YOUR-FIRST-CONTACT"])  # the refused were no contacts

        with pytest.raises(ssl.SSLCertVerificationError):
            Client(client.url, trust=trusting(trustme.CA())).get("/healthz")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            Client(client.url).get("/healthz")  # plain HTTP
        assert service.terminate() == 0
        (refused, *_) = [told for told in service.told() if told["event"] == "request_refused"]
        assert (refused["reason"], refused["client"]) == ("missing", OWN)
    log = (tmp_path / "stderr").read_text()
    assert "may-read" not in log
    assert "no-such-token" not in log
    assert "Traceback" not in log


def test_a_certificate_is_exchanged_while_it_runs(tmp_path: Path) -> None:
    other = trustme.CA()
    with over_tls(tmp_path) as (service, client):
        open_all_the_while = client.connection()
        open_all_the_while.request("GET", "/healthz")
        assert open_all_the_while.getresponse().read()
        connected = open_all_the_while.sock

        (tmp_path / "key").write_text("half a pair")
        eventually(lambda: find(service.told(), "new_version_not_taken"))
        assert client.get("/healthz").status == 200
        assert "key" in client.get("/readyz", **bearer("may-read")).json()["degraded"][-1]

        issue(tmp_path, other)
        eventually(lambda: find(service.told(), "new_version_taken"))
        assert Client(client.url, trust=trusting(other)).get("/healthz").status == 200
        with pytest.raises(ssl.SSLCertVerificationError):
            client.get("/healthz")
        open_all_the_while.request("GET", "/healthz")
        assert open_all_the_while.getresponse().status == 200
        assert open_all_the_while.sock is connected
        open_all_the_while.close()


class Proxy(BaseHTTPRequestHandler):
    """A small reverse proxy: it asks from 127.0.0.2, and says for whom (`client`)."""

    target: Client
    client = "192.0.2.9"

    def do_GET(self) -> None:
        reply = self.target.get(
            self.path,
            "GET",
            None,
            **{key: value for key, value in self.headers.items() if key != "X-Forwarded-For"},
            X_Forwarded_For=", ".join([*self.headers.get_all("X-Forwarded-For", []), self.client]),
        )
        self.send_response(reply.status)
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
        pass


@contextmanager
def proxied(target: str, source: str) -> Iterator[Client]:
    """A client of a proxy that asks the target."""
    handler = type("To", (Proxy,), {"target": Client(target, source)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Client(f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()


def test_through_a_proxy_on_the_same_machine(tmp_path: Path) -> None:
    with process(tmp_path, config(tmp_path, tls=False, proxies="127.0.0.2")) as service:
        with proxied(service.client.url, "127.0.0.2") as far:
            assert far.get("/v1/alerts").status == 401
            assert far.get("/v1/alerts", X_Forwarded_For="127.0.0.1").status == 401
            assert far.get("/v1/alerts", **bearer("may-read")).status == 200
            assert far.get("/metrics", **bearer("may-hand-over")).status == 403
        with proxied(service.client.url, "") as unnamed:  # one that the settings don't name
            assert unnamed.get("/v1/alerts").status == 401
            assert unnamed.get("/v1/alerts", **bearer("may-read")).status == 200
        assert service.client.get("/sans.org").status == 200  # the manager's own scripts go on as they are
        assert find(service.told(), "request_refused")["client"] == Proxy.client  # type: ignore[index]


if OWN != LOOPBACK:  # nobody else can ask a machine without a network

    def test_over_plain_http_nobody_but_the_proxy_is_answered(tmp_path: Path) -> None:
        with process(tmp_path, config(tmp_path, tls=False, proxies="127.0.0.2"), "0.0.0.0:0") as service:
            port = service.client.port
            stranger = Client(f"http://{OWN}:{port}")

            assert stranger.get("/healthz").status == 403
            assert "trusted_proxies" in stranger.get("/sans.org", **bearer("may-read")).json()["detail"]
            assert Client(f"http://127.0.0.1:{port}").get("/sans.org").status == 200
            assert Client(f"http://127.0.0.1:{port}", "127.0.0.2").get("/v1/alerts", **bearer("may-read")).status == 200
