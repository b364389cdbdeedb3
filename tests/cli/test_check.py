"""`firstsight check`: a page a person can read, of what the store and the tables know."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.cli import check
from firstsight.core.facts import Absent, Fact, Intel, Known, Registration, Threat
from firstsight.ports import Answer, Changes
from pipeline import bad
from running import COMMAND, InThread, command, environment, running

EVENTS = [
    {"time": "2026-11-24T06:00:00Z", "name": "www.kestrelvale.com", "agent": {"name": "WIN10"},
     "process": {"image": "C:\\Tools\\curl.exe", "user": "CORP\\alice"}},
    {"time": "2026-11-24T06:05:00Z", "name": "mail.kestrelvale.com", "agent": {"name": "WIN11"}},
    {"time": "2026-11-24T06:06:00Z", "name": "kestrelvale.com", "status": "nxdomain", "agent": {"name": "WIN11"}},
]  # fmt: skip


@pytest.fixture
def service(tmp_path: Path) -> Iterator[InThread]:
    with running(tmp_path, learning={"days": 0}) as up:
        assert up.post("/v1/events", {"events": EVENTS}).status == 200
        up.do(up.parts.store.flush)
        yield up


def test_a_page_while_the_service_runs(service: InThread, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    registered = Registration(1_795_000_000.0, None, "RDAP", 1_795_487_611.0)
    service.do(lambda: service.parts.store.apply(Changes(answers=[Answer("kestrelvale.com", Known(registered), 0)])))

    assert check.run(["www.kestrelvale.com"], config, as_json=False) == 0

    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("www.kestrelvale.com: alerted as low on ")
    told = {line[2:16].strip(): line[16:] for line in lines if not line.startswith("  - ")}
    assert told["domain"] == "kestrelvale.com"
    assert told["seen"] == "first 2026-11-24T06:00:00Z, last 2026-11-24T06:05:00Z, 2 times, by 2 agents"
    assert told["asked first"] == r"WIN10, C:\Tools\curl.exe, CORP\alice"
    assert told["in vain"].endswith(": 1 without such a name, 0 failed, by 1 agent")
    assert told["host names"] == "mail.kestrelvale.com, www.kestrelvale.com"
    assert "first seen here" in told["alert"]
    assert "registered 2026-11-18T11:06:40Z, says RDAP" in told["age"]
    assert "letter pairs " in told["looks"]
    assert told["popular"] == "no"


def test_what_is_not_known_is_said(service: InThread, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check.run(["never-heard-of.com", "windowsupdate.com", "1.2.3.4", "printer"], config, as_json=False) == 0

    told = capsys.readouterr().out
    pages = told.split("\n\n")
    assert "never-heard-of.com: nothing against it by what it is, but not all is known" in pages[0]
    assert "  seen          never" in pages[0]
    assert "  age           not known (offline)" in pages[0]
    assert "  not known     registration" in pages[0]
    assert "  popular       yes, by the list firstsight" in pages[1]
    assert pages[2].startswith("1.2.3.4: not judged\n  kind          address")
    assert pages[3].startswith("printer: not judged\n  kind          single label")


def test_as_json(service: InThread, config: Path) -> None:
    done = command("check", "--json", "www.kestrelvale.com", "never-heard-of.com", "--config", config)

    assert (done.returncode, done.stderr) == (0, "")
    known, unknown = [json.loads(line) for line in done.stdout.splitlines()]
    asked = service.get("/v1/domains/www.kestrelvale.com").json()
    assert {key: known[key] for key in asked} == asked
    assert known["first_asker"] == {"agent": "WIN10", "image": r"C:\Tools\curl.exe", "user": r"CORP\alice"}
    assert known["in_vain"]["nxdomain"] == 1
    assert known["hosts"] == ["mail.kestrelvale.com", "www.kestrelvale.com"]
    assert [alert["alert_id"] for alert in known["alerts"]] == [asked["alert_id"]]
    assert (unknown["first_asker"]["agent"], unknown["in_vain"], unknown["alerts"]) == (None, None, [])


def test_names_from_standard_input_and_bad_ones(service: InThread, config: Path) -> None:
    import subprocess

    done = subprocess.run(
        [*COMMAND, "check", "-", "--config", str(config)],
        input="kestrelvale.com\n\nno..name\nnot\x1ba.name\n",
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == check.NO_NAME
    assert done.stdout.startswith("kestrelvale.com: ")
    assert done.stderr.splitlines()[0].startswith("firstsight: 'no..name' is no DNS name")
    assert "\\x1ba" in done.stderr
    assert "\x1b" not in done.stderr


def test_what_endpoints_wrote_cannot_steer_a_terminal(
    service: InThread, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    event = EVENTS[0] | {"name": "harbour.com", "process": {"image": "C:\\\x1b]0;x\x07.exe", "user": "\u202eeve"}}
    assert service.post("/v1/events", {"events": [event]}).status == 200

    check.run(["harbour.com"], config, as_json=False)

    told = capsys.readouterr().out
    assert "\\x1b]0;x\\x07.exe" in told
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_no_store(config: Path) -> None:
    done = command("check", "kestrelvale.com", "--config", config)
    assert done.returncode == 1
    assert "There is no store" in done.stderr


def test_what_threat_intelligence_said(service: InThread, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = service.parts.clock.now()
    stored: dict[str, Fact[Intel]] = {
        "kestrelvale.com": bad(now=now),
        "quiet-kestrel.com": Absent(now),
        "listed-kestrel.com": Known(Intel(Threat.NONE, (), now, 3, ("whitelist",))),
    }
    answers = [Answer(name, fact, now + 60) for name, fact in stored.items()]
    service.do(lambda: service.parts.store.apply(Changes(intel=answers)))
    config.write_text(config.read_text() + '[otx]\nurl = "http://127.0.0.1:9"\n')

    assert check.run([*stored, "never-asked.com", "printer.lan"], config, as_json=False) == 0

    lines = capsys.readouterr().out.splitlines()
    told = [line[16:].partition(" (asked")[0] for line in lines if line.startswith("  intelligence  ")]
    assert told == [
        "high; “Lures of a courier” by AlienVault", "nothing", "none; overruled by whitelist", "not known (offline)",
    ]  # fmt: skip


def test_the_exceptions_in_force_that_name_it(
    tmp_path: Path, service: InThread, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "exceptions.toml"
    written.write_text('[[exception]]\ndomain = "*.kestrelvale.com"\nreason = "file"\nexpires = "never"\n')
    config.write_text(f'{config.read_text()}[exceptions]\nfile = "{written}"\n')
    for document in (
        {"domain": "kestrelvale.com", "agent": "LAB-*", "scope": ["random_name"], "reason": "the lab"},
        {"domain": "harbour.com", "reason": "another one's"},
        {"agent": "LAB-*", "reason": "of no domain"},
    ):
        assert service.post("/v1/exceptions", {"author": "a", "expires": "never", **document}).status == 201

    assert check.run(["www.kestrelvale.com"], config, as_json=False) == 0
    excepted = {line[16:] for line in capsys.readouterr().out.splitlines() if line.startswith("  excepted")}
    assert {line.partition(": ")[2] for line in excepted} == {
        "*.kestrelvale.com, all but known_indicator held back, for good; file",
        "kestrelvale.com, agent LAB-*, random_name held back, for good; the lab",
    }
    assert check.run(["kestrelvale.com"], config, as_json=True) == 0
    (told,) = json.loads(capsys.readouterr().out)["exceptions"]
    assert (told["domain"], told["hits"], told["last_hit"]) == ("kestrelvale.com", 0, None)
