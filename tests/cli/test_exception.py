"""The verb, while a service runs and while none does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstsight.cli.desk import me
from running import Process, command, eventually, find, process
from wazuh_home import dns_alert

WHY = ("--reason", "our own tool", "--expires", "30d", "--on-behalf-of", "m.tarrant")
MADE = ("exception", "add", "*.kestrelvale.com", *WHY)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings as `process` writes them, for verbs while no service runs."""
    path = tmp_path / "firstsight.toml"
    path.write_text('listen = "127.0.0.1:0"\n' + settings(tmp_path))
    return path


def settings(folder: Path) -> str:
    alerts = folder / "alerts.json"
    if not alerts.exists():
        lines = [dns_alert(name, record=number) for number, name in enumerate(["a.kestrelvale.com", "harbour.com"], 1)]
        alerts.write_bytes(b"\n".join([*lines, b""]))
    return (
        f'data_dir = "{folder}/data"\n[http]\noffline = true\n[learning]\ndays = 0\n'
        f'[exceptions]\nfile = "{folder}/exceptions.toml"\n[[sources]]\npath = "{alerts}"\nfrom = "start"\n'
    )


@pytest.fixture(autouse=True)
def written(tmp_path: Path) -> Path:
    path = tmp_path / "exceptions.toml"
    path.write_text("# none yet\n")
    return path


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Process]:
    with process(tmp_path, settings(tmp_path)) as service:
        yield service


def told(*arguments: str | Path) -> str:
    done = command(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: str | Path) -> str:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("firstsight: ")
    return done.stderr


def test_without_a_service(tmp_path: Path, config: Path) -> None:
    option = ("--config", config)
    assert told("exception", "list", *option) == "There is no exception.\n"
    made = told(*MADE, *option)
    assert "is in force: *.kestrelvale.com, all but known_indicator held back, until 20" in made
    key = made.split()[1]

    titles, row = told("exception", "list", *option).splitlines()
    assert titles.split() == ["ID", "MATCHES", "HOLDS", "BACK", "UNTIL", "HITS", "LAST", "HIT", "BY", "REASON"]
    assert row.startswith(f"{key}  *.kestrelvale.com  all but known_indicator  ")
    assert row.endswith(f"  0     -         {me()} for m.tarrant  our own tool")
    assert "Of 0 alerts since " in told("exception", "preview", "--agent", "*-1", *option)

    assert told("exception", "remove", key, *option) == f"Exception {key} is no more.\n"
    assert "There is no exception" in refused("exception", "remove", key, *option)
    assert "can't be used: 'com'" in refused("exception", "add", "com", *WHY, *option)
    assert "give at least one of them" in refused("exception", "preview", *option)


def test_whom_it_is_for_may_be_given_under_the_name_of_before(config: Path) -> None:
    option = ("--config", config)
    told("exception", "add", "kestrelvale.com", *WHY[:-2], "--author", "m.tarrant", *option)
    (listed,) = json.loads(told("exception", "list", "--json", *option))["exceptions"]
    assert listed["on_behalf_of"] == "m.tarrant"
    assert "--author" not in told("exception", "add", "--help")


def test_through_the_running_service(tmp_path: Path, service: Process) -> None:
    option = ("--config", tmp_path / "firstsight.toml")
    eventually(lambda: len(service.client.get("/v1/alerts").json()["alerts"]) == 2)

    found = json.loads(told("exception", "preview", "kestrelvale.com", "--json", *option))
    assert (found["alerts"], found["silenced"]) == (2, 1)
    table = told("exception", "preview", "kestrelvale.com", *option).splitlines()
    assert "it would have silenced 1, and left 0 with fewer reasons" in table[0]
    assert table[-1].startswith("kestrelvale.com")

    key = told(*MADE, *option).split()[1]
    (listed,) = json.loads(told("exception", "list", "--json", *option))["exceptions"]
    assert (listed["id"], listed["on_behalf_of"]) == (key, "m.tarrant")
    assert listed["author"].startswith("local:")
    assert service.client.get("/v1/exceptions").json()["exceptions"] == [listed]
    assert "can't be used: 'com'" in refused("exception", "add", "com", *WHY, *option)
    assert "There is no exception" in refused("exception", "remove", "no such", *option)
    told("exception", "remove", key, *option)
    assert told("exception", "list", *option) == "There is no exception.\n"


GOOD = '[[exception]]\ndomain = "kestrelvale.com"\nreason = "r"\nexpires = "never"\n'


def test_a_bad_file_is_refused_with_its_line_and_the_old_set_stays(
    tmp_path: Path, service: Process, written: Path
) -> None:
    option = ("--config", tmp_path / "firstsight.toml")
    written.write_text(GOOD)
    eventually(lambda: "kestrelvale.com" in told("exception", "list", *option))
    written.write_text(GOOD + '[[exception]]\ndomain = "*.com"\nreason = "r"\nexpires = "never"\n')
    degraded = eventually(lambda: [each for each in _degraded(service) if "exceptions.toml" in each])

    assert degraded[0].startswith(f"{written}, line 6: ")
    assert "What was read before stays in force" in degraded[0]
    assert "kestrelvale.com" in told("exception", "list", *option)
    assert sum(line["event"] == "new_version_not_taken" for line in service.told()) == 1

    written.write_text("# none\n")
    eventually(lambda: not [each for each in _degraded(service) if "exceptions.toml" in each])
    assert told("exception", "list", *option) == "There is no exception.\n"
    assert find(service.told(), "new_version_taken") is not None


def _degraded(service: Process) -> list[str]:
    found: list[str] = service.client.get("/readyz").json()["degraded"]
    return found


@pytest.mark.parametrize("text", ['[[exception]]\nagent = "*"\nreason = "r"\nexpires = "never"\n', None])
def test_nothing_starts_with_a_file_that_cannot_be_used(config: Path, written: Path, text: str | None) -> None:
    if text is None:
        written.unlink()
    else:
        written.write_text(text)
    for verb in (("serve",), ("exception", "list")):
        said = refused(*verb, "--config", config)
        assert ("exceptions.toml, line 2: " if text else "can't be read") in said
