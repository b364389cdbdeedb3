"""A disk without room: RLIMIT_FSIZE on the running service stops every file of it from growing, as a full disk does."""

import json
import resource
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dns_events import AT
from managed import CONFIG, Manager, figure
from running import Process, eventually, find, process
from wazuh_home import WazuhHome, dns_alert


@contextmanager
def no_room(service: Process) -> Iterator[None]:
    """No file of the service grows, its log among them."""
    pid = service.popen.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def lines(domains: list[str], record: int) -> list[bytes]:
    return [dns_alert(name, at=AT + record + n, record=record + n) for n, name in enumerate(domains)]


@pytest.mark.slow
def test_a_full_disk_stops_reading_loses_nothing_and_alerts_still_leave(tmp_path: Path) -> None:
    before, during = [f"before{n}.com" for n in range(20)], [f"during{n}.com" for n in range(300)]
    home = WazuhHome(tmp_path)
    home.write(*lines(before, 1))
    with tempfile.TemporaryDirectory(prefix="fs") as short:  # a socket's path is at most 107 bytes
        manager = Manager(Path(short) / "queue")
        config = CONFIG.format(folder=tmp_path, queue=manager.path, path=home.path)
        with process(tmp_path, config) as service:
            client = service.client
            eventually(lambda: figure(client, "firstsight_outbox") == len(before))  # the file's part has left
            with no_room(service):
                home.write(*lines(during, 100))
                reply = eventually(lambda: (reply := client.get("/readyz")).status == 503 and reply)
                assert reply
                assert "reading goes on by itself" in reply.json()["reason"]
                with manager.listening():
                    eventually(lambda: len(manager.heard) >= len(before))
                assert client.get("/readyz").status == 503
                assert client.get("/healthz").status == 200
            eventually(lambda: client.get("/readyz").status == 200)
            with manager.listening():
                eventually(lambda: figure(client, "firstsight_outbox") == 0)
            assert figure(client, "firstsight_lines_total") == len(before) + len(during)
            assert find(service.told(), "store_works_again")
            assert service.terminate() == 0
    home.close()
    from_file = [json.loads(line)["verdict"]["domain"] for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    assert Counter(from_file) == Counter([*before, *during])
    heard = {alert["domain"]: alert["alert_id"] for alert in manager.alerts()}
    assert set(heard) == {*before, *during}
    assert len({alert["alert_id"] for alert in manager.alerts()}) == len(heard)
