import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from firstsight.core.errors import InputError
from firstsight.core.usernames import Users
from firstsight.wazuh.doctor.findings import Finding, State
from firstsight.wazuh.doctor.service import ServiceClient, intelligence, people, popular_list, service_answers
from running import running


def states(url: str) -> list[tuple[State, str]]:
    return [(finding.state, finding.text) for finding in service_answers(ServiceClient(url))]


def test_a_service_that_is_well_and_one_that_lacks_something(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        (well, text), *rest = states(up.url)
        assert (well, text) == (State.OK, f"{up.url} records what comes.")
        assert {state for state, _ in rest} == {State.WRONG}
        assert any("No source is set" in sentence for _, sentence in rest)


def test_no_service() -> None:
    ((state, text),) = states("http://127.0.0.1:9")
    assert (state, text) == (State.WRONG, "http://127.0.0.1:9 does not answer: Connection refused.")


def test_a_certificate_that_can_t_be_used_is_named(tmp_path: Path) -> None:
    absent, broken = tmp_path / "absent.pem", tmp_path / "broken.pem"
    broken.write_text("no certificate")
    url = "https://127.0.0.1:9"
    for client in (ServiceClient(url, ca=absent), ServiceClient(url, own=absent)):
        with pytest.raises(InputError, match=rf"{absent} can't be used \(No such file or directory\)"):
            client.get("/healthz")
    for client in (ServiceClient(url, ca=broken), ServiceClient(url, own=broken)):
        with pytest.raises(InputError, match=rf"{broken} can't be used"):
            client.get("/healthz")


class Other(BaseHTTPRequestHandler):
    body, status = b"", 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def other() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (200, b"<html>", "is not firstsight"),
        (404, b"{}", "is not firstsight"),
        (503, b'{"degraded": ["queue"], "reason": "The disk is full."}', "records nothing: The disk is full."),
    ],
)
def test_what_else_may_answer(
    other: str, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, sentence: str
) -> None:
    monkeypatch.setattr(Other, "status", status)
    monkeypatch.setattr(Other, "body", body)
    found = states(other)
    assert found[0][0] is State.WRONG
    assert sentence in found[0][1]


@pytest.mark.parametrize(
    ("users", "viewers_see", "text"),
    [
        (Users.KEEP, True, "Names are kept ([privacy] users = keep)."),
        (Users.PSEUDONYM, False, "Pseudonyms in the place of names ([privacy] users = pseudonym); viewers see none."),
        (Users.LEAVE_OUT, False, "Names are left out ([privacy] users = leave_out)."),
    ],
)
def test_peoples_names(users: Users, viewers_see: bool, text: str) -> None:
    assert people(users, viewers_see=viewers_see) == Finding("people's names", State.NOTE, text)


def test_the_popular_list(tmp_path: Path) -> None:
    path = tmp_path / "popular.csv"
    assert popular_list(path, 100, 0).state is State.NOTE
    path.touch()
    os.utime(path, (1_000_000, 1_000_000))
    assert popular_list(path, 100, 1_000_000 + 86_400 * 5).state is State.OK
    old = popular_list(path, 100, 1_000_000 + 86_400 * 60)
    assert (old.state, old.text) == (State.NOTE, f"{path} is 60 days old.")
    assert "Off" in popular_list(path, 0, 0).text


def test_the_key(tmp_path: Path) -> None:
    path = tmp_path / "key"

    def look(url: str = "https://otx.example", file: str = str(path)) -> Finding:
        return intelligence(url, file, None)

    assert look("", "").text.startswith("Off")
    assert look(file="").state is State.NOTE
    assert look().state is State.WRONG
    path.write_text("secret")
    path.chmod(0o644)
    assert "Everybody" in look().text
    path.chmod(0o640)
    assert look().state is State.OK
    assert "secret" not in str(look())


def test_a_certificate_that_nobody_signed_is_believed_where_it_is_known(tmp_path: Path) -> None:
    import trustme

    authority = trustme.CA()
    leaf = authority.issue_cert("firstsight.example")
    cert, key, ca, token = (tmp_path / name for name in ("cert.pem", "key.pem", "ca.pem", "tokens"))
    cert.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(ca)
    token.touch(0o600)
    with running(tmp_path, tls={"cert": str(cert), "key": str(key)}, auth={"token_file": str(token)}) as up:
        assert ServiceClient(up.url, own=cert).get("/healthz")[0] == 200
        for stranger in (ServiceClient(up.url), ServiceClient(up.url, ca=ca)):  # the second: by another name
            with pytest.raises(InputError, match="does not answer"):
                stranger.get("/healthz")
