import os
import socket
from collections.abc import Iterator

import pytest

from firstsight.wazuh.doctor.findings import Finding, Person, State
from firstsight.wazuh.doctor.roads import roads
from firstsight.wazuh.ruletable import BASE
from firstsight.wazuh.setup.carry_out import carry_out
from firstsight.wazuh.setup.manager import find
from firstsight.wazuh.setup.originals import Mode, Originals
from firstsight.wazuh.setup.plan import installing
from manager_home import ManagerHome, short


@pytest.fixture
def home() -> Iterator[ManagerHome]:
    with short() as home:
        yield home


@pytest.fixture
def queue(home: ManagerHome) -> Iterator[socket.socket]:
    path = home.path / "queue/sockets/queue"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reader:
        reader.bind(str(path))
        reader.settimeout(5)
        if os.geteuid() == 0:
            os.chown(path, *home.owner(1, 1))
        path.chmod(0o660)
        yield reader


def look(home: ManagerHome, *, followed: bool = False, service: Person | None = None) -> dict[str, Finding]:
    return {finding.what: finding for finding in roads(find(home.path), followed=followed, service=service)}


def install(home: ManagerHome, mode: Mode) -> None:
    manager = find(home.path)
    originals = Originals(manager)
    carry_out(manager, originals, installing(manager, originals, mode, BASE, node_conf="url = http://127.0.0.1:5730\n"))


def test_followed(home: ManagerHome, queue: socket.socket) -> None:
    me = Person.of(os.geteuid(), os.getegid())
    found = look(home, followed=True, service=me)
    assert {what: finding.state for what, finding in found.items()} == dict.fromkeys(
        ["road", "queue", "permissions"], State.OK
    )
    assert queue.recv(100) == b"1:firstsight:firstsight wazuh check"
    assert look(home)["road"].state is State.NOTE


def test_the_queue_s_troubles(home: ManagerHome) -> None:
    assert "not there" in look(home)["queue"].text
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as gone:
        gone.bind(str(home.path / "queue/sockets/queue"))
    assert "heard by nobody" in look(home)["queue"].text
    assert look(home)["queue"].state is State.WRONG


def test_the_service_s_user_needs_its_acls(home: ManagerHome, queue: socket.socket) -> None:
    user = Person.of(os.geteuid() or 64_980, home.owner(1, 1)[1])  # in Wazuh's group, as good as with ACLs
    path = home.path / "queue/sockets/queue"
    assert look(home, followed=True, service=user)["permissions"].state is State.OK
    path.chmod(0)
    finding = look(home, followed=True, service=user)["permissions"]
    assert (finding.state, finding.mend) == (State.WRONG, f"setfacl -m u:{user.name}:rw {path}")


def test_the_integration(home: ManagerHome, queue: socket.socket) -> None:
    install(home, "integration")
    found = look(home)
    assert found["road"].text == "integratord starts the script for each Event 22."
    assert found["script"].state is State.OK
    assert "spool" not in found
    assert look(home, followed=True)["road"].state is State.WRONG
    home.put("queue/firstsight/incoming", "{}\n")
    assert look(home)["spool"].text == "3 bytes of alerts wait to be handed over."
    (home.path / "integrations/custom-firstsight").unlink()
    assert look(home)["script"].state is State.WRONG


def test_owners_and_modes_that_integratord_refuses(home: ManagerHome, queue: socket.socket) -> None:
    install(home, "integration")
    script, spool = home.path / "integrations/custom-firstsight", home.path / "queue/firstsight"
    if os.geteuid() == 0:  # else all belongs to one user
        script.chmod(0o770)
        assert "may change" in look(home)["script"].text
    script.chmod(0o640)
    assert "may not run" in look(home)["script"].text
    (home.path / "etc/firstsight-node.conf").chmod(0)
    assert look(home)["script's settings"].state is State.WRONG
    spool.chmod(0)
    assert look(home)["spool"].state is State.WRONG
    spool.chmod(0o750)
