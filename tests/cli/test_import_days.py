"""Lists that say something of ages: taken in every packing, looked up by verb and service."""

import asyncio
import gzip
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from firstsight import tables
from firstsight.cli import import_days
from firstsight.cli.import_days import run
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError
from firstsight.core.evidence import ISC, KNOWN_SINCE, NRD
from running import command, running
from servers.registry import Registry, Status

TODAY = datetime.fromtimestamp(SystemClock.now(), UTC).date()
EPOCH = date(1970, 1, 1)
LIST = "# made by hand\nkestrelvale.com\nco.uk\nwww.deep.com\n\nhsbc.co.uk\nnot a name\nkestrelvale.com\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'listen = "127.0.0.1:0"\ndata_dir = "{tmp_path}/data"\n')
    return path


def listed(tmp_path: Path, source: str) -> dict[str, date | None]:
    days = tables.day_list(tmp_path / "data" / f"days-{source.lower()}.bin")
    assert days is not None
    found = {name: days.day(name) for name in ("kestrelvale.com", "hsbc.co.uk", "co.uk", "deep.com")}
    return {name: EPOCH + timedelta(day) for name, day in found.items() if day is not None}


def zipped(text: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        archive.writestr("readme.txt", "x")
        archive.writestr("domains.txt", text)
    return held.getvalue()


XZIPPED = zipped(LIST * 50, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("packed", [LIST.encode(), gzip.compress(LIST.encode()), zipped(LIST)], ids=["", "gz", "zip"])
def test_a_list_in_every_packing(
    tmp_path: Path, config: Path, packed: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"nrd-{TODAY:%Y%m%d}.list"
    file.write_bytes(packed)

    assert run(NRD, file, None, 1, config) == 0
    assert listed(tmp_path, NRD) == {"kestrelvale.com": TODAY, "hsbc.co.uk": TODAY}
    assert "3 newly registered domains taken" in capsys.readouterr().out


def test_of_which_day_a_list_is(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "domains.txt"
    file.write_text("kestrelvale.com\n")
    with pytest.raises(InputError, match="Of which day"):
        run(NRD, file, None, 1, config)
    with pytest.raises(InputError, match="give a day as"):
        run(NRD, file, "yesterday", 1, config)
    assert not (tmp_path / "data" / "days-nrd.bin").exists()

    run(NRD, file, TODAY.isoformat(), 8, config)
    assert listed(tmp_path, NRD) == {"kestrelvale.com": TODAY - timedelta(7)}, "as of the first day that it covers"
    file.write_text(f"1,kestrelvale.com,{TODAY}\n")
    run(NRD, file, None, 1, config)
    assert listed(tmp_path, NRD) == {"kestrelvale.com": TODAY}, "the latest that a list of new ones says"


@pytest.mark.parametrize("source", [NRD, KNOWN_SINCE])
def test_a_day_that_is_still_to_come_is_none(tmp_path: Path, config: Path, source: str) -> None:
    file, named = tmp_path / "list.txt", tmp_path / "list-2096-01-02.txt"
    for path in (file, named):
        path.write_text("kestrelvale.com\n")
    with pytest.raises(InputError, match="--date is of 2096-01-02, which is still to come"):
        run(source, file, "2096-01-02", 1, config)
    with pytest.raises(InputError, match="By its name"):
        run(source, named, None, 1, config)
    file.write_text("kestrelvale.com,2096-01-02\n")
    with pytest.raises(InputError, match="no registered domain with a day that can be"):
        run(source, file, None, 1, config)
    assert list((tmp_path / "data").iterdir()) == []

    file.write_text(f"kestrelvale.com,2096-01-02\nhsbc.co.uk,{TODAY}\n")
    run(source, file, None, 1, config)
    assert listed(tmp_path, source) == {"hsbc.co.uk": TODAY}


def test_what_is_new_no_more_is_said_to_be_left_out(
    tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "list.txt"
    file.write_text(f"kestrelvale.com,{TODAY - timedelta(31)}\nhsbc.co.uk,{TODAY}\n")
    run(NRD, file, None, 1, config)
    said = capsys.readouterr().out
    assert "1 newly registered domains taken" in said
    assert "; 1 are older than 30 days, and new no more; 0 other lines are left out" in said


def test_lists_add_up_and_what_is_new_no_more_is_let_go_of(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("kestrelvale.com\n")
    run(NRD, file, (TODAY - timedelta(31)).isoformat(), 1, config)
    assert listed(tmp_path, NRD) == {}
    for source in (NRD, KNOWN_SINCE):
        file.write_text("kestrelvale.com\n")
        run(source, file, (TODAY - timedelta(20)).isoformat(), 1, config)
        file.write_text("kestrelvale.com\nhsbc.co.uk\n")
        run(source, file, (TODAY - timedelta(10)).isoformat(), 1, config)
    assert listed(tmp_path, NRD) == dict.fromkeys(["kestrelvale.com", "hsbc.co.uk"], TODAY - timedelta(10))
    assert listed(tmp_path, KNOWN_SINCE)["kestrelvale.com"] == TODAY - timedelta(20), "the earliest"


def test_the_feed_of_isc(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "domaindata.json.gz"
    file.write_bytes(gzip.compress(b'[{"domainname": "kestrelvale.com", "firstseen": "2026-11-20"}]'))
    run(ISC, file, None, 1, config)
    assert listed(tmp_path, ISC) == {"kestrelvale.com": date(2026, 11, 20)}

    file.write_bytes(zipped('[{"domainname": "hsbc.co.uk", "firstseen": "2026-11-21"}]'))
    run(ISC, file, None, 1, config)
    assert listed(tmp_path, ISC)["hsbc.co.uk"] == date(2026, 11, 21)

    file.write_bytes(b"<html>")
    with pytest.raises(InputError, match=r"domaindata\.json"):
        run(ISC, file, None, 1, config)
    assert listed(tmp_path, ISC)["kestrelvale.com"] == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "holds no registered domain"),
        (b"co.uk\nlocalhost\n", "holds no registered domain"),
        (b"\x1f\x8b\x08broken", "can't be read"),
        (b"PK\x03\x04broken", "can't be read"),
        (gzip.compress(LIST.encode())[:-9], "can't be read"),
        (XZIPPED.replace(XZIPPED[120:130], bytes(10)), "can't be read"),
        (None, "can't be read"),
    ],
    ids=["empty", "suffixes", "gz", "zip", "cut", "spoilt xz", "none"],
)
def test_what_can_t_be_used_changes_nothing(tmp_path: Path, config: Path, data: bytes | None, sentence: str) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("kestrelvale.com\n")
    run(KNOWN_SINCE, good, "2026-01-01", 1, config)
    if data is not None:
        bad.write_bytes(data)
    with pytest.raises(InputError, match=sentence):
        run(KNOWN_SINCE, bad, "2026-01-01", 1, config)
    assert listed(tmp_path, KNOWN_SINCE) == {"kestrelvale.com": date(2026, 1, 1)}
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["days-known-since.bin"], "nothing is left"


def test_a_list_longer_than_memory(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_days, "_AT_ONCE", 7)
    file = tmp_path / "list.txt"
    file.write_text("".join(f"n{number}.com\n" for number in range(100)))
    run(KNOWN_SINCE, file, "2026-01-01", 1, config)
    days = tables.day_list(tmp_path / "data" / "days-known-since.bin")
    assert days is not None
    assert len(days) == 100
    assert all(days.day(f"n{number}.com") for number in range(100))


def test_service_and_check_tell_the_age_by_lists(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("kestrelvale.com\n")
    run(NRD, file, TODAY.isoformat(), 1, config)
    with running(tmp_path) as service:
        registration = service.get("/v1/domains/kestrelvale.com").json()["registration"]
        old_client = service.get("/kestrelvale.com").json()
    assert (registration["source"], registration["confidence"], registration["at_least"]) == ("NRD", "low", False)
    assert (old_client["category"], old_client["seen_by_isc"]) == ("NEW", "NRD")

    file.write_text("kestrelvale.com\n")
    run(KNOWN_SINCE, file, "2020-01-02", 1, config)
    with running(tmp_path) as service:
        registration = service.get("/v1/domains/kestrelvale.com").json()["registration"]
        old_client = service.get("/kestrelvale.com").json()
    assert (registration["source"], registration["at_least"]) == ("known-since", True)
    assert (old_client["category"], old_client["seen_by_isc"]) == ("ESTABLISHED", "known-since")
    page = command("check", "kestrelvale.com", "--config", config).stdout
    assert "at least" in page
    assert "on a list of 2020-01-02T00:00:00Z already (low confidence)" in page
    assert "by an imported list (NRD, low confidence)" in page


def test_a_damaged_list_is_told_at_start(tmp_path: Path, config: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "days-nrd.bin").write_bytes(b"x" * 40)
    done = command("serve", "--config", config)
    assert done.returncode == 1
    assert "days-nrd.bin can't be used" in done.stderr


async def test_a_list_at_a_url(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with Registry() as server:
        server.behaviour = Status(200, gzip.compress(LIST.encode(), mtime=0))
        url = f"{server.url}lists/nrd-{TODAY:%Y%m%d}.txt.gz"
        assert await asyncio.to_thread(run, NRD, url, None, 1, config) == 0
        assert listed(tmp_path, NRD) == {"kestrelvale.com": TODAY, "hsbc.co.uk": TODAY}
        assert f"taken from {url};" in capsys.readouterr().out

        server.behaviour = Status(404)
        with pytest.raises(InputError, match="404"):
            await asyncio.to_thread(run, NRD, url, None, 1, config)
    config.write_text(config.read_text() + "[http]\noffline = true\n")
    with pytest.raises(InputError, match="offline is set"):
        await asyncio.to_thread(run, NRD, "https://lists.example/nrd.txt", None, 1, config)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["days-nrd.bin"]
