"""The endpoints' files: what is in the folder, what is refused, and that they do what they are for."""

import hashlib
import os
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from endpoint_home import EndpointHome, alert_message, script_module
from firstsight.access.tokens import TokenScope, parse_tokens
from firstsight.core.errors import InputError
from firstsight.wazuh.active_response.parts import endpoint_file
from firstsight.wazuh.setup import bundle as bundle_module
from firstsight.wazuh.setup.bundle import Bundle, Endpoints
from running import eventually, running
from servers import knowledge as play
from servers.otx import Otx, general, pulse

URL = "https://firstsight.example.com:5730"
CERTIFICATE = Path(play.__file__).with_name("loopback.pem")
FILES = {
    ".firstsight-written",
    "README.md",
    "unix/firstsight-otx",
    "unix/firstsight-otx.conf",
    "windows/firstsight-otx.cmd",
    "windows/firstsight-otx.conf",
    "windows/firstsight-otx.ps1",
}
GIVEN = {
    "unix/firstsight-otx.token",
    "windows/firstsight-otx.token",
    "unix/firstsight-ca.pem",
    "windows/firstsight-ca.pem",
}


def write(folder: Path, endpoints: Endpoints) -> list[str]:
    """The paths that were changed."""
    bundle = Bundle(folder)
    changes = bundle.changes(endpoints)
    bundle.write(changes)
    return [change.path for change in changes]


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    write(folder, Endpoints(URL))
    assert files(folder).keys() == FILES
    assert Bundle(folder).lacks_token
    for path in (folder, *folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    assert (folder / "windows/firstsight-otx.ps1").read_bytes() == endpoint_file("firstsight-otx.ps1")
    assert f"url = {URL}\ntoken_file" in (folder / "unix/firstsight-otx.conf").read_text()
    readme = (folder / "README.md").read_text()
    assert f"`curl {URL}/healthz`" in readme
    assert "{url}" not in readme
    assert 'src: "{{ bundle }}/{{ item.name }}"' in readme


def test_the_token_that_it_tells_to_make_opens_what_endpoints_ask_for(tmp_path: Path) -> None:
    write(tmp_path / "agents", Endpoints(URL))
    readme = (tmp_path / "agents/README.md").read_text()
    (told,) = [line for line in readme.splitlines() if line.startswith("python3 -c ")]
    made = subprocess.run(["sh", "-c", told], check=True, capture_output=True, text=True).stdout
    token, line = made.splitlines()
    found = parse_tokens(line, "README").find(token.removeprefix("token: ").encode())
    assert found
    assert found.scopes == {TokenScope.INTEL}


def test_what_a_kill_has_left_goes(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    write(folder, Endpoints(URL))
    (folder / "unix/.firstsight-otx.token.firstsight-new").write_text("s3cr")
    write(folder, Endpoints(URL))
    assert files(folder).keys() == FILES


def test_what_was_given_stays_and_all_else_is_there_already(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    write(folder, Endpoints(URL, b"an authority", "s3cret"))
    before = files(folder)
    assert before.keys() == FILES | GIVEN
    assert not Bundle(folder).lacks_token
    assert write(folder, Endpoints(URL, b"an authority", "s3cret")) == []
    assert write(folder, Endpoints(URL)) == []
    assert files(folder) == before

    assert write(folder, Endpoints(URL, token="an0ther")) == [
        "windows/firstsight-otx.token",
        "unix/firstsight-otx.token",
    ]
    assert (folder / "unix/firstsight-otx.token").read_text() == "an0ther\n"
    assert "ca = firstsight-ca.pem" in (folder / "unix/firstsight-otx.conf").read_text()


def test_another_service_and_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "agents"
    with monkeypatch.context() as older:
        older.setattr(bundle_module, "endpoint_file", lambda name: f"older {name}".encode())
        write(folder, Endpoints("https://old.example:1"))
    assert write(folder, Endpoints(URL))
    with EndpointHome() as home:
        shutil.copytree(folder / "unix", home.bin, dirs_exist_ok=True)
        (home.bin / "firstsight-otx.token").touch(0o600)
        (home.bin / "firstsight-otx.token").write_text("s3cret")
        assert script_module().Conf(str(home.bin)).url == URL
    assert (folder / "unix/firstsight-otx").read_bytes() == endpoint_file("firstsight-otx")


def refused(folder: Path, sentence: str) -> None:
    before = files(folder) if folder.is_dir() else {}
    with pytest.raises(InputError, match=sentence):
        Bundle(folder).changes(Endpoints(URL, token="s3cret"))
    assert before == (files(folder) if folder.is_dir() else {})


def test_what_stands_in_the_way(tmp_path: Path) -> None:
    refused(tmp_path / "no" / "such", "is not there")
    (tmp_path / "file").touch()
    refused(tmp_path / "file", "is a file")
    theirs = tmp_path / "theirs"
    theirs.mkdir(0o700)
    (theirs / "README.md").write_text("mine")
    refused(theirs, "did not write .README.md.")
    (theirs / "README.md").unlink()
    theirs.chmod(0o755)
    refused(theirs, "open to others")
    theirs.chmod(0o700)
    write(theirs, Endpoints(URL))
    with (theirs / "windows/firstsight-otx.conf").open("a") as settings:
        settings.write("original = yes\n")
    refused(theirs, "firstsight-otx.conf was changed by somebody")
    (theirs / "windows/firstsight-otx.conf").unlink()
    (theirs / "windows/firstsight-otx.conf").symlink_to("/etc/passwd")
    refused(theirs, "symbolic link")
    (theirs / "windows/firstsight-otx.conf").unlink()
    (theirs / "windows/firstsight-otx.conf").mkdir()
    refused(theirs, "is a folder")


def test_a_run_cut_anywhere_is_ended_by_another_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Endpoints(URL, b"an authority", "s3cret")
    write(tmp_path / "whole", wanted)
    whole = files(tmp_path / "whole")
    for steps in range(100):
        folder = tmp_path / str(steps)
        write(folder, Endpoints("https://old.example:1")) if steps % 2 else None
        left = [steps // 2]
        fsync = os.fsync

        def counted(descriptor: int) -> None:
            left[0] -= 1  # noqa: B023  # it is called in this round alone
            if left[0] < 0:  # noqa: B023
                raise OSError(5, "the power is gone")
            fsync(descriptor)  # noqa: B023

        with monkeypatch.context() as power:
            power.setattr(os, "fsync", counted)
            try:
                write(folder, wanted)
            except InputError:
                pass
            else:
                break
        write(folder, wanted)
        found = files(folder)
        assert found.keys() == whole.keys()
        assert {**found, ".firstsight-written": b""} == {**whole, ".firstsight-written": b""}
        assert write(folder, wanted) == []
    else:
        pytest.fail("no run was left alone")
    assert steps > 20


def test_an_endpoint_asks_the_service_with_what_is_in_it(tmp_path: Path) -> None:
    key, tokens = tmp_path / "otx.key", tmp_path / "tokens"
    key.write_text("k" * 64)
    key.chmod(0o600)
    tokens.touch(0o600)
    tokens.write_text(f"endpoints intel sha256:{hashlib.sha256(b's3cret').hexdigest()} -\n")
    with Otx() as otx, EndpointHome() as home:
        otx.domains["evil-harbour.com"] = general("evil-harbour.com", pulse())
        keys: dict[str, Any] = {
            "http": {},
            "registration": {"bootstrap": "", "servers": {"com": "http://127.0.0.1:9/"}},
            "otx": {"url": otx.url, "key_file": str(key)},
            "tls": {"cert": str(CERTIFICATE), "key": str(CERTIFICATE)},
            "auth": {"token_file": str(tokens)},
        }
        with running(tmp_path, **keys) as service:
            write(tmp_path / "agents", Endpoints(service.url, CERTIFICATE.read_bytes(), "s3cret"))
            shutil.copytree(tmp_path / "agents/unix", home.bin, dirs_exist_ok=True)
            home.respond(alert_message("evil-harbour.com", alert_id="0a1b"))
            (line,) = eventually(home.lines)
            eventually(lambda: not home.workers())
    assert (line["outcome"], line["query"], line["alert_id"]) == ("found", "evil-harbour.com", "0a1b")
    assert line["pulses"] == ["Lures of a courier"]
