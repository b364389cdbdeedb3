"""The active response for Windows. No Windows is at hand: it is parsed, held to our own lint and to the script for
Linux, and where PowerShell is installed its pure functions run through the cases that both share.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from endpoint_home import FOLDER, script_module
from wazuh.active_response.powershell import commands, faults, functions, root, types_of

TEXT = (FOLDER / "firstsight-otx.ps1").read_text("utf-8")
LAUNCHER = (FOLDER / "firstsight-otx.cmd").read_text("ascii")
CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))
HARNESS = Path(__file__).with_name("cases.ps1")
PWSH = shutil.which("pwsh")
OTX = script_module()


def test_it_is_powershell_that_5_1_and_4_0_understand() -> None:
    assert faults(TEXT) == []
    assert [line for line in TEXT.splitlines() if len(line) > 120 or "\t" in line] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("$x = [Text.UTF8Encoding]::new($false)", "::new"),
        ("class A { }", "classes"),
        ("enum A { b }", "enums"),
        ("using namespace System", "using is no"),
        ("$x = $y ?? 1", "no PowerShell"),
        ("$x = $y ? 1 : 2", "no PowerShell"),
        ("$x = $y?.z", "no PowerShell"),
        ("if ($x) {", "no PowerShell"),
        ("Join-Path a b && Join-Path a b", "&&"),
        ("1 | ForEach-Object -Parallel { 1 }", "-Parallel"),
        ("ConvertFrom-Json -AsHashtable", "-AsHashtable"),
        ("$x | % { 1 }", "% is no"),
        ("gc file", "gc is no"),
        ("Join-Path a b | Out-File x", "Out-File"),
        ("Join-Path a b >> x", "UTF-16"),
        ("Read-Host", "Read-Host"),
        ("Invoke-WebRequest x", "Invoke-WebRequest"),
        ("$x = [Console]::In.ReadToEnd()", "never ends"),
        ("$x = $Input", "host read"),
        ("& $x", "not to be seen"),
        ("function Get-X { }", "never called"),
        ("function Get-X { }; function Get-X { }; Get-X", "twice"),
        ("$x = '\u2013'", "ANSI"),
    ],
)
def test_the_lint_sees(text: str, told: str) -> None:
    assert any(told in fault for fault in faults(text)), faults(text)


PURE = (
    "New-Failure", "Read-Json", "Test-Object", "Find-Value", "Get-Items", "Get-Text", "Get-HostName", "Get-Question",
    "Get-CheckKeys", "Get-ToldByService", "Get-ToldByOtx", "Add-Pulses", "Get-Lists", "Get-Distinct", "New-FoundLine",
    "New-FailedLine", "New-Line", "ConvertTo-Line", "Get-Sections",
)  # fmt: skip


def test_what_reads_and_writes_json_is_pure() -> None:
    """No file, socket, console, clock or process in these, nor in what they call."""
    found = functions(TEXT)
    for name in PURE:
        assert {called for called in commands(found[name]) if called not in PURE} <= {"New-Object", "Add-Type"}
        touched = {kind.partition(".")[0] for kind in types_of(found[name])}
        assert not touched & {"IO", "Net", "Console", "Diagnostics", "DateTime", "Environment", "Uri"}, name


def test_it_agrees_with_the_script_for_linux() -> None:
    def constant(name: str) -> str:
        found = re.search(rf"^\${name} = (.*?)(?:  #.*)?$", TEXT, re.MULTILINE)
        assert found, name
        return found[1]

    def listed(name: str) -> tuple[str, ...]:
        return tuple(re.findall(r"'([^']*)'", constant(name)))

    numbers = {
        "Patience": OTX.PATIENCE, "ServiceWait": OTX.SERVICE_WAIT, "MostTries": OTX.TRIES, "Pause": OTX.PAUSE,
        "PauseMost": OTX.PAUSE_MOST, "WaitingMost": OTX.WAITING_MOST, "AnswerMost": OTX.ANSWER_MOST,
        "ItemsMost": OTX.ITEMS_MOST, "TextMost": OTX.TEXT_MOST,
    }  # fmt: skip
    assert {name: float(constant(name)) for name in numbers} == numbers
    assert float(constant("KeptHours")) * 3600 == OTX.KEPT
    assert (listed("Settings"), listed("Harmless")) == (OTX.KEYS, OTX.HARMLESS)
    texts = (OTX.NAME, OTX.INTEGRATION, OTX.OTX)
    assert tuple(constant(name).strip("'") for name in ("Name", "Integration", "Otx")) == texts
    assert OTX.HOST_NAME.pattern.replace(r"\Z", r"\z") in TEXT


def test_its_sentences_are_those_of_the_script_for_linux() -> None:
    """The piece of each failure's sentence that the cases look for stands in the script, or is a value of the case."""
    for case in [*CASES["questions"], *CASES["service"], *CASES["otx"]]:
        piece = case.get("failed", "")
        given = json.dumps(case.get("answer", case.get("message")))
        assert all(word in TEXT or word.strip(",") in given for word in piece.split())


def test_it_reads_a_line_and_speaks_tls_1_2() -> None:
    whole = types_of(root(TEXT))
    assert {"Net.SecurityProtocolType", "IO.StreamReader", "Console"} <= whole
    assert "[Console]::OpenStandardInput()" in TEXT
    assert ".ReadLine()" in TEXT


def test_the_launcher_finds_the_64_bit_powershell_and_the_script_beside_itself() -> None:
    assert r"%SystemRoot%\Sysnative" in LAUNCHER
    assert r"\WindowsPowerShell\v1.0\powershell.exe" in LAUNCHER
    assert LAUNCHER.splitlines()[0] == "@echo off"
    last = LAUNCHER.splitlines()[-1]
    assert last.endswith('-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "%~dp0firstsight-otx.ps1"')
    assert not re.search(r"^\s*:|goto", LAUNCHER, re.MULTILINE), "labels need lines that end in CR LF"


if PWSH:  # nowhere skipped: where PowerShell is not installed, this is not part of the suite

    def test_its_pure_functions_do_what_the_cases_say() -> None:
        script = FOLDER / "firstsight-otx.ps1"
        command = [str(PWSH), "-NoLogo", "-NoProfile", "-NonInteractive", "-File", str(HARNESS), str(script)]
        ended = subprocess.run(command, check=True, capture_output=True, timeout=120)
        told = [json.loads(line) for line in ended.stdout.decode().splitlines()]
        wanted = [case for kind in ("questions", "service", "otx", "failures") for case in CASES[kind]]
        for case, result in zip(wanted, told, strict=True):
            if "failed" in case:
                assert case["failed"] in result["failed"], case["name"]
            else:
                line = case["asked"] if "message" in case else case["line"]
                assert result["line"] == line, case["name"]
