"""`firstsight privacy …`, through a service that runs and without one."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from firstsight.cli.privacy import names_on_request
from firstsight.core.errors import InputError
from firstsight.core.usernames import Users
from running import command, process, running

EVENT = {"time": "2026-11-24T06:00:00Z", "name": "www.kestrelvale.com", "agent": {"name": "WIN10"},
         "process": {"image": "C:\\Users\\quillfeather\\curl.exe", "user": "CORP\\quillfeather"}}  # fmt: skip


def config(folder: Path, users: str) -> Path:
    path = folder / f"{users}.toml"
    path.write_text(
        f'data_dir = "{folder}/data"\n[learning]\ndays = 0\n[http]\noffline = true\n[privacy]\nusers = "{users}"\n'
    )
    return path


def kept(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in (folder / "data").iterdir() if file.is_file())


def test_pseudonyms_in_the_place_of_names_through_the_service(tmp_path: Path) -> None:
    pseudonym, leave_out = config(tmp_path, "pseudonym"), config(tmp_path, "leave_out")
    with running(tmp_path, learning={"days": 0}) as service:
        service.post("/v1/events", {"events": [EVENT]})
    with process(tmp_path, pseudonym.read_text()) as service:
        told = command("privacy", "status", "--config", pseudonym).stdout
        assert "pseudonyms in the place of names" in told
        assert "alerts        1 with names, 0 with pseudonyms, 0 without" in told
        assert "undecided     0 with names, 0 with pseudonyms, 0 without" in told
        assert "`firstsight privacy apply` takes names away" in told
        refused = command("privacy", "apply", "--config", leave_out)
        assert "The service runs with [privacy] users = pseudonym" in refused.stderr
        done = command("privacy", "apply", "--config", pseudonym)
        assert (done.returncode, done.stderr) == (0, "")
        assert "1  alerts, those that wait to be delivered included" in done.stdout
        named = command("privacy", "pseudonym", "--config", pseudonym, given="corp\\QUILLFEATHER\n\n").stdout.strip()
        (alert,) = service.client.get("/v1/alerts").json()["alerts"]
        assert alert["event"]["process"]["user"] == named.replace("corp", "CORP")
        assert alert["event"]["process"]["image"] == named.replace("corp", r"C:\Users") + r"\curl.exe"
        assert b"quillfeather" not in kept(tmp_path)
        assert service.terminate() == 0
        assert b"quillfeather" not in service.log.read_bytes()
    assert stat.S_IMODE((tmp_path / "data" / "pseudonym.key").stat().st_mode) == 0o600


def test_nothing_in_the_place_of_names_without_a_service(tmp_path: Path) -> None:
    leave_out = config(tmp_path, "leave_out")
    with running(tmp_path, learning={"days": 0}) as service:
        service.post("/v1/events", {"events": [EVENT]})
    assert b"quillfeather" in kept(tmp_path)
    refused = command("privacy", "apply", "--config", config(tmp_path, "keep"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "names stay as they are" in refused.stderr
    assert b"quillfeather" in kept(tmp_path)
    done = command("privacy", "apply", "--config", leave_out)
    assert done.stdout.startswith("Names are left out, also in what was stored:\n")
    assert b"quillfeather" not in kept(tmp_path)
    assert "`firstsight privacy apply`" not in command("privacy", "status", "--config", leave_out).stdout
    assert "names_taken_away" in command("audit", "--config", leave_out).stdout
    assert command("privacy", "apply", "--config", leave_out).stdout.startswith("There was nothing to change.")


def test_somebody_is_forgotten_by_their_name_where_pseudonyms_are_kept(tmp_path: Path) -> None:
    settings = config(tmp_path, "pseudonym")
    with process(tmp_path, settings.read_text()) as service:
        service.client.post("/v1/events", {"events": [EVENT]})
        done = command("forget", "--user", r"CORP\quillfeather", "--config", settings)
        assert "1  domains whose first asker it was" in done.stdout
        (alert,) = service.client.get("/v1/alerts").json()["alerts"]
        assert alert["event"]["process"]["user"] is None
        assert alert["event"]["process"]["image"] == r"C:\Users\-\curl.exe"
        service.client.post("/v1/events", {"events": [EVENT | {"name": "www.harbour-lights.com"}]})
        assert service.terminate() == 0
    done = command("forget", "--user", r"CORP\quillfeather", "--config", settings)
    assert "1  domains whose first asker it was" in done.stdout


@pytest.mark.parametrize("now", ["keep", "leave_out"])
def test_pseudonyms_of_before_are_forgotten_too(tmp_path: Path, now: str) -> None:
    """Whatever the settings say by now."""
    image = r"D:\tools\quillfeather_sync.exe"
    event = EVENT | {"process": {"image": image, "user": r"CORP\quillfeather"}}
    with running(tmp_path, privacy={"users": "pseudonym"}, learning={"days": 0}) as service:
        service.post("/v1/events", {"events": [event]})
        service.do(service.parts.store.flush)
    assert b"user-" in kept(tmp_path)
    done = command("forget", "--user", r"CORP\quillfeather", "--config", config(tmp_path, now))
    assert "1  users by that name" in done.stdout
    assert b"user-" not in kept(tmp_path)
    with closing(sqlite3.connect(tmp_path / "data" / "firstsight.db")) as connection:
        assert connection.execute("SELECT program FROM alert_brief").fetchall() == [("-_sync.exe",)]


def test_another_key_is_told_of(tmp_path: Path) -> None:
    privacy = {"users": "pseudonym"}
    with running(tmp_path, privacy=privacy) as service:
        assert "key of pseudonyms" not in service.get("/readyz").body.decode()
    (tmp_path / "data" / "pseudonym.key").unlink()
    with running(tmp_path, privacy=privacy) as service:
        assert "is another than the one since" in service.get("/readyz").body.decode()
    told = command("privacy", "status", "--config", config(tmp_path, "pseudonym")).stdout
    assert len([row for row in told.splitlines() if row.startswith("key ")]) == 2


def test_without_a_key_there_is_no_pseudonym(tmp_path: Path) -> None:
    done = command("privacy", "pseudonym", "--config", config(tmp_path, "keep"), given="alice\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "no name becomes a pseudonym" in done.stderr


async def test_a_question_of_another_version(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        parts = service.parts
        with pytest.raises(InputError, match="does not know what it is asked for"):
            await names_on_request(parts.erasure, parts.access.trail, 0.0, {"privacy": "sell", "who": "local:x"})
        with pytest.raises(InputError, match=r"runs with \[privacy\] users = keep, and the settings say leave_out"):
            await parts.erasure.take_names_away(Users.LEAVE_OUT, lambda: None)


def test_a_copy_says_what_it_holds(tmp_path: Path) -> None:
    settings = config(tmp_path, "keep")
    with running(tmp_path, learning={"days": 0}) as service:
        service.post("/v1/events", {"events": [EVENT]})
    said = command("store", "backup", tmp_path / "copy.db", "--config", settings).stdout
    assert "It holds names of users, 1 domains with sightings from 2026-" in said
    assert "and 1 alerts; made by local:" in said
