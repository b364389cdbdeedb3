import json
import subprocess
from pathlib import Path

import pytest

from alert_samples import FakeClock
from dns_events import AT
from firstsight.cli.import_domain_stats import run
from firstsight.core.errors import FirstsightError, InputError
from firstsight.core.facts import Known
from firstsight.store.sqlite import SqliteStore
from running import COMMAND, command, environment, eventually, process
from servers.domain_stats import DomainStats, item
from wazuh_home import dns_alert

SINCE = 1_634_677_148  # what `item` says: Tue, 19 Oct 2021 20:59:08 GMT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "firstsight.toml"
    path.write_text(f'listen = "127.0.0.1:0"\ndata_dir = "{tmp_path}/data"\n[http]\noffline = true\n')
    return path


def kept(tmp_path: Path) -> dict[str, int | None]:
    """What the store knows: domain → when it was looked up."""
    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock(AT))
    try:
        return {name: int(seen.looked_up or 0) for name, seen in store.browse(0, 2_000_000)}
    finally:
        store.close()


def waiting(tmp_path: Path) -> list[str]:
    return sorted(path.suffix for path in (tmp_path / "data" / "imports").iterdir())


def test_a_servers_history_comes_along(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = [item(f"kestrel-{number:04}.com") for number in range(250)]
    items += [
        item("printer.local"),
        item("osterwick.eu", web="ERROR"),
        item("larkspur.org", "Wed, 20 Oct 2021 20:59:08 GMT"),
    ]
    with DomainStats(items) as old:
        assert run(old.url, config) == 0
        assert run(old.url, config) == 0  # and once more changes nothing

    known = kept(tmp_path)
    assert len(known) == 252
    assert known.pop("larkspur.org") == SINCE + 86400
    assert (known.pop("osterwick.eu") or 0) > SINCE + 86400, "looked up, and nobody knows when"
    assert set(known.values()) == {SINCE}
    assert waiting(tmp_path) == []
    assert "253 records read, 252 domains in them; 1 are no public names, or stand twice." in capsys.readouterr().out


def test_its_domains_are_no_first_contact_and_have_their_age(tmp_path: Path, config: Path) -> None:
    with DomainStats([item("kestrelvale.com")]) as old:
        run(old.url, config)
    with process(tmp_path, config.read_text().partition("\n")[2]) as service:
        assert service.client.get("/www.kestrelvale.com").json() == {
            **service.client.get("/kestrelvale.com").json(),
            "alerts": [],
            "category": "ESTABLISHED",
            "seen_by_isc": "RDAP",
            "seen_by_web": "Tue, 19 Sep 2000 15:00:50 GMT",
            "seen_by_you": "Tue, 19 Oct 2021 20:59:08 GMT",
        }
        assert "YOUR-FIRST-CONTACT" in service.client.get("/osterwick.com").json()["alerts"]


def test_its_first_event_is_a_first_sight_that_says_so(tmp_path: Path, config: Path) -> None:
    with DomainStats([item("kestrelvale.com")]) as old:
        run(old.url, config)
    (tmp_path / "alerts.json").write_bytes(dns_alert("www.kestrelvale.com", record=1) + b"\n")
    source = f'[learning]\ndays = 0\n[[sources]]\npath = "{tmp_path}/alerts.json"\nfrom = "start"\n'
    with process(tmp_path, config.read_text().partition("\n")[2] + source) as service:
        (alert,) = eventually(lambda: service.client.get("/v1/alerts").json()["alerts"])

    (reason,) = alert["verdict"]["reasons"]
    assert (reason["code"], reason["evidence"]["looked_up"]) == ("first_seen", "2021-10-19T20:59:08Z")


def test_a_running_service_takes_it_in(tmp_path: Path, config: Path) -> None:
    (tmp_path / "serve").mkdir()
    with (
        DomainStats([item(f"kestrel-{number:04}.com") for number in range(950)]) as old,
        process(tmp_path / "serve", config.read_text().partition("\n")[2]) as service,
    ):
        done = command("import", "domain-stats", old.url, "--config", config)

        assert (done.returncode, done.stderr) == (0, "")
        assert "The running service takes it in." in done.stdout
        assert done.stdout.endswith(f"The history of {old.url} is in the store.\n")
        assert service.client.get("/kestrel-0949.com").json()["seen_by_you"] == "Tue, 19 Oct 2021 20:59:08 GMT"
        assert service.terminate() == 0
    assert len(kept(tmp_path)) == 950


def test_broken_off_it_goes_on_where_it_was(tmp_path: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DomainStats([item(f"kestrel-{number:04}.com") for number in range(450)]) as old:
        old.fails_at, old.times = 300, 4
        with pytest.raises(InputError, match="give the same command again"):
            run(old.url, config)
        (draft,) = (tmp_path / "data" / "imports").iterdir()
        with draft.open("ab") as file:
            file.write(b'{"read": 400, "looked')  # a crash in the middle of a line
        old.asked.clear()
        assert run(old.url, config) == 0
        assert old.asked == [300, 400, 450]

    assert "Going on behind 300 records" in capsys.readouterr().out
    assert len(kept(tmp_path)) == 450


def test_a_killed_import_goes_on_too(tmp_path: Path, config: Path) -> None:
    with DomainStats([item(f"kestrel-{number:05}.com") for number in range(6_000)]) as old:
        with subprocess.Popen(
            [*COMMAND, "import", "domain-stats", old.url, "--config", str(config)],
            env=environment(),
            stdout=subprocess.PIPE,
        ) as first:
            eventually(lambda: len(old.asked) > 20)
            first.kill()
        before = len(old.asked)
        assert run(old.url, config) == 0
        assert old.asked[before] >= 1000, "it began anew"

    assert len(kept(tmp_path)) == 6_000


def test_its_export_comes_along(tmp_path: Path, config: Path) -> None:
    records = [
        {
            "freq_score": [6.6079, 6.0942],
            "seen_by_isc": "top1m",
            "seen_by_web": "Tue, 19 Sep 2000 15:00:50 GMT",
            "expires": expires,
            "domain": domain,
        }
        for domain, expires in (("kestrelvale.com", None), ("osterwick.com", 1_600_000_000.5), ("co.uk", None))
    ]
    file = tmp_path / "top1m.import"
    file.write_text(json.dumps(records))
    assert run(str(file), config) == 0

    store = SqliteStore(tmp_path / "data" / "firstsight.db", FakeClock(AT))
    answers = store.answers(["kestrelvale.com", "osterwick.com"])
    store.close()
    assert set(kept(tmp_path)) == {"kestrelvale.com", "osterwick.com"}
    assert [(name, answer.fact.value.source) for name, answer in answers.items() if isinstance(answer.fact, Known)] == [
        ("kestrelvale.com", "top1m")
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{}", "is not what Domain Stats writes"),
        (b"\x80\x04}q", "is not what Domain Stats writes"),
        (None, "can't be"),
    ],
)
def test_what_is_no_history(tmp_path: Path, config: Path, data: bytes | None, sentence: str) -> None:
    file = tmp_path / "file"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(FirstsightError, match=sentence):
        run(str(file), config)
    assert waiting(tmp_path) == []


def test_a_damaged_file_is_told(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DomainStats([item("kestrelvale.com")]) as old:
        run(old.url, config)
        monkeypatch.setattr("firstsight.cli.import_domain_stats.encode_page", lambda _: b"{half")
        with pytest.raises(InputError, match=r"\.refused could not be taken in: it is damaged"):
            run(old.url, config)
        assert waiting(tmp_path) == [".refused"]
        monkeypatch.undo()
        assert run(old.url, config) == 0
    assert waiting(tmp_path) == []


@pytest.mark.slow
def test_a_hundred_thousand_records(tmp_path: Path, config: Path) -> None:
    """Each with its date; broken off in the middle; into a running service, which goes on answering."""
    stamp = "%s, 19 Oct 2021 20:%02d:%02d GMT"
    items = [item(f"kestrel-{n:06}.com", stamp % ("Tue", n // 60 % 60, n % 60)) for n in range(100_000)]
    (tmp_path / "serve").mkdir()
    with (
        DomainStats(items) as old,
        process(tmp_path / "serve", config.read_text().partition("\n")[2]) as service,
    ):
        old.fails_at, old.times = 50_000, 4
        assert command("import", "domain-stats", old.url, "--config", config).returncode == 1
        old.asked.clear()
        done = command("import", "domain-stats", old.url, "--config", config)
        assert (done.returncode, done.stderr, old.asked[0]) == (0, "", 50_000)
        assert "100,000 records read, 100,000 domains in them" in done.stdout
        assert service.client.get("/healthz").status == 200
        for number in range(0, 100_000, 9_973):
            answer = service.client.get(f"/www.kestrel-{number:06}.com").json()
            assert answer["seen_by_you"] == stamp % ("Tue", number // 60 % 60, number % 60)
            assert "YOUR-FIRST-CONTACT" not in answer["alerts"]
        assert service.terminate() == 0

    noon = SINCE - 59 * 60 - 8
    assert kept(tmp_path) == {f"kestrel-{n:06}.com": noon + n % 3600 for n in range(100_000)}
