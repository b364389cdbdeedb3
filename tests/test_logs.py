"""Logging is a process's own: each case is one."""

import json
import subprocess
import sys
from pathlib import Path

SAY = """
import structlog
from firstsight import logs
logs.configure({form!r}, quiet={quiet})
log = structlog.get_logger()
log.info("listening", address="http://127.0.0.1:1")
try:
    1 / 0
except ZeroDivisionError:
    log.error("failed", exc_info=True)
"""


def said(form: str, *, quiet: bool = False) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(form=form, quiet=quiet)], capture_output=True, text=True, check=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_json_is_a_document_a_line() -> None:
    listening, failed = map(json.loads, said("json"))

    assert listening | {"timestamp": None} == {
        "event": "listening",
        "level": "info",
        "address": "http://127.0.0.1:1",
        "timestamp": None,
    }
    assert listening["timestamp"].endswith("Z")
    assert failed["level"] == "error"
    assert "ZeroDivisionError" in failed["exception"]


def test_the_console_is_for_people() -> None:
    lines = said("console")

    assert "listening" in lines[0]
    assert "address=http://127.0.0.1:1" in lines[0]
    assert "\x1b" not in lines[0]  # no colours into a file


def test_quiet_keeps_what_is_wrong() -> None:
    (failed,) = map(json.loads, said("json", quiet=True))

    assert failed["event"] == "failed"


def test_a_full_disk_under_the_log_stops_nobody() -> None:
    program = SAY.format(form="json", quiet=False) + "import os; os.write(1, b'still here'); os._exit(0)"
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=full, check=True)
    assert done.stdout == b"still here"
