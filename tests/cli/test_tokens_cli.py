"""`firstsight token …`, through a service that runs and without one."""

import json
from pathlib import Path

import pytest

from people_of_tests import PROXY
from running import Client, command, process
from tokens_of_tests import bearer


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[http]\noffline = true\n[web]\ntrusted_proxies = ["{PROXY}"]\n')
    return path


def test_one_is_taken_and_refused_at_once_by_the_service_that_runs(tmp_path: Path, config: Path) -> None:
    with process(tmp_path, config.read_text()) as service:
        far = Client(service.client.url, PROXY)
        assert "There is no token and no user" in str(service.client.get("/readyz").json()["degraded"])
        made = command("token", "add", "zeek", "--scopes", "read", "--config", config)
        assert (made.returncode, made.stderr) == (0, "")
        token = made.stdout.strip()
        assert token.startswith("firstsight_")
        assert far.get("/v1/alerts", **bearer(token)).status == 200
        assert far.get("/v1/audit", **bearer(token)).status == 403

        listed = command("token", "list", "--config", config).stdout
        assert listed.startswith("zeek ")
        assert "used 20" in listed
        assert token not in listed

        gone = command("token", "revoke", "zeek", "--config", config)
        assert (gone.returncode, gone.stdout) == (0, "The token zeek is refused from now on.\n")
        assert far.get("/v1/alerts", **bearer(token)).status == 401
        assert service.terminate() == 0
        assert token.encode() not in service.log.read_bytes()
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())
    assert token.encode() not in kept


def test_before_the_service_was_ever_started(tmp_path: Path, config: Path) -> None:
    made = command("token", "add", "branch", "--scopes", "read,ingest", "--until", "2099-01-01", "--config", config)
    assert (made.returncode, made.stderr) == (0, "")
    with process(tmp_path, config.read_text()) as service:
        far = Client(service.client.url, PROXY)
        assert far.get("/v1/alerts", **bearer(made.stdout.strip())).status == 200
    trail = [json.loads(line) for line in command("audit", "--config", config).stdout.splitlines()]
    assert [(entry["what"], entry["about"]) for entry in trail] == [("token_added", "branch ingest,read")]
    assert trail[0]["who"].startswith("local:")


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["add", "a b", "--scopes", "read"], "a name is 1 to 64 letters"),
        (["add", "a", "--scopes", "write"], "the scopes must be one or more of"),
        (["add", "a", "--scopes", "read", "--until", "soon"], "the expiry must be a date"),
        (["add", "a", "--scopes", "read", "--until", "2020-01-01"], "is over already"),
        (["revoke", "a"], "There is no token a in the store"),
    ],
)
def test_what_cannot_be(config: Path, arguments: list[str], what: str) -> None:
    done = command("token", *arguments, "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert what in done.stderr
