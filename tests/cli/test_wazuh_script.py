import pytest

from firstsight.cli.wazuh_script import run
from node_home import SCRIPT


def test_the_script_is_printed_as_it_is_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == 0
    assert capsys.readouterr().out == SCRIPT.read_text("utf-8")
