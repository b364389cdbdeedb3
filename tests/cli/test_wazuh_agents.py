"""`firstsight wazuh install --with-agents`, whole, and what it refuses to hand to endpoints."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from firstsight.cli.wazuh_agents import AgentOptions, advice, endpoints
from firstsight.core.deeds import Deed
from firstsight.core.errors import InputError
from firstsight.ports import KeptToken
from firstsight.settings import Settings
from manager_home import ManagerHome
from running import command, running
from running import settings as settings_of_running
from servers import knowledge as play
from tokens_of_tests import line, token_file

CERTIFICATE = Path(play.__file__).with_name("loopback.pem").read_text()
AUTHORITY = CERTIFICATE[CERTIFICATE.index("-----BEGIN CERTIFICATE") :].partition("-----END CERTIFICATE-----")[0]
AUTHORITY += "-----END CERTIFICATE-----\n"
URL = "https://firstsight.example.com:5730"


def settings(**keys: Any) -> Settings:
    return Settings.model_validate(keys)


def test_install_twice_without_and_uninstall(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    folder, token = tmp_path / "agents", tmp_path / "token"
    token.write_text("s3cret-of-endpoints\n")
    where: list[str | Path] = ["--home", home.path]
    ask: list[str | Path] = ["--with-agents", folder, "--service-url", URL, "--token-file", token]

    shown = command("wazuh", "install", *where, *ask, "--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert f"{folder}/windows/firstsight-otx.ps1" in shown.stdout
    assert "the active response at its end" in shown.stdout
    assert home.snapshot() == before
    assert not folder.exists()

    done = command("wazuh", "install", *where, *ask)
    assert done.returncode == 0, done.stderr
    assert f"{home.path}/bin/wazuh-control restart\n" in done.stdout
    assert (folder / "unix/firstsight-otx.token").read_text() == "s3cret-of-endpoints\n"
    assert "s3cret-of-endpoints" not in done.stdout + done.stderr
    installed = home.snapshot()

    again = command("wazuh", "install", *where, *ask)
    assert again.stdout.count("nothing to do") == 2
    kept = command("wazuh", "install", *where)
    assert kept.stdout.count("nothing to do") == 1
    assert home.snapshot() == installed
    checked = command("wazuh", "check", *where, FIRSTSIGHT_LISTEN="127.0.0.1:9")
    assert "OK     active response: Rules of the group `firstsight_alert,`" in checked.stdout

    gone = command("wazuh", "install", *where, "--without-agents")
    assert gone.returncode == 0, gone.stderr
    assert "without firstsight's part" in gone.stdout
    assert home.conf.read_bytes() == before["etc/ossec.conf"][3]
    assert command("wazuh", "install", *where, *ask).returncode == 0
    assert command("wazuh", "uninstall", *where).returncode == 0
    assert home.snapshot() == before
    assert (folder / "README.md").exists()


def test_a_manager_that_refuses_leaves_no_files_for_endpoints(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    home.tool("wazuh-analysisd", "! grep -q firstsight-otx etc/ossec.conf")
    before = home.snapshot()
    folder = tmp_path / "agents"
    done = command("wazuh", "install", "--home", home.path, "--with-agents", folder, "--service-url", URL)
    assert done.returncode == 1
    assert "put back as it was" in done.stderr
    assert home.snapshot() == before
    assert not folder.exists()


def test_a_folder_that_can_not_be_used_leaves_the_manager_as_it_was(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    before = home.snapshot()
    (tmp_path / "agents").touch()
    done = command("wazuh", "install", "--home", home.path, "--with-agents", tmp_path / "agents", "--service-url", URL)
    assert (done.returncode, home.snapshot()) == (1, before)
    assert "is a file" in done.stderr


def test_without_a_token_it_says_so(tmp_path: Path) -> None:
    home = ManagerHome(tmp_path)
    done = command("wazuh", "install", "--home", home.path, "--with-agents", tmp_path / "a", "--service-url", URL)
    assert "note: endpoints need a token of scope intel" in done.stdout
    assert not (tmp_path / "a/windows/firstsight-otx.token").exists()


def test_options_that_contradict() -> None:
    with pytest.raises(InputError, match="opposite"):
        AgentOptions(Path("x"), without=True)
    with pytest.raises(InputError, match="--with-agents DIR"):
        AgentOptions(ca=Path("x"))


TLS = {"tls": {"cert": "/c.pem", "key": "/k.pem"}, "auth": {"token_file": "/tokens"}}


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        ({"listen": "10.0.0.5:5730"}, "https://10.0.0.5:5730"),
        ({"listen": "[2001:db8::5]:443"}, "https://[2001:db8::5]:443"),
        ({"listen": "0.0.0.0:5730", "web": {"hosts": ["firstsight.example.com"]}}, URL),
        ({"listen": "[::]:5730", "web": {"hosts": ["[2001:db8::5]"]}}, "https://[2001:db8::5]:5730"),
    ],
)
def test_where_the_service_is_by_its_settings(keys: dict[str, Any], url: str) -> None:
    assert endpoints(settings(**TLS, **keys), AgentOptions(Path("x"))).url == url


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({}, "plain HTTP"),
        (TLS, "leads to 127.0.0.1"),
        ({**TLS, "listen": "0.0.0.0:5730"}, "leads to 0.0.0.0"),
        ({**TLS, "listen": "localhost:5730"}, "leads to localhost"),
    ],
)
def test_where_no_endpoint_reaches_it(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refusal:
        endpoints(settings(**keys), AgentOptions(Path("x")))
    assert "--service-url" in str(refusal.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://firstsight.example.com:5730",
        "firstsight.example.com:5730",
        "https://user:s3cret@firstsight.example.com",
        "https://firstsight.example.com/?a=b",
        "https://firstsight.example.com\nca = x",
        "https://firstsight.example.com:99999",
        "https://[::1]:5730",
        "https://127.9.9.9",
        "https://localhost",
        "https://a.localhost:1",
        "https://0.0.0.0",
        "https://",
        "https://[::1",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(InputError) as refusal:
        endpoints(settings(), AgentOptions(Path("x"), url))
    assert "s3cret" not in str(refusal.value)


def test_a_name_that_the_service_does_not_know_is_told() -> None:
    named = endpoints(settings(), AgentOptions(Path("x"), f"{URL}/"))
    assert named.url == URL
    assert advice(settings(), named)
    assert not advice(settings(web={"hosts": ["Firstsight.example.com"]}), named)
    assert not advice(settings(), endpoints(settings(), AgentOptions(Path("x"), "https://10.0.0.5")))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (CERTIFICATE, "private key"),
        ("", "holds no certificates"),
        (AUTHORITY[:300], "holds no certificates"),
        ("é", "holds no certificates"),
    ],
)
def test_authorities_that_are_refused(tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(content)
    with pytest.raises(InputError, match=sentence):
        endpoints(settings(), AgentOptions(Path("x"), URL, path))


def test_an_authority(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(AUTHORITY)
    assert endpoints(settings(), AgentOptions(Path("x"), URL, path)).authority == AUTHORITY.encode()


@pytest.mark.parametrize("content", ["", "two words", "sha256:" + 64 * "a", 64 * "0", "é"])
def test_what_is_no_token(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_text(content)
    with pytest.raises(InputError, match="holds no token"):
        endpoints(settings(), AgentOptions(Path("x"), URL, token_file=path))


@pytest.mark.parametrize(
    ("scopes", "sentence"), [("intel", ""), ("intel,read", "opens more"), ("admin", "opens more"), ("", "not known")]
)
def test_a_token_opens_threat_intelligence_alone(tmp_path: Path, scopes: str, sentence: str) -> None:
    path, known = tmp_path / "token", tmp_path / "tokens"
    path.write_text("s3cret\n")
    known.touch(0o600)
    known.write_text(f"endpoints {scopes} sha256:{hashlib.sha256(b's3cret').hexdigest()} -\n" if scopes else "")
    keys, options = settings(auth={"token_file": str(known)}), AgentOptions(Path("x"), URL, token_file=path)
    if not sentence:
        assert endpoints(keys, options).token == "s3cret"
        return
    with pytest.raises(InputError, match=sentence) as refusal:
        endpoints(keys, options)
    assert "s3cret" not in str(refusal.value)


def test_a_token_that_has_expired_is_given_to_nobody(tmp_path: Path) -> None:
    path, known = tmp_path / "token", tmp_path / "tokens"
    path.write_text("s3cret\n")
    known.touch(0o600)
    known.write_text(f"endpoints intel sha256:{hashlib.sha256(b's3cret').hexdigest()} 2020-01-01\n")
    options = AgentOptions(Path("x"), URL, token_file=path)
    with pytest.raises(InputError, match="has expired"):
        endpoints(settings(auth={"token_file": str(known)}), options)
    with running(tmp_path) as service:
        kept = KeptToken("endpoints", "intel", hashlib.sha256(b"s3cret").digest(), 0.0, 1.0)
        service.do(lambda: service.parts.access.machines.add(kept, Deed("token_added", "local:t", 0.0, "endpoints")))
        with pytest.raises(InputError, match="has expired"):
            endpoints(settings_of_running(tmp_path), options)


@pytest.mark.parametrize("with_file", [False, True])
@pytest.mark.parametrize(("scopes", "sentence"), [("intel", ""), ("admin", "opens more"), ("", "not known")])
def test_a_token_that_the_running_service_keeps(tmp_path: Path, scopes: str, sentence: str, *, with_file: bool) -> None:
    """The store knows it, not the file; what has no scope here is known to neither."""
    path, file = tmp_path / "token", token_file(tmp_path, line("of-read", "read"))
    path.write_text("s3cret\n")
    keys: dict[str, Any] = {"auth": {"token_file": str(file)}} if with_file else {}
    with running(tmp_path, **keys) as service:
        if scopes:
            digest = hashlib.sha256(b"s3cret").digest()
            kept = KeptToken("endpoints", scopes, digest, 0.0, None)
            deed = Deed("token_added", "local:t", 0.0, "endpoints")
            service.do(lambda: service.parts.access.machines.add(kept, deed))
        here, options = settings_of_running(tmp_path, **keys), AgentOptions(Path("x"), URL, token_file=path)
        if not sentence:
            assert endpoints(here, options).token == "s3cret"
            return
        with pytest.raises(InputError, match=sentence) as refusal:
            endpoints(here, options)
    assert "s3cret" not in str(refusal.value)
