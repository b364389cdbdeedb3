import asyncio
import socket
from pathlib import Path

import pytest

from firstsight.core.errors import InputError
from firstsight.demo.stage import Stage

DAY = 86400
NOON = 1_795_521_600.0  # 2026-11-24T12:00:00Z


def test_days_are_files_and_the_fixed_name_is_a_link(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "stage")
    stage.write(NOON, b"a\n")
    stage.write(NOON + 1, b"b\n")
    dated = tmp_path / "stage/wazuh/logs/alerts/2026/Nov/ossec-alerts-24.json"
    assert stage.alerts_json.read_bytes() == dated.read_bytes() == b"a\nb\n"
    assert stage.alerts_json.samefile(dated)

    stage.write(NOON + DAY, b"c\n")
    assert stage.alerts_json.read_bytes() == b"c\n"
    assert stage.alerts_json.samefile(dated.with_name("ossec-alerts-25.json"))
    assert dated.read_bytes() == b"a\nb\n"


def test_an_earlier_demos_folder_is_emptied(tmp_path: Path) -> None:
    Stage(tmp_path / "stage").write(NOON, b"a\n")
    again = Stage(tmp_path / "stage")

    assert not again.alerts_json.exists()
    assert again.queue.parent.is_dir()


def test_other_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(InputError, match="is not a demo's"):
        Stage(tmp_path)
    with pytest.raises(InputError, match=r"mine can't be a demo's folder \(Not a directory\)"):
        Stage(tmp_path / "mine")
    with pytest.raises(InputError, match="can't be a demo's folder"):
        Stage(tmp_path / "mine" / "below")
    assert (tmp_path / "mine").read_text() == "x"


async def test_the_queue_is_heard(tmp_path: Path) -> None:
    stage = Stage(tmp_path / "stage")
    heard: list[bytes] = []
    end = stage.play_queue(heard.append)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        for message in (b"1:firstsight:{}", b"x" * 60_000):
            sender.sendto(message, str(stage.queue))
            await asyncio.sleep(0)
        while len(heard) < 2:
            await asyncio.sleep(0.01)
    end()

    assert heard == [b"1:firstsight:{}", b"x" * 60_000]
    assert not stage.queue.exists()


def test_a_long_path_has_its_queue_elsewhere(tmp_path: Path) -> None:
    stage = Stage(tmp_path / ("long" * 30))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as queue:
        queue.bind(str(stage.queue))

    assert stage.folder not in stage.queue.parents
    stage.queue.unlink()
    stage.queue.parent.rmdir()
