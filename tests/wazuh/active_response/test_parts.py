from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from endpoint_home import FOLDER, EndpointHome, script_module
from firstsight.wazuh.active_response.parts import (
    AUTHORITY,
    GROUP,
    SETTINGS,
    TOKEN,
    UNIX,
    WINDOWS,
    endpoint_file,
    manager_block,
    settings,
)
from firstsight.wazuh.ruletable import rules


def test_the_manager_calls_what_endpoints_have() -> None:
    block = ET.fromstring(f"<ossec_config>{manager_block()}</ossec_config>")
    commands = {element.findtext("name"): element.findtext("executable") for element in block.findall("command")}
    called = {element.findtext("command") for element in block.findall("active-response")}
    assert set(commands.values()) == {WINDOWS[0], UNIX[0]}
    assert called == set(commands)
    for element in block.findall("active-response"):
        assert element.findtext("location") == "local", "the alert's own agent"
        assert element.findtext("rules_group") == GROUP


def test_every_alert_calls_it_and_nothing_else_does() -> None:
    for rule in rules():
        groups = "".join(f"{name}," for name in rule.enclosing + rule.groups)
        assert (GROUP in groups) == ("firstsight_alert" in rule.groups)
        assert not (GROUP in groups and "firstsight_otx" in rule.groups), "it would answer itself"


def test_every_file_of_the_folder_is_for_somebody() -> None:
    there = {path.name for path in FOLDER.iterdir() if path.suffix != ".py" and path.name != "__pycache__"}
    assert there == {*WINDOWS, *UNIX}
    for name in there:
        assert endpoint_file(name) == (FOLDER / name).read_bytes()
    with pytest.raises(LookupError):
        endpoint_file("parts.py")


@pytest.mark.parametrize("own", [True, False])
def test_the_script_reads_the_settings(own: bool) -> None:
    with EndpointHome() as home:
        (home.bin / SETTINGS).write_text(settings("https://firstsight.example.com:5730", own_authority=own))
        (home.bin / AUTHORITY).write_text("a certificate")
        (home.bin / TOKEN).touch(0o600)
        (home.bin / TOKEN).write_text("s3cret\n")
        conf = script_module().Conf(str(home.bin))
        assert (conf.mode, conf.host, conf.port, conf.secret) == ("service", "firstsight.example.com", 5730, "s3cret")
        assert conf.ca == (str(home.bin / AUTHORITY) if own else "")


def test_the_page_shows_the_managers_blocks() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "active-response.md").read_text("utf-8")
    assert f"```xml\n{manager_block()}```" in page


def test_the_page_names_every_setting_and_field() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "active-response.md").read_text("utf-8")
    script = script_module()
    pulses = script.pulses([{"id": "5f1"}])
    fields = {"outcome", "query", "domain", "alert_id", "known", "source", "verdict", "error", "summary", *pulses}
    assert [name for name in [*script.KEYS, *fields] if f"`{name}`" not in page] == []
