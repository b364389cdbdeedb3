"""`firstsight forget`, through a service that runs and without one."""

from pathlib import Path

import pytest

from firstsight.cli.forget import forget_on_request
from firstsight.core.errors import InputError
from running import command, process, running

EVENT = {"time": "2026-11-24T06:00:00Z", "name": "www.kestrelvale.com", "agent": {"name": "WIN10"},
         "process": {"image": "C:\\Users\\alice\\curl.exe", "user": "CORP\\alice"}}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[learning]\ndays = 0\n[http]\noffline = true\n')
    return path


def test_through_the_service_that_runs(tmp_path: Path, config: Path) -> None:
    with process(tmp_path, config.read_text()) as service:
        assert service.client.post("/v1/events", {"events": [EVENT]}).status == 200
        done = command("forget", "--user", r"CORP\alice", "--config", config)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Erased of the user CORP\\alice:\n")
        assert "1  domains whose first asker it was" in done.stdout
        assert "1  alerts that named it, now without" in done.stdout
        assert "Not touched: what was sent already" in done.stdout
        (alert,) = service.client.get("/v1/alerts").json()["alerts"]
        assert alert["event"]["process"] == {"image": r"C:\Users\-\curl.exe", "guid": None, "id": None, "user": None}
        kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file())
        assert b"alice" not in kept
        assert b'firstsight_erased_total{kind="users"} 1.0' in service.client.get("/metrics").body
        assert service.terminate() == 0
        assert b"alice" not in service.log.read_bytes()


def test_without_a_service(tmp_path: Path, config: Path) -> None:
    with running(tmp_path) as service:
        service.post("/v1/events", {"events": [EVENT]})
    done = command("forget", "--agent", "WIN10", "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1  notes that an agent asked for a domain" in done.stdout
    done = command("forget", "--agent", "WIN10", "--config", config)
    assert done.returncode == 1
    assert done.stdout.startswith("Nothing is known of the agent WIN10;")


@pytest.mark.parametrize("arguments", [[], ["--user", "a", "--agent", "b"], ["--user", ""]])
def test_one_of_the_two(config: Path, arguments: list[str]) -> None:
    done = command("forget", *arguments, "--config", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Name one of the two" in done.stderr


@pytest.mark.parametrize("question", [{}, {"forget": {}}, {"forget": {"user": "", "agent": ""}}, []])
async def test_a_question_of_another_version(tmp_path: Path, question: object) -> None:
    with running(tmp_path) as service:
        parts = service.parts
        with pytest.raises(InputError, match="of another version"):
            await forget_on_request(parts.erasure, parts.access.trail, 0.0, question)  # type: ignore[arg-type]  # that is the point
