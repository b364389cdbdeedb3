from pathlib import Path

import pytest

from firstsight.core.errors import SettingsError
from firstsight.settings import Settings, load


def written(folder: Path, toml: str) -> Path:
    path = folder / "firstsight.toml"
    path.write_text(toml, "utf-8")
    return path


def refused(path: Path | None) -> list[str]:
    """The sentences, one a fault."""
    with pytest.raises(SettingsError) as caught:
        load(path)
    return str(caught.value).splitlines()


def test_nothing_said_is_the_defaults() -> None:
    settings = load(None)

    assert settings.model_dump() == Settings().model_dump()
    assert settings.listen == "127.0.0.1:5730"
    assert settings.learning.days == 14


def test_a_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        listen = "[::1]:5731"
        store = "sqlite:////srv/first.db"
        [[sources]]
        path = "/var/ossec/logs/alerts/alerts.json"
        from = "start"
        [[sources]]
        type = "wazuh"
        path = "/other.json"
        name = "other"
        [registration.servers]
        com = "http://127.0.0.1:9000/"
        "co.uk" = "http://127.0.0.1:9001/"
        """,
    )
    settings = load(path)

    assert settings.address == ("::1", 5731)
    assert settings.store_path == Path("/srv/first.db")
    assert [(source.start, source.name) for source in settings.sources] == [("start", ""), ("end", "other")]
    assert settings.registration.servers == {"com": "http://127.0.0.1:9000/", "co.uk": "http://127.0.0.1:9001/"}


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, 'listen = "127.0.0.1:1"\n[registration]\nrate = 2.0\nburst = 7\n[names]\ninternal = ["a"]')
    monkeypatch.setenv("FIRSTSIGHT_LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("FIRSTSIGHT_REGISTRATION__RATE", "3.5")
    monkeypatch.setenv("FIRSTSIGHT_REGISTRATION__SERVERS__COM", "http://127.0.0.1:9000/")
    monkeypatch.setenv("FIRSTSIGHT_NAMES__INTERNAL", '["corp.example", "intra"]')
    monkeypatch.setenv("FIRSTSIGHT_HTTP__OFFLINE", "true")
    monkeypatch.setenv("FIRSTSIGHT_SOURCES", '[{"path": "/alerts.json", "from": "start"}]')
    settings = load(path)

    assert settings.listen == "127.0.0.1:2"
    assert (settings.registration.rate, settings.registration.burst) == (3.5, 7)
    assert settings.registration.servers == {"com": "http://127.0.0.1:9000/"}
    assert settings.names.internal == ["corp.example", "intra"]
    assert settings.http.offline is True
    assert settings.sources[0].start == "start"


def test_the_usual_proxy_is_taken_where_none_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "corp.example")
    usual = load(written(tmp_path, "[http]\noffline = true")).http
    assert (usual.proxy, usual.no_proxy, usual.offline) == ("http://proxy.example:3128", "corp.example", True)
    assert load(written(tmp_path, '[http]\nproxy = "http://own.example:1"')).http.proxy == "http://own.example:1"
    assert load(written(tmp_path, '[http]\nproxy = ""')).http.proxy == "", "directly, whatever others do"
    monkeypatch.setenv("HTTPS_PROXY", "socks5://user:hunter2@proxy.example")
    (told,) = refused(None)
    assert "`http.proxy` must be an http or https URL" in told
    assert "HTTPS_PROXY" in told
    assert "hunter2" not in told


def test_a_program_that_makes_settings_is_not_steered_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTSIGHT_LISTEN", "127.0.0.1:2")

    assert Settings().listen == "127.0.0.1:5730"


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("FIRSTSIGHT_LISTN", "FIRSTSIGHT_LISTN names no setting. Did you mean FIRSTSIGHT_LISTEN?"),
        ("FIRSTSIGHT_WAZU__QUEUE", "names no setting. Did you mean FIRSTSIGHT_WAZUH__QUEUE?"),
        ("FIRSTSIGHT_ZZZZZZ", "The environment variable FIRSTSIGHT_ZZZZZZ names no setting."),
        ("FIRSTSIGHT_LISTEN__PORT", "FIRSTSIGHT_LISTEN has nothing below it."),
        ("FIRSTSIGHT_SOURCES__0__PATH", "FIRSTSIGHT_SOURCES has nothing below it."),
        ("FIRSTSIGHT_WAZUH__QUEU", "FIRSTSIGHT_WAZUH__QUEU: `wazuh.queu` is no setting. Did you mean `queue`?"),
        ("FIRSTSIGHT_REGISTRATION__RAET", "`registration.raet` is no setting. Did you mean `rate`?"),
    ],
)
def test_unknown_variables(monkeypatch: pytest.MonkeyPatch, variable: str, sentence: str) -> None:
    monkeypatch.setenv(variable, "x")

    assert refused(None)[0].endswith(sentence)


@pytest.mark.parametrize("variable", ["FIRSTSIGHT_CORPUS", "FIRSTSIGHT_REQUIRE_ALL", "FIRSTSIGHT_CONFIG"])
def test_variables_that_mean_something_else(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "x")

    assert load(None).listen == "127.0.0.1:5730"


@pytest.mark.parametrize("variable", ["FIRSTSIGHT_SOURCES", "FIRSTSIGHT_NAMES__INTERNAL", "FIRSTSIGHT_WAZUH"])
def test_a_variable_that_should_be_json(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "corp.example")
    (told,) = refused(None)

    assert "no JSON" in told
    assert """FIRSTSIGHT_NAMES__INTERNAL='["corp.example"]'""" in told


def test_a_variables_bad_value_is_said_to_be_the_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTSIGHT_REGISTRATION__RATE", "fast")
    (told,) = refused(written(tmp_path, "[registration]\nrate = 1.0"))

    assert told.startswith("FIRSTSIGHT_REGISTRATION__RATE: `registration.rate`: input should be a valid number")


def test_all_faults_at_once_with_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(
        tmp_path,
        """listen = 5730
store = "postgres://x"
lerning = 3
[registration]  # how registries are asked
rate = "fast"
foo = 1
[[sources]]
path = "/a"
[[sources]]
pth = "/b"
from = "middle"
""",
    )
    monkeypatch.setenv("FIRSTSIGHT_LISTN", "x")

    assert set(refused(path)) == {
        "The environment variable FIRSTSIGHT_LISTN names no setting. Did you mean FIRSTSIGHT_LISTEN?",
        f"{path}, line 1: `listen`: input should be a valid string.",
        f"{path}, line 2: `store` must be sqlite:///FILE, such as sqlite:///var/lib/firstsight/firstsight.db.",
        f"{path}, line 3: `lerning` is no setting. Did you mean `learning`?",
        f"{path}, line 5: `registration.rate`: input should be a valid number, unable to parse string as a number.",
        f"{path}, line 6: `registration.foo` is no setting.",
        f"{path}, line 9: `sources.1.path` is needed and is not there.",
        f"{path}, line 10: `sources.1.pth` is no setting. Did you mean `path`?",
        f"{path}, line 11: `sources.1.from`: input should be 'start' or 'end'.",
    }


def test_keys_that_do_not_go_together_are_told_at_one_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, 'log = "json"\nlisten = "0.0.0.0:5730"\n')
    (in_file,) = refused(path)
    monkeypatch.setenv("FIRSTSIGHT_LISTEN", "10.0.0.5:1")
    (in_variable,) = refused(path)

    assert in_file.startswith(f"{path}, line 2: `listen` would open the service on 0.0.0.0 to other machines. Add `[")
    assert in_variable.startswith("FIRSTSIGHT_LISTEN: `listen` would open the service on 10.0.0.5 to other machines.")
    assert refused(written(tmp_path, "[tls]\ncert = '/c'"))[1:] == []


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ("listen = ", "is no valid TOML"),
        ("a = 1\na = 2", "is no valid TOML"),
        ("\x00", "is no valid TOML"),
    ],
)
def test_what_is_no_toml(tmp_path: Path, toml: str, what: str) -> None:
    path = written(tmp_path, toml)
    (told,) = refused(path)

    assert told.startswith(f"The settings file {path} {what}")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (missing,) = refused(tmp_path / "missing.toml")
    (folder,) = refused(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'listen = "\xe9"')
    (encoding,) = refused(latin)

    assert "missing.toml can't be read: No such file or directory." in missing
    assert "can't be read: Is a directory." in folder
    assert "is no valid TOML" in encoding
