"""The part of `firstsight wazuh install` that endpoints need: whom they ask, whom they trust, with which token."""

import base64
import hashlib
import re
import ssl
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from firstsight.access.tokens import Scopes, TokenScope, parse_scopes, read_tokens
from firstsight.cli.desk import ask_service
from firstsight.cli.files import read_bounded
from firstsight.clock import SystemClock
from firstsight.core.errors import InputError, StoreBusyError
from firstsight.settings import Settings
from firstsight.settings.checks import url_of
from firstsight.wazuh.setup.bundle import Endpoints

_LARGEST = 1 << 16  # bytes of a certificate's or a token's file
_TOKEN = re.compile(r"[!-~]+")  # as the scripts on endpoints take it
_HASH = re.compile(r"sha256:|[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """What was asked for.

    Attributes:
        folder: where the bundle goes; None = none is wanted.
        service_url: where endpoints reach the service; empty = by the settings.
        ca: PEM of the authority that signed the service's certificate.
        token_file: a token of scope intel.
        without: the manager shall not call the active response any more.
    """

    folder: Path | None = None
    service_url: str = ""
    ca: Path | None = None
    token_file: Path | None = None
    without: bool = False

    def __post_init__(self) -> None:
        if self.folder is not None and self.without:
            raise InputError("--with-agents and --without-agents ask for opposite things. Leave one of them out.")
        if self.folder is None and (self.service_url or self.ca or self.token_file):
            raise InputError(
                "--service-url, --ca and --token-file are about the endpoints' files. Add --with-agents DIR, which "
                "says where these go; or leave them out."
            )


def endpoints(settings: Settings, options: AgentOptions) -> Endpoints:
    """What endpoints must know of the service.

    Args:
        settings: the service's.
        options: what was asked for beside them.

    Raises:
        InputError: endpoints could not reach the service so, or a file does not hold what it should.
    """
    url = _url(options.service_url, "--service-url") if options.service_url else _own_url(settings)
    authority = b"" if options.ca is None else _authority(options.ca)
    token = "" if options.token_file is None else _token(options.token_file, settings)
    return Endpoints(url, authority, token)


def advice(settings: Settings, wanted: Endpoints) -> list[str]:
    """What else a person should see to, sentences."""
    host = urlsplit(wanted.url).hostname or ""
    if _address(host) is None and host not in {name.lower() for name in settings.web.hosts}:
        return [f"the service must know that it is {host}: [web] hosts of its settings does not name that."]
    return []


def _own_url(settings: Settings) -> str:
    """Where a service with these settings is reached by other machines: by the name that they use, if it has one."""
    if not settings.tls.cert:
        raise InputError(
            "By its settings the service speaks plain HTTP, which endpoints don't: a token would be overheard. Set "
            "[tls] (docs/access.md), or say --service-url https://HOST:PORT, where a proxy with a certificate is."
        )
    address, port = settings.address
    host = next(iter(settings.web.hosts), address).removeprefix("[").removesuffix("]")
    return _url(url_of(host, port, secure=True), f"listen = {settings.listen!r}")


def _url(text: str, origin: str) -> str:
    """An address that endpoints can ask; the sentence does not repeat what it refuses, which may hold a password."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = SplitResult("", "", "", "", ""), "", None
    odd = "@" in parts.netloc or parts.query or parts.fragment or not _TOKEN.fullmatch(text)
    if parts.scheme != "https" or not host or port == 0 or odd:
        raise InputError(f"{origin} is no address that endpoints can ask: it must be https://HOST:PORT, and no more.")
    address = _address(host)
    if f".{host}".endswith(".localhost") or (address and (address.is_loopback or address.is_unspecified)):
        raise InputError(
            f"{origin} leads to {host}, which endpoints can't reach. Say --service-url https://HOST:PORT, with a name "
            f"or an address that they can, and that stands in the service's certificate."
        )
    return text.rstrip("/")


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _authority(path: Path) -> bytes:
    """One certificate, and nothing secret: it is handed to every endpoint."""
    content = read_bounded(path, _LARGEST)
    if b"PRIVATE KEY" in content:
        raise InputError(f"{path} holds a private key, and would go to every endpoint. Name the certificate's file.")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=content.decode("ascii"))
        count = context.cert_store_stats()["x509"]
    except (ValueError, ssl.SSLError):
        count = 0
    if count != 1:
        raise InputError(
            f"{path} holds {count or 'no'} certificates in PEM, where one belongs: that of the authority which signed "
            f"the service's, without the chain."
        )
    return content


def _token(path: Path, settings: Settings) -> str:
    """A token that opens what threat intelligence says, and nothing else.

    Whether the service knows it is told by its file of tokens, where that is on this machine, and by the running
    service; where there is neither, it is taken at its word.
    """
    token = read_bounded(path, _LARGEST).decode("ascii", "replace").strip()
    if not _TOKEN.fullmatch(token) or _HASH.match(token):
        raise InputError(
            f"{path} holds no token. It must hold the token itself, and no more: neither its hash nor its line of "
            f"[auth] token_file. docs/access.md says how one is made."
        )
    known = Path(settings.auth.token_file) if settings.auth.token_file else None
    in_file = read_tokens(known).find(token.encode()) if known is not None and known.exists() else None
    if in_file is not None:
        _only_intel(path, in_file.name, in_file.scopes, over=in_file.expired(SystemClock.now()))
        return token
    try:
        digest = base64.b64encode(hashlib.sha256(token.encode()).digest()).decode()
        kept = ask_service(settings.store_path, "token", digest=digest)["token"]
    except StoreBusyError:  # no service runs here
        kept = None
        if known is None or not known.exists():
            return token
    if kept is None:
        raise InputError(
            f"The token in {path} is not known to the service. Make one of scope intel alone (`firstsight token add "
            f"endpoints --scopes intel`; while the service runs, or it can't be asked here), and run this again."
        )
    _only_intel(path, kept["name"], parse_scopes(kept["scopes"], str(path)), over=kept["over"])
    return token


def _only_intel(path: Path, name: str, scopes: Scopes, *, over: bool) -> None:
    if over:
        raise InputError(f"The token in {path} ({name}) has expired. Make another of scope intel, and run this again.")
    if scopes != {TokenScope.INTEL}:
        raise InputError(
            f"The token in {path} opens more than it should ({name}). Make one of scope intel alone, and run this "
            f"again."
        )
