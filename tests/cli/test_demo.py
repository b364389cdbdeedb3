import socket
from contextlib import closing
from pathlib import Path

import pytest

from firstsight.cli.demo import _free_port
from running import command


def test_a_port_for_the_demo() -> None:
    with closing(socket.socket()) as usual:
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        usual.bind(("127.0.0.1", _free_port()))
        usual.listen()

        assert _free_port() != usual.getsockname()[1]


def test_a_folder_that_is_not_the_demos_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = command("demo", "--exit", "--folder", tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        f"firstsight: {tmp_path} holds something that is not a demo's. Name another --folder, or empty it.\n"
    )
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


@pytest.mark.slow
def test_the_demo_plays_to_its_end(tmp_path: Path) -> None:
    done = command("demo", "--exit", "--folder", tmp_path / "stage")

    assert (done.returncode, done.stderr) == (0, "")
    assert "CRITICAL" in done.stdout
    assert "50 nx_burst\n" in done.stdout, "of the bot's sixty names that don't exist the first ten alert"
    assert "lines read" in done.stdout
    assert (tmp_path / "stage" / "alerts.jsonl").stat().st_size > 0
