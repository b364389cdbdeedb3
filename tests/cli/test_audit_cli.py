"""What verbs and requests leave in the trail, and how it is read."""

import json
from pathlib import Path

from running import command, process, running


def trail(config: Path, *arguments: str) -> list[str]:
    done = command("audit", *arguments, "--config", config)
    assert (done.returncode, done.stderr) == (0, "")
    return [f"{entry['what']} {entry['about']}".strip() for entry in map(json.loads, done.stdout.splitlines())]


def test_imports_exports_forgetting_and_restoring_are_noted(tmp_path: Path, config: Path) -> None:
    names, copy = tmp_path / "popular.csv", tmp_path / "copy.db"
    names.write_text("1,example.com\n")
    with running(tmp_path):
        pass
    for arguments in (
        ["import", "popular", names],
        ["import", "known-since", names, "--date", "2026-01-02"],
        ["export", "domain-stats", tmp_path / "out.json"],
        ["forget", "--user", "CORP\\alice"],
        ["train", "--reset"],
        ["store", "backup", copy],
        ["store", "restore", copy],
    ):
        command(*arguments, "--config", config)

    assert trail(config) == [
        "imported popular",
        "imported known-since",
        "exported domain-stats",
        "forgot user",
        "trained made to forget",
        f"restored {copy}",
    ]
    assert trail(config, "--since", "2099-01-01") == []
    assert len(trail(config, "--since", "2020-01-01T00:00:00Z")) == 6
    assert trail(config, "--until", "2020-01-01") == []
    assert trail(config, "--what", "forgot", "--who", "LOCAL:") == ["forgot user"]
    done = command("audit", "--what", "murdered", "--config", config)
    assert (done.returncode, "nothing is noted as 'murdered'" in done.stderr) == (1, True)


def test_through_the_service_and_over_http(tmp_path: Path, config: Path) -> None:
    with process(tmp_path, config.read_text()) as service:
        command("forget", "--agent", "WIN10", "--config", config)
        (entry,) = service.client.get("/v1/audit").json()["deeds"]
        assert (entry["what"], entry["about"], entry["origin"]) == ("forgot", "agent", "")
        assert entry["who"].startswith("local:")
        assert "WIN10" not in str(entry)
        copy = tmp_path / "copy.db"
        command("store", "backup", copy, "--config", config)
        assert trail(config) == ["forgot agent", f"exported a copy of the store: {copy}"]

        reply = service.client.get("/v1/audit?since=2099-01-01T00:00:00Z")
        assert reply.json() == {"deeds": [], "next": 0}
        assert service.client.get(f"/v1/audit?after={entry['seq'] + 1}").json()["deeds"] == []
        assert service.client.get("/v1/audit?since=yesterday").status == 422


def test_a_list_that_was_not_taken_is_not_noted(tmp_path: Path, config: Path) -> None:
    with running(tmp_path):
        pass
    assert command("import", "popular", tmp_path / "none.csv", "--config", config).returncode == 1
    assert trail(config) == []
