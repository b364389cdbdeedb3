"""The command line: fast help, and mistakes in a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from firstsight import __version__
from firstsight.cli.main import app, main
from running import command, environment

SLOW_TO_IMPORT = ["aiohttp", "fastapi", "pydantic", "sqlite3", "starlette", "structlog", "uvicorn", "uvloop"]

invoke = CliRunner().invoke


def test_help_imports_nothing_it_does_not_need() -> None:
    look = f"import sys, firstsight.cli.main; print([name for name in {SLOW_TO_IMPORT} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], env=environment(), capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--help", ["serve", "demo", "import", "wazuh", "--version"]),
        ("serve --help", ["--config", "FIRSTSIGHT_CONFIG"]),
        ("import popular --help", ["FILE|URL", "--config"]),
        ("exception add --help", ["domain", "--process", "--agent", "--scope", "--reason", "--expires"]),
        ("wazuh rules --help", ["--base", "117000"]),
        ("demo --help", ["--folder", "--exit"]),
    ],
)
def test_help(arguments: str, words: list[str]) -> None:
    done = invoke(app, arguments)

    assert done.exit_code == 0
    assert [word for word in words if word not in done.stdout] == []


def test_version() -> None:
    assert invoke(app, "--version").stdout == f"firstsight {__version__}\n"


@pytest.mark.parametrize("arguments", ["sreve", "serve --confg x", "import popular", "wazuh rules --base 0", "serve x"])
def test_a_misspelt_command_is_told_how_it_is_used(arguments: str) -> None:
    done = invoke(app, arguments)

    assert done.exit_code == 2
    assert "Usage:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("serve --config /no/such.toml", "The settings file /no/such.toml can't be read"),
        ("import popular /no/such.csv", "The list /no/such.csv can't be read"),
    ],
)
def test_a_mistake_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    sentence: str,
) -> None:
    monkeypatch.setenv("FIRSTSIGHT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["firstsight", *arguments.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()

    assert ended.value.code == 1
    assert told.out == ""
    assert told.err.startswith(f"firstsight: {sentence}")
    assert told.err.count("\n") == 1


def test_a_process_ends_with_the_sentence_alone(tmp_path: Path) -> None:
    config = tmp_path / "firstsight.toml"
    config.write_text("lisen = 1")
    done = command("serve", FIRSTSIGHT_CONFIG=str(config))

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"firstsight: {config}, line 1: `lisen` is no setting. Did you mean `listen`?\n"
