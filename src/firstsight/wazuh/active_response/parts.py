"""The parts of the active response: files for endpoints, and the manager's blocks that call them."""

from pathlib import Path

from firstsight.wazuh.ruletable import ALERT

WINDOWS = ("firstsight-otx.cmd", "firstsight-otx.ps1")
"""Files for `active-response\\bin` of a Windows agent."""

UNIX = ("firstsight-otx",)
"""Files for `active-response/bin` of an agent on Linux or macOS: owner root, group wazuh, mode 0750."""

SETTINGS = "firstsight-otx.conf"
"""Name of the settings beside either; see `settings`."""

TOKEN = "firstsight-otx.token"  # noqa: S105  # a file's name
"""Name of the token's file beside them: readable for root, or SYSTEM and administrators, alone."""

AUTHORITY = "firstsight-ca.pem"
"""Name of the certificate of the authority that signed the service's, where it is an own one."""

COMMANDS = {"firstsight-otx-windows": WINDOWS[0], "firstsight-otx": UNIX[0]}
"""By the names that the manager calls them, the files that execd starts."""

GROUP = f"{ALERT},"
"""Which rules call the response. `rules_group` looks for a piece of text: the comma ends the name."""

_COMMAND = """\
<command>
  <name>{name}</name>
  <executable>{executable}</executable>
  <timeout_allowed>no</timeout_allowed>
</command>
<active-response>
  <disabled>no</disabled>
  <command>{name}</command>
  <location>local</location>
  <rules_group>{group}</rules_group>
</active-response>
"""


def manager_block() -> str:
    """The `<command>` and `<active-response>` elements of ossec.conf, to stand within `<ossec_config>`.

    Both responses are sent to every agent: execd passes over one whose executable was not there when the agent
    started (`src/os_execd/exec.c` at v4.14.7). They run on the agent that the alert is about.
    """
    return "".join(_COMMAND.format(name=name, executable=file, group=GROUP) for name, file in COMMANDS.items())


def endpoint_file(name: str) -> bytes:
    """The content of one of the files for endpoints.

    Args:
        name: of WINDOWS or UNIX; LookupError for any other.
    """
    if name not in WINDOWS + UNIX:
        raise LookupError(f"{name} is no file of the active response.")
    return (Path(__file__).parent / name).read_bytes()


def settings(url: str, *, own_authority: bool) -> str:
    """The settings of an endpoint that asks the service.

    Args:
        url: where the service listens for endpoints, `https://HOST:PORT`.
        own_authority: its certificate is signed by the authority in AUTHORITY, and no other is trusted.
    """
    authority = f"ca = {AUTHORITY}\n" if own_authority else ""
    return f"# docs/active-response.md has all keys.\nurl = {url}\n{authority}token_file = {TOKEN}\n"
