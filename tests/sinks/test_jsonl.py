import json
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from alert_samples import AT, FakeClock, make_alert
from firstsight.core.alerts import Alert
from firstsight.core.document import alert_document, notice_document
from firstsight.core.notices import NoticeState, make_notice
from firstsight.sinks.jsonl import AlertFile, _line
from firstsight.sinks.rotation import rotate


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "alerts.jsonl"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sink(path: Path, clock: FakeClock) -> Iterator[AlertFile]:
    sink = AlertFile(path, clock)
    yield sink
    sink.close()


def alerts(*numbers: int) -> list[Alert]:
    return [make_alert(number=number) for number in numbers]


def ids(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    return [json.loads(line)["alert_id"] for line in text.splitlines()]


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file of this process grows beyond `size` bytes: what a full disk does, short writes included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_alert_is_one_line_of_its_document(sink: AlertFile, path: Path) -> None:
    alert = make_alert(image="C:\\a\nb \ud800 é")

    assert sink.name == "file"
    assert sink.send([alert]) == 1
    (line,) = path.read_bytes().splitlines()
    expected = alert_document(alert)
    expected["event"]["process"]["image"] = "C:\\a\nb ? é"
    assert json.loads(line) == expected
    assert b'{"alert_id":"alert-1","time":"' in line


def test_a_notice_is_a_line_of_its_own_shape(sink: AlertFile, path: Path) -> None:
    notice = make_notice("digest", NoticeState.ONCE, "", "A day.", at=AT, since=AT)

    assert sink.send([make_alert(), notice]) == 2
    alert, line = map(json.loads, path.read_bytes().splitlines())
    assert (alert["alert_id"], "notice" in alert) == ("alert-1", False)
    assert line == notice_document(notice)


def test_bursts_follow_each_other(sink: AlertFile, path: Path) -> None:
    assert sink.send(alerts(1, 2, 3)) == 3
    assert sink.send(alerts(4)) == 1
    assert sink.send([]) == 0

    assert ids(path) == ["alert-1", "alert-2", "alert-3", "alert-4"]
    assert sink.trouble() is None


def test_nothing_is_made_before_there_is_an_alert(sink: AlertFile, path: Path) -> None:
    assert sink.send([]) == 0
    assert not path.exists()


def test_the_file_is_not_for_everybody(sink: AlertFile, path: Path) -> None:
    before = os.umask(0)
    try:
        sink.send(alerts(1))
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_renamed_file_is_left_and_a_new_one_begun(sink: AlertFile, path: Path) -> None:
    sink.send(alerts(1))
    rotated = path.rename(path.with_suffix(".1"))
    sink.send(alerts(2))

    assert ids(rotated) == ["alert-1"]
    assert ids(path) == ["alert-2"]


def test_a_file_made_anew_by_logrotate_is_taken(sink: AlertFile, path: Path) -> None:
    sink.send(alerts(1))
    path.rename(path.with_suffix(".1"))
    path.touch()
    sink.send(alerts(2))

    assert ids(path) == ["alert-2"]


def test_a_file_cut_by_copytruncate_starts_at_its_beginning(sink: AlertFile, path: Path) -> None:
    sink.send(alerts(1, 2))
    os.truncate(path, 0)
    sink.send(alerts(3))

    assert ids(path) == ["alert-3"]


@pytest.mark.parametrize("kept", [1, 40, -1])
def test_half_a_line_of_a_crash_is_finished_when_its_alert_comes_again(
    sink: AlertFile, path: Path, clock: FakeClock, kept: int
) -> None:
    burst = [make_alert(number=1), make_alert(number=2, image="C:\\" + "long" * 3000), make_alert(number=3)]
    sink.send(burst)
    sink.close()
    first, second, _ = path.read_bytes().splitlines(keepends=True)
    os.truncate(path, len(first) + len(second[:kept]))  # killed in the middle of the burst, between two pages

    assert AlertFile(path, clock).send(burst) == 3
    assert sorted(set(ids(path))) == ["alert-1", "alert-2", "alert-3"], "whole lines, nothing missing"
    assert len(ids(path)) == 4, "alert-1 twice, no other"


def test_half_a_line_of_somebody_else_spoils_none_of_ours(sink: AlertFile, path: Path) -> None:
    path.write_bytes(b'{"alert_id":"alert-1"}\n{"half":"al')
    sink.send(alerts(2))

    lines = path.read_bytes().splitlines()
    assert lines[:2] == [b'{"alert_id":"alert-1"}', b'{"half":"al']
    assert json.loads(lines[2])["alert_id"] == "alert-2"
    assert len(lines) == 3


def test_a_full_disk_takes_nothing_by_halves(sink: AlertFile, path: Path, clock: FakeClock) -> None:
    sink.send(alerts(1))
    size = path.stat().st_size

    with room_for(size + size + 10):
        assert sink.send(alerts(2, 3)) == 0
    assert path.stat().st_size == size
    trouble = sink.trouble()
    assert trouble
    assert str(path) in trouble
    assert "free space" in trouble

    assert sink.send(alerts(2, 3)) == 0, "too early to try again"
    clock.at += 0.05
    assert sink.send(alerts(2, 3)) == 2
    assert ids(path) == ["alert-1", "alert-2", "alert-3"]
    assert sink.trouble() is None


def test_a_missing_directory_is_trouble_and_not_made(tmp_path: Path, clock: FakeClock) -> None:
    sink = AlertFile(tmp_path / "gone" / "alerts.jsonl", clock)

    assert sink.send(alerts(1)) == 0
    assert "No such file or directory" in (sink.trouble() or "")
    assert not (tmp_path / "gone").exists()

    (tmp_path / "gone").mkdir()
    clock.at += 0.05
    assert sink.send(alerts(1)) == 1
    sink.close()


def test_what_is_no_regular_file_is_refused(sink: AlertFile, path: Path, clock: FakeClock) -> None:
    os.mkfifo(path)
    assert sink.send(alerts(1)) == 0
    assert "not a regular file" in (sink.trouble() or "")

    path.unlink()
    path.mkdir()
    clock.at += 0.05
    assert sink.send(alerts(1)) == 0
    assert "Is a directory" in (sink.trouble() or "")


def test_a_directory_taken_away_is_trouble_until_it_is_back(sink: AlertFile, path: Path, clock: FakeClock) -> None:
    sink.send(alerts(1))
    path.parent.rename(path.parent.with_name("away"))
    path.parent.write_text("a file where the directory was")

    assert sink.send(alerts(2)) == 0
    assert "Not a directory" in (sink.trouble() or "")
    path.parent.unlink()
    path.parent.with_name("away").rename(path.parent)
    clock.at += 0.05
    assert sink.send(alerts(2)) == 1
    assert ids(path) == ["alert-1", "alert-2"]


# -- rotation ----------------------------------------------------------------------------------------------------------


def one_line() -> int:
    """The length of an alert's line."""
    return len(_line(make_alert(number=1)))


def everything(path: Path) -> list[str]:
    """Ids in order of writing, over all files."""
    files = sorted(path.parent.iterdir(), key=lambda file: int(file.suffix[1:]) if file != path else 0, reverse=True)
    return [name for file in files for name in ids(file)]


def test_it_is_rotated_between_bursts_before_it_grows_too_large(path: Path, clock: FakeClock) -> None:
    with closing(AlertFile(path, clock, max_bytes=3 * one_line(), keep=2)) as sink:
        for first in (1, 3, 4, 6):
            assert sink.send(alerts(first, first + 1)) == 2
    assert [ids(path.with_name(f"alerts.jsonl{end}")) for end in ("", ".1", ".2")] == [
        ["alert-6", "alert-7"],
        ["alert-4", "alert-5"],
        ["alert-3", "alert-4"],
    ]
    assert len(list(path.parent.iterdir())) == 3


def test_a_burst_larger_than_a_file_has_one_of_its_own(path: Path, clock: FakeClock) -> None:
    with closing(AlertFile(path, clock, max_bytes=10, keep=5)) as sink:
        sink.send(alerts(1, 2, 3))
        sink.send(alerts(4))
    assert ids(path) == ["alert-4"]
    assert ids(path.with_name("alerts.jsonl.1")) == ["alert-1", "alert-2", "alert-3"]
    assert len(list(path.parent.iterdir())) == 2, "no empty file is rotated"


def test_it_is_never_rotated_where_that_is_not_wanted(sink: AlertFile, path: Path) -> None:
    for number in range(1, 20):
        sink.send(alerts(number))
    assert list(path.parent.iterdir()) == [path]


def test_half_a_line_of_a_crash_is_finished_in_its_own_file(path: Path, clock: FakeClock) -> None:
    with closing(AlertFile(path, clock, max_bytes=2 * one_line(), keep=5)) as sink:
        sink.send(alerts(1, 2))
        os.truncate(path, path.stat().st_size - 9)
        sink.send(alerts(2, 3))
        assert ids(path) == ["alert-1", "alert-2", "alert-3"], "beyond its size, but whole"
        sink.send(alerts(4))
    assert ids(path.with_name("alerts.jsonl.1")) == ["alert-1", "alert-2", "alert-3"]
    assert ids(path) == ["alert-4"]


def test_a_crash_between_rotation_and_the_new_file_loses_nothing(path: Path, clock: FakeClock) -> None:
    with closing(AlertFile(path, clock, max_bytes=2 * one_line())) as sink:
        sink.send(alerts(1, 2))
    rotate(path, 5)
    with closing(AlertFile(path, clock, max_bytes=2 * one_line())) as sink:
        sink.send(alerts(3))
    assert everything(path) == ["alert-1", "alert-2", "alert-3"]


def test_a_file_that_can_t_be_rotated_is_written_on_and_that_is_said(path: Path, clock: FakeClock) -> None:
    in_the_way = path.with_name("alerts.jsonl.1")
    in_the_way.mkdir()
    with closing(AlertFile(path, clock, max_bytes=10, keep=1)) as sink:
        assert sink.send(alerts(1)) == 1
        assert sink.send(alerts(2)) == 1
        assert ids(path) == ["alert-1", "alert-2"]
        assert "can't be rotated: Is a directory" in (sink.trouble() or "")
        in_the_way.rmdir()
        assert sink.send(alerts(3)) == 1
        assert sink.trouble() is None
    assert everything(path) == ["alert-1", "alert-2", "alert-3"]


def test_a_full_disk_at_a_rotation_loses_and_doubles_nothing(path: Path, clock: FakeClock) -> None:
    with closing(AlertFile(path, clock, max_bytes=2 * one_line())) as sink:
        sink.send(alerts(1, 2))
        with room_for(one_line() + 10):
            assert sink.send(alerts(3, 4)) == 0
        clock.at += 1
        assert sink.send(alerts(3, 4)) == 2
    assert everything(path) == ["alert-1", "alert-2", "alert-3", "alert-4"]


def test_once_closed_it_opens_the_file_at_the_path_anew(sink: AlertFile, path: Path) -> None:
    sink.send(alerts(1))
    sink.close()
    sink.close()
    path.rename(path.with_suffix(".old"))
    assert not path.exists()
    assert sink.send(alerts(2)) == 1
    assert ids(path) == ["alert-2"]
