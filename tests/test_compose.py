import os
import re
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from alert_samples import FakeClock, make_alert
from dns_events import DAY, make_batch, make_event
from firstsight import compose
from firstsight.core.errors import FirstsightError, InputError, SettingsError, StoreError
from firstsight.core.events import Batch, Process, Status
from firstsight.core.facts import Known, Popularity, Unavailable
from firstsight.service import Service
from running import PATIENCE, settings


@contextmanager
def composed(folder: Path, **keys: Any) -> Iterator[Service]:
    """A service that is wired and does not run."""
    service = compose.service(settings(folder, **keys), FakeClock())
    try:
        yield service
    finally:
        service.store.close()


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    with composed(tmp_path / "a", data_dir=tmp_path / "x" / "y"):
        folder = tmp_path / "x" / "y"

        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert (folder / "firstsight.db").exists()


def test_a_data_folder_that_cannot_be_made(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    for folder in (file, file / "below"):
        with pytest.raises(SettingsError, match=r"The data folder .* can't be made \(.*\)\. .* `data_dir`"):
            compose.prepare_folder(folder)


def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    theirs = Path("/")  # root's, unless we are root
    if os.geteuid() == 0:
        theirs = tmp_path / "theirs"
        theirs.mkdir()
        os.chown(theirs, 65534, 65534)

    with pytest.raises(SettingsError, match=r"belongs to user id .* run this as `sudo -u"):
        compose.prepare_folder(theirs)


def test_sources_and_sinks_are_wired_by_name(tmp_path: Path) -> None:
    sources = [{"path": tmp_path / "a.json"}, {"path": tmp_path / "a.json", "name": "again"}]
    keys = {"wazuh": {"queue": str(tmp_path / "queue")}, "alerts": {"file": str(tmp_path / "alerts.jsonl")}}
    with composed(tmp_path, sources=sources, **keys) as service:
        assert [source.name for source in service.watch.sources] == [str(tmp_path / "a.json"), "again"]
        assert len({sink.name for sink in service.watch.sinks}) == 2
        assert service.notes == ()


def test_what_is_missing_is_noted(tmp_path: Path) -> None:
    with composed(tmp_path) as service:
        source, sink = service.notes

    assert source.startswith("No source is set")
    assert sink.startswith("No way out is set")


def test_two_sources_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Two sources are named twin"):
        compose.service(settings(tmp_path, sources=[{"path": "/a", "name": "twin"}, {"path": "/b", "name": "twin"}]))


def test_an_imported_list_goes_before_our_own(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "popular.csv").write_text("7,kestrelvale.com\n8,microsoft.com\n")
    with composed(tmp_path) as service:
        found = {
            domain: service.lens.popularity(service.lens.parse(domain))
            for domain in ("kestrelvale.com", "microsoft.com", "windowsupdate.com")
        }

    assert found == {
        "kestrelvale.com": Known(Popularity("imported", 7)),
        "microsoft.com": Known(Popularity("imported", 8)),
        "windowsupdate.com": Known(Popularity("firstsight")),
    }


def test_questions_of_our_own_do_not_alert(tmp_path: Path) -> None:
    hosts = ("whois.tcinet.ru", "whois.harbour.example.com", "isc.sans.edu")
    asked = {"whois": {"enabled": True, "servers": {"zz": "whois.harbour.example.com:4343"}}, "isc": {"enabled": True}}
    for keys, own in (({}, False), (asked, True)):
        with composed(tmp_path, **keys) as service:
            assert [service.lens.is_popular(service.lens.parse(host)) for host in hosts] == [own] * 3


def test_settings_reach_what_they_are_for(tmp_path: Path) -> None:
    keys = {"registration": {"new_days": 60}, "learning": {"days": 3}, "compat": {"established_days": 90}}
    with composed(tmp_path, **keys) as service:
        assert (service.policy.new_days, service.policy.learning_days, service.policy.established_days) == (60, 3, 90)
        assert service.started == FakeClock().now()


@pytest.mark.parametrize(
    ("form", "integrations"),
    [
        ({}, [b"firstsight"]),
        ({"format": "firstsight"}, [b"firstsight"]),
        ({"format": "dnsstat"}, [b"dnsstat"]),
        ({"format": "both"}, [b"firstsight", b"dnsstat"]),
    ],
)
def test_alerts_leave_in_the_form_that_is_set(tmp_path: Path, form: dict[str, str], integrations: list[bytes]) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="fs") as folder,  # tmp_path may be too long for a socket
        closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as queue,
    ):
        queue.bind(f"{folder}/queue")
        queue.settimeout(PATIENCE)
        keys = {"wazuh": {"queue": f"{folder}/queue", **form}, "compat": {"freq_avg": 1.0, "freq_word": 1.0}}
        with composed(tmp_path, **keys) as service:
            (sink,) = service.watch.sinks
            assert sink.send([make_alert("first_seen")]) == 1
            heard = [queue.recv(65_535) for _ in integrations]
            sink.close()

    assert [re.findall(rb'"integration": ?"(\w+)"', event) for event in heard] == [[name] for name in integrations]
    assert b"FREQ-SCORE" not in b"".join(heard), "thresholds of the settings"


def test_bursts_are_those_of_the_settings(tmp_path: Path) -> None:
    with composed(tmp_path, alerts={"nx_burst_names": 3, "nx_burst_window": "5m", "window": ""}) as service:
        at = FakeClock().now() - 1000
        # three within five minutes; quiet for five minutes after that, and three more
        times = [0, 200, 299, 500, 598, 600, 700]
        events = [
            make_event(f"kelvor{n}.com", at=at + seconds, status=Status.NXDOMAIN) for n, seconds in enumerate(times)
        ]
        verdicts = service.watch.ingest([make_batch(events)])
        bursts = [event.time - at for event, verdict in verdicts if "nx_burst" in {r.code for r in verdict.reasons}]
        assert bursts == [299]
        one_more = make_batch([make_event("x.com", at=at + 800, status=Status.NXDOMAIN)])
        ((_, verdict),) = service.watch.ingest([one_more])
        assert [reason.code for reason in verdict.reasons] == ["nx_burst"], "600, 700 and this"


async def test_offline_asks_nobody(tmp_path: Path) -> None:
    with composed(tmp_path, http={"offline": True}) as service:
        assert await service.fresh.ask("sans.org", 5) == Unavailable("offline")


@pytest.mark.parametrize(
    ("keys", "error", "sentence"),
    [
        ({"names": {"internal": ["a..b"]}}, InputError, "The internal name 'a..b' is not a DNS name"),
        ({"http": {}, "registration": {"bootstrap": "/no/such"}}, InputError, "The RDAP bootstrap /no/such can't be"),
        (
            {"http": {}, "registration": {"servers": {"com": "ftp://x"}}},
            InputError,
            "The RDAP server for 'com' can't be used",
        ),
        ({"http": {"ca_file": "/no/such"}}, InputError, "The certificate authorities /no/such can't be read"),
        ({"auth": {"token_file": "/no/such"}}, InputError, "The token file /no/such can't be read"),
        ({"tls": {"cert": "/no/cert", "key": "/no/key"}}, InputError, "The certificate /no/cert can't be read"),
        ({"store": "sqlite:///no/such/folder/x.db"}, StoreError, "Its folder must exist"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(
    tmp_path: Path, keys: dict[str, Any], error: type[FirstsightError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        compose.service(settings(tmp_path, **keys))

    assert sentence in str(caught.value)


def test_the_table_of_registries_is_renewed_where_it_has_a_url(tmp_path: Path) -> None:
    for bootstrap, renewed in (("", False), ("http://127.0.0.1:9/dns.json", True)):
        with composed(tmp_path, http={}, registration={"bootstrap": bootstrap}) as service:
            assert (service.renewal is not None) is renewed
    with composed(tmp_path, registration={"bootstrap": "http://127.0.0.1:9/dns.json"}) as service:
        assert service.renewal is None, "offline"


def test_settings_that_fail_leave_the_store_to_others(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        compose.service(settings(tmp_path, sources=[{"path": "/a"}, {"path": "/a"}]))

    with composed(tmp_path) as service:
        assert service.not_ready() is None


def test_a_popular_list_that_is_spoilt_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "popular.csv").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(InputError, match="import it again"):
        compose.service(settings(tmp_path))


def test_users_are_neither_stored_nor_sent(tmp_path: Path) -> None:
    with composed(tmp_path, privacy={"users": False}, learning={"days": 0}, http={"offline": True}) as service:
        service.watch.ingest([make_batch([make_event("harbour.com", image=r"C:\Users\alice\x.exe")])])
        ((_, alert),) = service.store.alerts(after=0, limit=9)

    assert alert.asked.process == Process(r"C:\Users\-\x.exe", "{5770385f}", "2412")
    assert alert.summary.endswith("asked by WIN10 (x.exe)")
    assert b"alice" not in (tmp_path / "data" / "firstsight.db").read_bytes()


async def test_ages_are_those_of_the_settings(tmp_path: Path) -> None:
    with composed(tmp_path, retention={"who": "10d", "hosts": "", "alerts": ""}) as service:
        old = FakeClock().now() - 11 * DAY
        service.watch.ingest([make_batch([make_event("www.harbour.com", at=old)])])
        service.store.flush()

        assert (await service.erasure.by_age())["pairs"] == 1
        assert service.store.hosts("harbour.com") == (["www.harbour.com"], False)


async def test_alerts_link_to_their_pages(tmp_path: Path) -> None:
    with composed(tmp_path, web={"public_url": "https://firstsight.example"}, learning={"days": 0}) as service:
        service.watch.ingest([Batch("node:a", 1, {}, [make_event("harbour.com")], "", "a")])
        ((_, alert),) = service.store.alerts(after=0, limit=9)
        (datagram,) = service.nodes.collect("a").datagrams

    assert f'"url":"https://firstsight.example/ui/alert?id={alert.id}"' in datagram


def test_an_identity_provider_needs_its_library_before_the_store_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oidc = {"issuer": "https://login.example.com", "client_id": "firstsight", "roles": {"soc": "analyst"}}
    keys = {"oidc": oidc, "web": {"public_url": "http://127.0.0.1:5730"}}
    with composed(tmp_path, **keys) as service:
        assert service.access.sign_on is not None
        assert service.access.sign_on.name == "login.example.com"
        assert service.access.guarded
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(InputError, match="extra `oidc`, which is not installed"):
        compose.service(settings(tmp_path / "other", **keys))
    assert not (tmp_path / "other" / "data" / "firstsight.db").exists()
