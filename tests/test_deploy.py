"""The container's files agree with the rest of the checkout, and with Compose where it is."""

import re
import shutil
import subprocess
from pathlib import Path

from firstsight.settings import load

CHECKOUT = Path(__file__).resolve().parent.parent
COMPOSE = CHECKOUT / "deploy" / "wazuh-docker" / "firstsight.yml"
CONTAINER = CHECKOUT / "deploy" / "container" / "Containerfile"


def test_the_container_is_built_with_the_checkouts_own_uv_out_of_files_that_are_there() -> None:
    text = CONTAINER.read_text("utf-8")
    [version] = re.findall(r"^UV_VERSION := (.+)$", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert f"uv=={version}" in text
    for sources in re.findall(r"^COPY (?!--from)(.+) \./?\w*$", text, re.MULTILINE):
        assert all((CHECKOUT / source).exists() for source in sources.split())


def test_the_container_is_no_root_and_its_user_is_the_one_of_compose() -> None:
    [uid] = re.findall(r"useradd --uid (\d+)", CONTAINER.read_text("utf-8"))
    assert "\nUSER firstsight\n" in CONTAINER.read_text("utf-8")
    assert f'user: "{uid}:' in COMPOSE.read_text("utf-8")


def test_settings_and_mounts_name_the_same_paths() -> None:
    settings = load(COMPOSE.with_name("firstsight.toml"))
    targets = {Path(target) for target in re.findall(r"target: (\S+)", COMPOSE.read_text("utf-8"))}

    assert {settings.data_dir, settings.sources[0].path.parent, Path(settings.wazuh.queue).parent} <= targets
    assert settings.listen == "127.0.0.1:5730", "the health check asks there"


def test_of_wazuh_nothing_can_be_changed_and_only_two_folders_are_seen() -> None:
    mounts = [mount for mount in COMPOSE.read_text("utf-8").split("- type: ") if "source: wazuh_" in mount]
    assert len(mounts) == 2
    assert all("read_only: true" in mount and "subpath: " in mount for mount in mounts)


def test_compose_takes_it(tmp_path: Path) -> None:
    """Where Compose is; what it would find wrong with paths and mounts is tested above in any case."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        return
    for name in ("firstsight.yml", "firstsight.toml"):
        shutil.copy(COMPOSE.with_name(name), tmp_path)
    command = [docker, "compose", "-f", str(tmp_path / "firstsight.yml"), "config", "--quiet"]
    taken = subprocess.run(
        command, env={"WAZUH_GID": "999", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert taken.returncode == 0, taken.stderr
