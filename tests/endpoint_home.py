"""An agent's folder for tests of what execd starts there, called as execd does it (4.14.7): a line on an input that
stays open, one line of output awaited, answered where it is `check_keys`, and then the end of the process awaited.

    with EndpointHome() as home:
        home.configure(url=server.url)
        home.respond(alert_message("evil.example"))
        eventually(home.lines)
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import firstsight.wazuh.active_response
from running import PATIENCE
from script_modules import module_of

FOLDER = Path(firstsight.wazuh.active_response.__file__).parent
SCRIPT = FOLDER / "firstsight-otx"


def script_module() -> Any:
    """The script as a module."""
    return module_of(SCRIPT)


def alert_message(query: str = "evil.example", command: str = "add", **fields: Any) -> dict[str, Any]:
    """What execd gets of the manager for an alert of ours; `fields` are those below `firstsight`."""
    ours = {"query": query, "domain": query, "reasons": ["first_seen"], "severity": "low", "alert_id": "a1b2", **fields}
    return message({"integration": "firstsight", "firstsight": ours}, command)


def message(data: dict[str, Any], command: str = "add") -> dict[str, Any]:
    """The same for any alert."""
    rule = {"level": 3, "id": "117011", "groups": ["firstsight", "firstsight_alert"]}
    alert = {"rule": rule, "agent": {"id": "002", "name": "WIN10"}, "data": data, "location": "firstsight"}
    return {
        "version": 1,
        "origin": {"name": "node01", "module": "wazuh-execd"},
        "command": command,
        "parameters": {"extra_args": [], "alert": alert, "program": "active-response/bin/firstsight-otx"},
    }


@dataclass(frozen=True)
class Ended:
    """A run: its first line of output (empty where there is none), what came after it, and the exit status."""

    first: str
    rest: str
    status: int


class EndpointHome:
    """The folder; see the module. `changed` constants of the script stand in for long waits."""

    def __init__(self, **changed: object) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="fs"))
        self.bin = self.path / "active-response" / "bin"
        self.log = self.path / "logs" / "active-responses.log"
        self.waiting = self.path / "active-response" / "firstsight-otx"
        self.bin.mkdir(parents=True)
        self.log.parent.mkdir()
        text = SCRIPT.read_text()
        for name, value in changed.items():
            before = next(line for line in text.splitlines() if line.startswith(f"{name} = "))
            text = text.replace(before, f"{name} = {value!r}")
        (self.bin / SCRIPT.name).write_text(text)
        self._active: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.workers():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
        shutil.rmtree(self.path)

    def configure(self, *, secret: str = "s3cret", secret_file: str = "firstsight-otx.token", **keys: object) -> None:
        """Write the settings, and the token or key."""
        path = self.bin / secret_file
        path.write_text(secret + "\n")
        path.chmod(0o600)
        lines = [f"{key} = {value}" for key, value in keys.items()]
        (self.bin / "firstsight-otx.conf").write_text("\n".join(["# of a test", "", *lines, ""]))

    def respond(self, message: dict[str, Any] | bytes, *, timeout: int = 0) -> Ended:
        """What execd does with a message; with a timeout a name stays in force until its `delete`."""
        line = message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()
        script = subprocess.Popen(
            [sys.executable, "-IS", f"active-response/bin/{SCRIPT.name}"],
            cwd=self.path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert script.stdin
        assert script.stdout
        with script:
            script.stdin.write(line + b"\n")
            script.stdin.flush()
            first = script.stdout.readline().decode()
            if first:
                with contextlib.suppress(BrokenPipeError):
                    script.stdin.write(json.dumps(self._answer(json.loads(first), json.loads(line), timeout)).encode())
                    script.stdin.write(b"\n")
                    script.stdin.flush()
            status = script.wait(PATIENCE)  # its input is open still
            rest = script.stdout.read().decode()  # nobody else holds the output
        return Ended(first, rest, status)

    def _answer(self, asked: dict[str, Any], message: dict[str, Any], timeout: int) -> dict[str, Any]:
        (key,) = asked["parameters"]["keys"]
        command = "abort" if timeout and key in self._active else "continue"
        if timeout:
            self._active.add(key)
        return {**message, "command": command}

    def timed_out(self, message: dict[str, Any], command: str = "delete") -> Ended:
        """The timeout is over."""
        self._active.clear()
        return self.respond({**message, "command": command})

    def lines(self) -> list[dict[str, Any]]:
        """Our fields of each line of the log."""
        text = self.log.read_text() if self.log.exists() else ""
        assert text == "" or text.endswith("\n")
        return [json.loads(line)["firstsight_otx"] for line in text.splitlines()]

    def workers(self) -> list[int]:
        """Processes that live in this folder."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "cwd").readlink() == self.path:
                    found.append(int(process.name))
        return found


def zombies() -> list[str]:
    """Ended children that this process has not been rid of."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            _, _, rest = (process / "stat").read_text().rpartition(") ")
            state, parent, *_ = rest.split()
            if state == "Z" and int(parent) == os.getpid():
                found.append(process.name)
    return found
