"""`firstsight user …`: passwords come from standard input here, never from argv."""

import getpass
import io
import sys
from pathlib import Path

import pytest

from firstsight.access.people import Newcomer, Role
from firstsight.cli import users
from firstsight.core.errors import InputError
from people_of_tests import PROXY
from registers_of_tests import PASSWORD, Registers, deed
from running import Client, command, process


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[http]\noffline = true\n[web]\ntrusted_proxies = ["{PROXY}"]\n')
    return path


def test_somebody_is_let_in_and_out_by_the_service_that_runs(tmp_path: Path, config: Path) -> None:
    with process(tmp_path, config.read_text()) as service:
        far = Client(service.client.url, PROXY)
        form = f"name=alice&password={PASSWORD}".encode()
        added = command("user", "add", "alice", "--role", "analyst", "--config", config, given=f"{PASSWORD}\n")
        assert (added.returncode, added.stdout, added.stderr) == (0, "alice may log in, as analyst.\n", "")
        reply = far.get("/login", "POST", form)
        assert reply.status == 303
        cookie = reply.headers["set-cookie"].partition(";")[0]
        assert far.get("/v1/alerts", Cookie=cookie).status == 200
        assert command("user", "list", "--config", config).stdout.startswith("alice                    analyst  last")

        other = command("user", "role", "alice", "admin", "--config", config)
        assert other.stdout == "alice may log in as admin now, and is logged out everywhere.\n"
        assert far.get("/v1/audit", Cookie=cookie).status == 401
        cookie = far.get("/login", "POST", form).headers["set-cookie"].partition(";")[0]
        assert far.get("/v1/audit", Cookie=cookie).status == 200

        changed = command("user", "passwd", "alice", "--config", config, given="another one that is long\n")
        assert changed.stdout == "alice has a new password, and is logged out everywhere.\n"
        assert far.get("/v1/alerts", Cookie=cookie).status == 401
        assert far.get("/login", "POST", form).status == 401

        removed = command("user", "remove", "alice", "--config", config)
        assert (removed.returncode, removed.stderr) == (0, "")
        assert command("user", "list", "--config", config).stdout == ""
        assert service.terminate() == 0
        assert PASSWORD.encode() not in service.log.read_bytes()


def test_what_cannot_be(config: Path) -> None:
    short = command("user", "add", "alice", "--config", config, given="short\n")
    assert (short.returncode, "12 to 256 characters" in short.stderr) == (1, True)
    for change in (["remove", "bob"], ["role", "bob", "admin"]):
        nobody = command("user", *change, "--config", config)
        assert (nobody.returncode, "There is no user bob" in nobody.stderr) == (1, True)
    assert command("user", "add", "a/b", "--config", config, given=PASSWORD).returncode == 1


def test_at_a_terminal_it_is_asked_for_twice_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = iter([PASSWORD, PASSWORD, PASSWORD, "another"])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))

    assert users._password() == PASSWORD
    with pytest.raises(InputError, match="The two passwords differ"):
        users._password()


def test_people_of_an_identity_provider_are_listed_and_removed_and_have_no_password(
    tmp_path: Path, config: Path
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    with Registers(tmp_path / "data", "firstsight.db") as registers:
        newcomer = Newcomer("https://login.example.com", "42", "jane", Role.ANALYST)
        registers.people().welcome(newcomer, Role.ANALYST, lambda what, _, about: deed(what, about))
    listed = command("user", "list", "--config", config).stdout
    assert listed.startswith("oidc:jane                analyst  last login never")
    assert listed.endswith(" by https://login.example.com as 42\n")

    refused = command("user", "passwd", "oidc:jane", "--config", config, given=f"{PASSWORD}\n")
    assert (refused.returncode, "has no password here. It is changed there." in refused.stderr) == (1, True)
    refused = command("user", "role", "oidc:jane", "admin", "--config", config)
    assert (refused.returncode, "says the role at each log-in" in refused.stderr) == (1, True)
    assert command("user", "add", "oidc:jane", "--config", config, given=f"{PASSWORD}\n").returncode == 1
    assert command("user", "remove", "oidc:jane", "--config", config).returncode == 0
    assert command("user", "list", "--config", config).stdout == ""
