import xml.etree.ElementTree as ET

import pytest

from firstsight.cli.wazuh_rules import run
from firstsight.wazuh.rules import render


def test_the_rules_are_printed_as_they_are_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(117000) == 0
    assert capsys.readouterr().out == render(117000)


def test_another_block(capsys: pytest.CaptureFixture[str]) -> None:
    run(200_000)
    told = capsys.readouterr().out
    ids = {int(rule.attrib["id"]) for rule in ET.fromstring(f"<rules>{told}</rules>").iter("rule")}

    assert ids
    assert min(ids) >= 200_000
    assert max(ids) <= 200_099
