import asyncio
import gzip
from pathlib import Path

import pytest

from firstsight.cli import takings
from firstsight.cli.import_popular import run
from firstsight.core.errors import InputError
from firstsight.lookups.http import HttpError
from running import asking, command, eventually, running
from servers.proxy import Proxy
from servers.registry import Registry, Status

LIST = b"1,kestrelvale.com\n2,www.larkspur-fasteners.com\r\n3,co.uk\n\n4,wexcombe-travel.com\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'data_dir = "{tmp_path}/data"\n[popular]\ntop = 3\n')
    return path


def in_use(tmp_path: Path) -> str:
    return (tmp_path / "data" / "popular.csv").read_text().partition("\n")[2]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lambda data: b"\xef\xbb\xbf" + data], ids=["csv", "gz", "bom"])
def test_a_list_is_taken(tmp_path: Path, config: Path, pack: "type[bytes]", capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "list"  # whatever its name: its first bytes tell
    file.write_bytes(pack(LIST))

    assert run(str(file), config) == 0
    assert in_use(tmp_path) == "1,kestrelvale.com\n2,larkspur-fasteners.com\n"
    told = capsys.readouterr().out
    assert told.startswith(f"2 popular domains of {file} are in {tmp_path}/data/popular.csv; 1 lines could not be used")


def test_names_without_ranks(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "list"
    file.write_text("kestrelvale.com\nwexcombe-travel.com\n")
    run(str(file), config)

    assert in_use(tmp_path) == "kestrelvale.com\nwexcombe-travel.com\n"


BROKEN = gzip.compress(LIST * 50)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "holds no usable line"),
        (b"<html>not a list</html>", "holds no usable line"),
        (b"\x00\x01\x02\xff", "can't be read"),
        (b"PK\x03\x04\xff\xfe zip", "can't be read"),
        (BROKEN[:40], "can't be read"),
        (BROKEN[:20] + bytes(20) + BROKEN[40:], "can't be read"),
        (b"\x1f\x8b", "can't be read"),
    ],
    ids=["empty", "page", "binary", "zip", "cut gz", "spoilt gz", "two bytes of gz"],
)
def test_garbage_leaves_the_old_list(tmp_path: Path, config: Path, data: bytes, sentence: str) -> None:
    file = tmp_path / "list"
    file.write_bytes(LIST)
    run(str(file), config)
    old = in_use(tmp_path)

    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        run(str(file), config)
    assert sentence in str(caught.value)
    assert in_use(tmp_path) == old
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["popular.csv"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["csv", "gz"])
def test_a_list_is_taken_from_a_url(tmp_path: Path, config: Path, pack: "type[bytes]") -> None:
    with Registry() as server:
        server.behaviour = Status(200, pack(LIST))
        assert run(server.url + "top.csv", config) == 0
        assert in_use(tmp_path) == "1,kestrelvale.com\n2,larkspur-fasteners.com\n"
        server.behaviour = Status(404)
        with pytest.raises(InputError, match="answered 404"):
            run(server.url + "top.csv", config)
        assert in_use(tmp_path) == "1,kestrelvale.com\n2,larkspur-fasteners.com\n"
    with pytest.raises(HttpError, match="nothing listens there"):
        run(server.url, config)


async def test_the_way_out_is_that_of_the_settings(tmp_path: Path, config: Path) -> None:
    async with Registry() as server, Proxy({"lists.example.com": server.port}) as proxy:
        server.behaviour = Status(200, LIST)
        config.write_text(config.read_text() + f'[http]\nproxy = "{proxy.url}"\n')
        assert await asyncio.to_thread(run, "http://lists.example.com/top.csv", config) == 0
        assert proxy.asked == ["GET http://lists.example.com/top.csv"]
    assert in_use(tmp_path) == "1,kestrelvale.com\n2,larkspur-fasteners.com\n"


def test_nobody_is_asked_offline(config: Path) -> None:
    config.write_text(config.read_text() + "[http]\noffline = true\n")
    with pytest.raises(InputError, match="offline is set"):
        run("http://127.0.0.1:1/top.csv", config)


def test_a_running_service_fetches_the_list_of_its_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takings, "_LOOK_SECONDS", 0.05)  # how often it looks
    with Registry() as server:
        server.behaviour = Status(200, LIST)
        keys = asking(server.url) | {"popular": {"url": server.url + "top.csv", "top": 3}}
        with running(tmp_path, **keys) as service:
            known = {"state": "known", "list": "127.0.0.1", "rank": 1}
            eventually(lambda: service.get("/v1/domains/kestrelvale.com").json()["popularity"] == known)
            text = service.get("/metrics").body.decode()
            assert 'firstsight_popular_domains{list="127.0.0.1"} 2.0' in text
            assert "firstsight_popular_list_age_seconds " in text
        assert [asked.path for asked in server.asked if "top" in asked.path] == ["/top.csv"]


def test_what_is_no_file(tmp_path: Path, config: Path) -> None:
    for file in (tmp_path, tmp_path / "missing"):
        with pytest.raises(InputError, match="The list in use stays as it is"):
            run(str(file), config)


def test_a_place_that_cannot_be_written(tmp_path: Path, config: Path) -> None:
    file = tmp_path / "list"
    file.write_bytes(LIST)
    (tmp_path / "data" / "popular.csv" / "in the way").mkdir(parents=True)

    with pytest.raises(InputError, match=r"The list can't be written to .*popular\.csv \(.*\)\."):
        run(str(file), config)
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["popular.csv"]


def test_a_running_service_takes_the_new_list(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takings, "_LOOK_SECONDS", 0.05)  # how often it looks
    file = tmp_path / "list"
    file.write_bytes(LIST)
    with running(tmp_path) as service:

        def popularity(name: str) -> object:
            return service.get(f"/v1/domains/{name}").json()["popularity"]

        assert popularity("kestrelvale.com") == {"state": "absent", "list": None, "rank": None}
        done = command("import", "popular", file, "--config", config)
        assert (done.returncode, done.stderr) == (0, "")
        eventually(lambda: popularity("www.kestrelvale.com") == {"state": "known", "list": "imported", "rank": 1})
        assert popularity("windowsupdate.com") == {"state": "known", "list": "firstsight", "rank": None}

        # What is put there by hand and can't be used changes nothing; what is taken away is gone.
        (tmp_path / "data" / "popular.csv").write_bytes(b"\xff")
        file.write_bytes(b"1,osterwick-optics.com\n")
        assert popularity("www.kestrelvale.com") == {"state": "known", "list": "imported", "rank": 1}
        assert command("import", "popular", file, "--config", config).returncode == 0
        eventually(lambda: popularity("osterwick-optics.com") == {"state": "known", "list": "imported", "rank": 1})
        (tmp_path / "data" / "popular.csv").unlink()
        eventually(lambda: popularity("osterwick-optics.com") == {"state": "absent", "list": None, "rank": None})
