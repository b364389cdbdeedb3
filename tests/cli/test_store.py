"""`firstsight store …` beside a service that runs, and without one."""

import os
import re
from pathlib import Path

import pytest

from running import command, process, running


def events(*names: str) -> dict[str, object]:
    return {"events": [{"time": "2026-11-24T06:00:00Z", "name": name, "agent": {"name": "WIN10"}} for name in names]}


def test_backup_and_restore_around_a_service(tmp_path: Path, config: Path) -> None:
    with process(tmp_path, f'data_dir = "{tmp_path}/data"\n[http]\noffline = true\n') as service:
        assert service.client.post("/v1/events", events("harbour.com")).status == 200
        done = command("store", "backup", "--config", config)
        assert (done.returncode, done.stderr) == (0, "")
        said = re.fullmatch(
            r"(\S+): [\d,]+ bytes, checked\. Put it back with `firstsight store restore \1`\.\n"
            r"It holds no names of users, 1 domains with sightings from 2026-11-24T06:00:00Z to 2026-11-24T06:00:00Z, "
            r"and 0 alerts; made by local:\S+( \(sudo \S+\))? on \S+\.\n",
            done.stdout,
        )
        assert said is not None
        copy = Path(said[1])
        assert copy.parent == tmp_path / "data" / "backups"
        assert copy.parent.stat().st_mode & 0o777 == 0o700
        assert service.client.post("/v1/events", events("later.com")).status == 200

        refused = command("store", "restore", copy, "--config", config)
        assert refused.returncode == 1
        assert "A service holds the store" in refused.stderr
        assert "systemctl stop firstsight" in refused.stderr
        assert service.terminate() == 0

    done = command("store", "restore", copy, "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 domains seen. It holds no names of users, " in done.stdout
    assert ". The store that was there is kept as" in done.stdout
    with running(tmp_path) as again:
        assert again.get("/v1/domains/harbour.com").json()["seen"]["count"] == 1
        assert again.get("/v1/domains/later.com").json()["seen"]["first"] is None


def test_a_check_tells_what_is_there(tmp_path: Path, config: Path) -> None:
    with running(tmp_path) as service:
        service.post("/v1/events", events("harbour.com"))
        done = command("store", "check", "--config", config)
        assert (done.returncode, done.stderr) == (0, "")
        assert re.search(r"^ +1  domain$", done.stdout, re.MULTILINE)
        assert done.stdout.endswith("firstsight.db is whole.\n")


def test_a_check_of_a_damaged_store_says_what_to_do(tmp_path: Path, config: Path) -> None:
    with running(tmp_path) as service:
        service.post("/v1/events", events(*(f"host.name-{number}.com" for number in range(300))))
    path = tmp_path / "data" / "firstsight.db"
    data = bytearray(path.read_bytes())
    middle = len(data) // 8192 * 4096
    data[middle : middle + 4096] = bytes(4096)
    path.write_bytes(data)

    done = command("store", "check", "--config", config)
    assert done.returncode == 1
    assert "firstsight.db is damaged:" in done.stdout
    assert "firstsight store restore FILE" in done.stdout


@pytest.mark.parametrize("verb", ["backup", "check"])
def test_no_store_is_made_by_looking_at_it(tmp_path: Path, config: Path, verb: str) -> None:
    done = command("store", verb, "--config", config)

    assert done.returncode == 1
    assert "There is no store" in done.stderr
    assert not (tmp_path / "data" / "firstsight.db").exists()


def test_a_copy_into_no_folder(tmp_path: Path, config: Path) -> None:
    with running(tmp_path):
        done = command("store", "backup", tmp_path / "nowhere" / "copy.db", "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert "There is no folder" in done.stderr


def test_somebody_elses_store_is_left_alone(tmp_path: Path, config: Path) -> None:
    with running(tmp_path):
        pass
    if os.geteuid():  # root's, as only root may give files away
        config.write_text(f'data_dir = "{tmp_path}/data"\nstore = "sqlite:///etc/passwd"\n')
    else:
        os.chown(tmp_path / "data" / "firstsight.db", 65534, 65534)
    for arguments in (["backup"], ["check"], ["restore", str(tmp_path / "x.db")]):
        done = command("store", *arguments, "--config", config)
        assert done.returncode == 1
        assert re.search(r"belongs to user id \d+.* `sudo -u '#\d+' firstsight", done.stderr)
