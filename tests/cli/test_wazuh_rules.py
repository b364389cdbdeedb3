import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from firstsight.cli.wazuh_rules import run
from firstsight.core.errors import SettingsError
from firstsight.wazuh.rules import render


def printed_ids(capsys: pytest.CaptureFixture[str]) -> set[int]:
    rules = ET.fromstring(f"<rules>{capsys.readouterr().out}</rules>")
    return {int(rule.attrib["id"]) for rule in rules.iter("rule")}


def settings_file(folder: Path, base: int) -> Path:
    path = folder / "firstsight.toml"
    path.write_text(f"[wazuh]\nrule_base = {base}\n", "utf-8")
    return path


def test_the_rules_are_printed_as_they_are_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(None, None) == 0
    assert capsys.readouterr().out == render(117000)


def test_the_settings_say_which_block(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(None, settings_file(tmp_path, 200_000))
    ids = printed_ids(capsys)

    assert min(ids) == 200_000
    assert max(ids) <= 200_099


def test_the_option_wins(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(118_000, settings_file(tmp_path, 200_000))

    assert min(printed_ids(capsys)) == 118_000


def test_an_impossible_block_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"rule_base.*\b100000\b"):
        run(None, settings_file(tmp_path, 5700))
