"""The roads of queries to firstsight and of its alerts back: who follows, who may read and write, what waits."""

import errno
import os
import socket
from collections.abc import Iterator

from firstsight.wazuh.doctor.findings import Finding, Person, State
from firstsight.wazuh.setup.manager import ALERTS, QUEUE, Manager
from firstsight.wazuh.setup.ossec_conf import runs_script
from firstsight.wazuh.setup.plan import NODE_CONF, SCRIPT, SPOOL, WAITING

_WORD = b"1:firstsight:firstsight wazuh check"  # no rule matches it


def roads(manager: Manager, *, followed: bool, service: Person | None) -> Iterator[Finding]:
    """Look at the road that queries take.

    Args:
        manager: the manager.
        followed: firstsight's settings follow this manager's alerts.json.
        service: the user that firstsight runs as, where that is known.
    """
    script = runs_script(manager.conf())
    if script and followed:
        text = "alerts.json is followed, and an <integration> runs the script too: each query comes twice."
        yield Finding("road", State.WRONG, text, "firstsight wazuh install --mode follow")
    elif script:
        yield Finding("road", State.OK, "integratord starts the script for each Event 22.")
    elif followed:
        yield Finding("road", State.OK, "alerts.json is followed.")
    else:
        text = "The settings follow no alerts.json of this manager; `firstsight forward` may."
        yield Finding("road", State.NOTE, text, f'[[sources]] path = "{manager.home / ALERTS}"')
    if script:
        yield from _script(manager)
    yield _queue(manager)
    if service is not None and (followed or not script):
        yield from _rights(manager, service)


def _queue(manager: Manager) -> Finding:
    path = manager.home / QUEUE
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(2.0)
            out.connect(os.fspath(path))
            out.send(_WORD)
    except OSError as error:
        status = f"{manager.home}/bin/wazuh-control status"
        text, mend = {
            errno.ENOENT: ("is not there: analysisd does not run", status),
            errno.ECONNREFUSED: ("is heard by nobody: analysisd does not run", status),
            errno.EACCES: ("may not be written by you", "run this as root"),
        }.get(error.errno or 0, (f"takes nothing ({error})", status))
        return Finding("queue", State.WRONG, f"{path} {text}.", mend)
    return Finding("queue", State.OK, f"{path} takes what is sent.")


def _rights(manager: Manager, service: Person) -> Iterator[Finding]:
    """May the service's user do what it must? The sentence gives the ACLs, as an upgrade may take them away."""
    lacking = [
        f"setfacl -m u:{service.name}:{acl} {manager.home / path}"
        for right, acl, path in (("-r", "rX", ALERTS), ("-x", "rX", "logs/alerts"), ("-w", "rw", QUEUE))
        if (manager.home / path).exists() and not service.may(right, manager.home / path)
    ]
    if lacking:
        text = (
            f"User {service.name}, whose firstsight's data is, may not read alerts.json or write the queue. All it "
            f"needs stands in docs/install-wazuh.md, step 2."
        )
        yield Finding("permissions", State.WRONG, text, "; ".join(lacking))
    else:
        yield Finding("permissions", State.OK, f"User {service.name} may read alerts.json and write the queue.")


def _script(manager: Manager) -> Iterator[Finding]:
    """As integratord wants it (`src/shared/exec_op.c`): its user may run the script, and not change it."""
    script, wazuh = manager.home / SCRIPT, Person.of(*manager.wazuh)
    owned = f"chown root:wazuh {script} && chmod 750 {script}"
    if not script.exists():
        yield Finding("script", State.WRONG, f"{script} is not there.", "firstsight wazuh install --mode integration")
    elif not wazuh.may("-x", script):
        yield Finding("script", State.WRONG, f"Wazuh's user may not run {script}.", owned)
    elif wazuh.may("-w", script) and wazuh.uid != manager.root:
        yield Finding("script", State.WRONG, f"Wazuh's user may change {script}: integratord refuses that.", owned)
    else:
        yield Finding("script", State.OK, f"{script} may be run.")
    if not wazuh.may("-r", manager.home / NODE_CONF):
        text = f"Wazuh's user can't read {manager.home / NODE_CONF}, where the script is told how to reach firstsight."
        yield Finding(
            "script's settings", State.WRONG, text, f"chown root:wazuh {manager.home / NODE_CONF}; chmod 640 …"
        )
    if not wazuh.may("-w", manager.home / SPOOL):
        mend = f"install -d -o wazuh -g wazuh -m 0750 {manager.home / SPOOL}"
        yield Finding("spool", State.WRONG, f"Wazuh's user can't write {manager.home / SPOOL}.", mend)
        return
    waiting = sum(path.stat().st_size for name in WAITING if (path := manager.home / SPOOL / name).exists())
    if waiting:
        text = f"{waiting:,} bytes of alerts wait to be handed over."
        yield Finding(
            "spool", State.NOTE, text, f"ls -l {manager.home / SPOOL}; docs/nodes.md says what its files mean"
        )
