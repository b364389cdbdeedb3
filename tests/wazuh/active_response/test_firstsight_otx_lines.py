"""What the active response reads and writes, by cases that the script for Windows shares."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endpoint_home import script_module
from firstsight.core.wazuh_event import addressed
from firstsight.wazuh.rules import render
from wazuh.decoder import decode
from wazuh.evaluator import Ruleset
from wazuh.stock import STOCK

OTX = script_module()
CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
CORPUS = Path(os.environ.get("FIRSTSIGHT_CORPUS", Path(__file__).resolve().parents[4] / "shared" / "data"))


@pytest.mark.parametrize("case", CASES["questions"], ids=lambda case: case["name"])
def test_a_question(case: dict[str, Any]) -> None:
    if "failed" in case:
        with pytest.raises(OTX.Failed, match=case["failed"]):
            OTX.question(case["message"])
    else:
        assert OTX.question(case["message"]) == case["asked"]


@pytest.mark.parametrize("case", CASES["service"], ids=lambda case: case["name"])
def test_what_the_service_answers(case: dict[str, Any]) -> None:
    if "failed" in case:
        with pytest.raises(OTX.Failed, match=case["failed"]) as failed:
            OTX.told_by_service(case["answer"])
        assert (failed.value.again >= 0) == case["again"]
    else:
        finding = OTX.told_by_service(case["answer"])
        line = None if finding is None else OTX.found_line(case["asked"], finding, case.get("original", False))
        assert line == case["line"]


@pytest.mark.parametrize("case", CASES["otx"], ids=lambda case: case["name"])
def test_what_otx_answers(case: dict[str, Any]) -> None:
    if "failed" in case:
        with pytest.raises(OTX.Failed, match=case["failed"]):
            OTX.told_by_otx(case["answer"], case["authors"])
    else:
        listed = OTX.told_by_otx(case["answer"], case["authors"])
        line = OTX.found_line(case["asked"], {"source": "otx", **OTX.pulses(listed)}) if listed else None
        assert line == case["line"]


@pytest.mark.parametrize("case", CASES["failures"], ids=lambda case: case["name"])
def test_the_line_of_a_failure(case: dict[str, Any]) -> None:
    assert OTX.failed_line(case["asked"], case["source"], case["why"]) == case["line"]


ORIGINAL_RULE = r"""
<group name="alienvault,">
  <rule id="100091" level="12"><decoded_as>json</decoded_as>
    <field name="sections">\.+</field><field name="type">\.+</field>
    <description>AlienVault OTX</description><group>otx_ioc,</group></rule>
</group>
"""


def test_the_lines_fire_their_rules() -> None:
    """Beside the original's rule too, which takes any JSON with two common fields."""
    ruleset = Ruleset()
    for rules in (STOCK, ORIGINAL_RULE, render()):
        ruleset.load(rules)

    def fired(line: dict[str, Any]) -> int | None:
        where = r"[002] (WIN10) 10.0.0.5->active-response\active-responses.log"
        rule = ruleset.fired(decode(addressed(where, json.dumps(line).encode())))
        return None if rule is None else rule.id

    finding = OTX.told_by_service(CASES["service"][0]["answer"])
    asked = {"query": "evil.example", "domain": "evil.example", "alert_id": "a1", "known": "no"}
    assert fired(OTX.found_line(asked, finding)) == 117022
    assert fired(OTX.found_line(asked, finding, original=True)) == 117022
    assert fired(OTX.found_line({**asked, "known": "yes"}, finding, original=True)) == 117023
    assert fired(OTX.failed_line(asked, "otx", "authentication failure: segfault at 0")) == 117024


def test_what_is_asked_for_check_keys() -> None:
    assert OTX.check_keys("evil.example") == CASES["check_keys"][0]["line"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
_KEYS = ("id", "name", "author", "tags", "attack", "attack_ids", "adversary", "malware_families")
_pulses = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(_KEYS, _json)))


@given(answer=st.fixed_dictionaries({"state": st.just("known"), "verdict": st.just("low"), "pulses": _pulses}))
def test_whatever_a_stranger_writes_is_one_short_line_of_strings(answer: dict[str, Any]) -> None:
    line = OTX.found_line({"query": "evil.example", "domain": ""}, OTX.told_by_service(answer))
    fields = line["firstsight_otx"]
    for value in fields.values():
        assert value
        assert isinstance(value, str) or all(isinstance(item, str) and item for item in value)
        assert not str(value).startswith("[") or isinstance(value, list)
    assert b"\n" not in json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")


def test_the_longest_line_is_one_that_wazuh_takes() -> None:
    """logcollector's lines end at 65,279 bytes, and analysisd's at 65,535 with the location before them."""
    long = ["\U0001f300" * 250 + str(number) for number in range(30)]
    long = [text[-200:] for text in long]
    pulses = [dict.fromkeys(_KEYS, text) | dict.fromkeys(("tags", "attack", "malware_families"), long) for text in long]
    answer = {"state": "known", "verdict": "high", "pulses": pulses}
    name = ".".join(["a" * 60] * 4)
    asked = {"query": name, "domain": name, "alert_id": long[0], "known": "yes"}
    line = OTX.found_line(asked, OTX.told_by_service(answer), original=True)
    assert 55_000 < len(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode()) < 63_000


@given(data=_json, command=st.sampled_from(["add", "enable"]))
def test_whatever_an_alert_holds_it_asks_about_a_name_or_says_why_not(data: object, command: str) -> None:
    try:
        asked = OTX.question({"command": command, "parameters": {"alert": {"data": {"firstsight": data}}}})
    except OTX.Failed:
        return
    assert OTX.host_name(asked["query"]) == asked["query"]


def test_real_answers_of_otx() -> None:
    if not (CORPUS / "otx").exists():
        pytest.skip(f"no {CORPUS}")
    read = {path.name: json.loads(path.read_text("utf-8")) for path in (CORPUS / "otx").glob("*_general_*.json")}
    authors = {
        OTX.text(OTX.member(pulse, "author", "username")).lower()
        for answer in read.values()
        for pulse in OTX.items(OTX.member(answer, "pulse_info", "pulses"))
    }
    found = {name: OTX.told_by_otx(answer, list(authors)) for name, answer in read.items()}
    assert len(found["cyberbro_domain_general_4pulses_2025.json"]) == 4
    assert found["demisto_domain_general_empty_whitelisted.json"] == []
    for pulses in found.values():
        assert len(json.dumps(OTX.found_line({"query": "x.example"}, OTX.pulses(pulses)))) < 60_000
