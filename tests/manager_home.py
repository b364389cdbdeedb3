"""A Wazuh 4.14.7 manager's folder as its installer leaves it (`src/init/inst-functions.sh`), with tools to be played.

    home = ManagerHome(tmp_path)
    home.tool("wazuh-analysisd", "exit 1")
    before = home.snapshot()

As root the files belong to whom they belong to on a manager; else to who runs the tests, all of them.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = (0, 0)
WAZUH = (64_990, 64_991)  # numbers that nobody has

OSSEC_CONF = """\
<!--
  Wazuh - Manager - Default configuration
  More info at: https://documentation.wazuh.com
-->

<ossec_config>
  <global>
    <jsonout_output>yes</jsonout_output>
    <alerts_log>yes</alerts_log>
  </global>

  <alerts>
    <log_alert_level>3</log_alert_level>
    <email_alert_level>12</email_alert_level>
  </alerts>

      <!-- <integration><name>custom-firstsight</name></integration> -->
  <localfile>
\t<log_format>full_command</log_format>
    <command>netstat -tulpn | sed 's/\\([[:alnum:]]\\+\\)\\ \\+/\\1/' && echo &amp; done</command>
  </localfile>

  <ruleset>
    <decoder_dir>ruleset/decoders</decoder_dir>
    <rule_dir>ruleset/rules</rule_dir>
    <rule_exclude>0215-policy_rules.xml</rule_exclude>
    <list>etc/lists/audit-keys</list>

    <!-- User-defined ruleset -->
    <decoder_dir>etc/decoders</decoder_dir>
    <rule_dir>etc/rules</rule_dir>
  </ruleset>

  <cluster>
    <name>wazuh</name>
    <node_name>node01</node_name>
    <node_type>master</node_type>
    <disabled>yes</disabled>
  </cluster>
</ossec_config>

<ossec_config>
  <localfile>
    <log_format>syslog</log_format>
    <location>/var/ossec/logs/active-responses.log</location>
  </localfile>
</ossec_config>
"""

SYSMON_RULES = """\
<group name="windows,sysmon,">
  <rule id="61650" level="0">
    <if_sid>61600</if_sid>
    <field name="win.system.eventID">^22$</field>
    <description>Sysmon - Event 22</description>
  </rule>
  <rule id="61655" level="0">
    <if_sid>60004</if_sid>
    <field name="win.system.eventID">^255$</field>
    <description>Sysmon - Event 255</description>
  </rule>
</group>
"""

LOCAL_RULES = """\
<!-- Local rules -->
<group name="local,syslog,sshd,">
  <!-- <rule id="117001" level="5"> </rule> -->
  <rule id="100001" level="5">
    <if_sid>5716</if_sid>
    <description>sshd: authentication failed from IP 1.1.1.1.</description>
  </rule>
</group>
"""

_CONTROL = """\
case "$1" in
  info) echo 'WAZUH_VERSION="v{version}"'; echo 'WAZUH_REVISION="rc1"'; echo 'WAZUH_TYPE="server"' ;;
  *) echo "$1" >> var/run/asked ;;
esac
"""


@contextlib.contextmanager
def short() -> Iterator["ManagerHome"]:
    """One that Wazuh's user can reach, in a folder with a short name: a socket's path has 107 bytes (unix(7))."""
    folder = Path(tempfile.mkdtemp(prefix="fs"))
    try:
        home = ManagerHome(folder)
        for path in (folder, home.path.parent):
            path.chmod(0o755)
        yield home
    finally:
        shutil.rmtree(folder)


Snapshot = dict[str, tuple[int, int, int, bytes | None]]


class ManagerHome:
    """The folder `var/ossec` below another one."""

    def __init__(self, folder: Path, *, version: str = "4.14.7", conf: str = OSSEC_CONF) -> None:
        self.path = folder / "var/ossec"
        self.path.parent.mkdir(parents=True)
        for name, mode, owner in [
            (".", 0o750, (0, 1)),
            *[(name, 0o750, (0, 1)) for name in ("bin", "backup", "integrations", "queue", "ruleset", "ruleset/rules")],
            ("var", 0o750, (0, 1)),
            ("var/run", 0o770, (0, 1)),
            ("etc", 0o770, (1, 1)),
            ("etc/rules", 0o770, (0, 1)),
            ("etc/lists", 0o770, (0, 1)),
            ("queue/sockets", 0o770, (1, 1)),
            ("logs", 0o770, (1, 1)),
            ("logs/alerts", 0o750, (1, 1)),
        ]:
            path = self.path / name
            path.mkdir()
            self._own(path, mode, owner)
        self.put("etc/ossec.conf", conf, 0o660, (0, 1))
        self.put("etc/rules/local_rules.xml", LOCAL_RULES, 0o660, (1, 1))
        self.put("ruleset/rules/0595-win-sysmon_rules.xml", SYSMON_RULES, 0o640, (0, 1))
        self.put("logs/alerts/alerts.json", "", 0o640, (1, 1))
        self.tool("wazuh-control", _CONTROL.format(version=version))
        for name in ("wazuh-analysisd", "wazuh-integratord"):
            self.tool(name, "exit 0")

    @property
    def conf(self) -> Path:
        return self.path / "etc/ossec.conf"

    def put(self, name: str, text: str | bytes, mode: int = 0o640, owner: tuple[int, int] = (0, 1)) -> Path:
        """A file. `owner`: of the user and the group, 0 root's, 1 Wazuh's."""
        path = self.path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        self._own(path, mode, owner)
        return path

    def tool(self, name: str, script: str) -> None:
        """What a tool of bin/ does, in sh; it runs in the manager's folder."""
        self.put(f"bin/{name}", f"#!/bin/sh\n{script}\n", 0o750, (0, 0))

    def asked(self) -> list[str]:
        """What wazuh-control was asked to do."""
        path = self.path / "var/run/asked"
        return path.read_text().split() if path.exists() else []

    def snapshot(self) -> Snapshot:
        """Everything: modes, owners, bytes."""
        found: Snapshot = {}
        for path in sorted(self.path.rglob("*")):
            at = path.lstat()
            if not stat.S_ISSOCK(at.st_mode):
                content = path.read_bytes() if stat.S_ISREG(at.st_mode) else None
                found[str(path.relative_to(self.path))] = (at.st_mode, at.st_uid, at.st_gid, content)
        return found

    def owner(self, user: int, group: int) -> tuple[int, int]:
        """The numbers that a file's owners have here."""
        if os.geteuid() != 0:
            return os.geteuid(), self.path.stat().st_gid
        return (WAZUH if user else ROOT)[0], (WAZUH if group else ROOT)[1]

    def _own(self, path: Path, mode: int, owner: tuple[int, int]) -> None:
        if os.geteuid() == 0:
            os.chown(path, *self.owner(*owner))
        path.chmod(mode)
