"""What a node of a cluster is told: `firstsight-node.conf`, which the integration script reads too, and options."""

import platform
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from firstsight.core.errors import SettingsError

_KEYS = ("url", "token", "token_file", "ca", "node", "collect_seconds")
_NODE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_MOST = 1 << 20  # characters of a file


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """How a node reaches its firstsight.

    Attributes:
        url: of the service, without a slash at its end; https, or http on this machine.
        node: the node's name, as the service takes it.
        ca: PEM of the certificate authority; None: the system's.
        token_file: holds the token; None: `token` does.
        token: written in the file of settings; empty = none.
    """

    url: str
    node: str
    ca: Path | None = None
    token_file: Path | None = None
    token: str = ""

    def current_token(self) -> str:
        """The token as its file says now: a new one needs no restart.

        Raises:
            SettingsError: it can't be read, or can't be a token. The text does not hold it.
        """
        token = self.token if self.token_file is None else _read(self.token_file, "the service's token").strip()
        if not all("!" <= letter <= "~" for letter in token):
            raise SettingsError(
                f"The token in {self.token_file or 'the settings'} holds blanks or letters beyond ASCII. Put the "
                "service's token there, and no more."
            )
        return token


def load_node(
    config: Path | None, home: Path, *, url: str = "", node: str = "", ca: Path | None, token_file: Path | None
) -> NodeSettings:
    """Read the file, if there is one; what is given beside it wins.

    Args:
        config: lines of `key = value`; `#` begins a comment.
        home: the manager's folder: relative `token_file` and `ca` in the file are below it.
        url: option, as the others below; empty or None where it is not given.
        node: the node's name; else the machine's.
        ca: the certificate authority's file.
        token_file: the token's file.

    Raises:
        SettingsError: something can't be used; the text says what.
    """
    values = {} if config is None else _values(config)
    if values.get("token") and values.get("token_file"):
        raise SettingsError(f"{config} sets token and token_file: keep one of them.")
    if ca is None and values.get("ca"):
        ca = home / values["ca"]
    token = "" if token_file else values.get("token", "")
    if token_file is None and values.get("token_file"):
        token_file = home / values["token_file"]
    settings = NodeSettings(
        _url(url or values.get("url", "")), _node(node or values.get("node", "")), ca, token_file, token
    )
    settings.current_token()
    return settings


def _values(config: Path) -> dict[str, str]:
    values = {}
    for number, line in enumerate(_read(config, "the node's settings").splitlines(), start=1):
        key, equals, value = (part.strip() for part in line.partition("="))
        if not key or key.startswith("#"):
            continue
        if key not in _KEYS or not equals:
            raise SettingsError(f"{config}, line {number} is no `key = value` with one of {', '.join(_KEYS)}.")
        values[key] = value
    return values


def _read(path: Path, what: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_MOST)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(
            f"{path}, which should hold {what}, can't be read: {why}. Check it, its owner and its mode."
        ) from error


def _url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError("A node needs firstsight's url, such as https://HOST:5730, without a password in it.")
    if parts.scheme == "http" and not _is_here(host):
        raise SettingsError(f"The url leads to {host} in clear text. Write https://; http:// is for this machine.")
    return url.rstrip("/")


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _node(name: str) -> str:
    if not name:
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", platform.node())[:64] or "node"
    if not _NODE.fullmatch(name):
        raise SettingsError(
            f"{name!r} is no node's name: at most 64 letters, digits, `_`, `.` and `-`. The `node_name` of ossec.conf "
            "is the natural one."
        )
    return name
