"""The unit, and what systemd's own tools say of it where they are."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from firstsight.installation.needs import Needs
from firstsight.installation.unit import folders, folders_of, render

PROGRAM = Path("/opt/firstsight/bin/firstsight")
NEEDS = Needs(
    Path("/var/ossec"),
    (Path("/var/ossec/logs/alerts/alerts.json"),),
    Path("/var/ossec/queue/sockets/queue"),
    Path("/var/lib/firstsight"),
)
DOCS = Path(__file__).resolve().parents[2] / "docs"


def values(unit: str, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)


def test_of_wazuh_it_sees_the_logs_and_the_sockets_alone() -> None:
    unit = render(PROGRAM, NEEDS)

    assert values(unit, "TemporaryFileSystem") == ["/var/ossec:ro"]
    assert values(unit, "BindReadOnlyPaths") == ["-/var/ossec/logs/alerts", "-/var/ossec/queue/sockets"]
    assert values(unit, "ReadWritePaths") == ["/var/lib/firstsight"]
    assert values(unit, "User") == ["firstsight"]
    assert "wazuh" not in values(unit, "Group") + values(unit, "SupplementaryGroups")


def test_without_wazuh_nothing_is_hidden_that_may_not_be_there() -> None:
    unit = render(PROGRAM, replace(NEEDS, sources=(Path("/srv/logs/alerts.json"),), queue=None))

    assert values(unit, "TemporaryFileSystem") == []
    assert values(unit, "BindReadOnlyPaths") == ["-/srv/logs"]


def test_what_else_it_writes_to_is_named() -> None:
    unit = render(PROGRAM, replace(NEEDS, writable=(Path("/var/log/firstsight"),)))
    assert values(unit, "ReadWritePaths") == ["/var/lib/firstsight", "/var/log/firstsight"]


def test_a_low_port_is_the_only_privilege() -> None:
    assert values(render(PROGRAM, NEEDS), "CapabilityBoundingSet") == [""]
    assert values(render(PROGRAM, replace(NEEDS, low_port=True)), "AmbientCapabilities") == ["CAP_NET_BIND_SERVICE"]


@pytest.mark.parametrize("path", ["/srv/my logs/alerts.json", "/srv/100%/alerts.json"])
def test_a_unit_tells_again_what_it_was_made_of(path: str) -> None:
    needs = replace(NEEDS, sources=(Path(path), *NEEDS.sources))
    assert folders_of(render(PROGRAM, needs)) == folders(needs)


def test_systemd_takes_it_and_finds_it_as_sheltered_as_the_page_says(tmp_path: Path) -> None:
    """Where systemd-analyze is (and judges files: from 250 on); the lines themselves are tested above."""
    stated = re.search(r"an exposure below ([\d.]+)", (DOCS / "install-service.md").read_text("utf-8"))
    assert stated is not None
    path = tmp_path / "firstsight.service"
    path.write_text(render(Path(shutil.which("true") or "/bin/true"), NEEDS), "utf-8")
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    version = subprocess.run([analyze, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
    if int(version.split()[1]) < 250:
        return
    verified = subprocess.run([analyze, "verify", path], capture_output=True, text=True, check=False, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")
    most = round(float(stated[1]) * 10)
    judged = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={most}", path],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout.splitlines()[-1:]
