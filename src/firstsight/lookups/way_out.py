"""The way out: directly or through a proxy, and whose certificates are believed."""

import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path

from firstsight.core.errors import InputError


class WayOut:
    """How the Internet is reached.

    Args:
        proxy: URL of the proxy for everything, http and https; empty = directly. It may hold credentials.
        no_proxy: host names and addresses reached directly, with all names below them, as in `NO_PROXY`: with commas;
            `*` is everything. This machine always is.
        ca_file: PEM file of certificate authorities that are believed beside the system's; empty = none.
        outside: whether a host name may be one of the Internet's. Behind a proxy, which resolves names itself, it is
            all that can be known of where an untrusted URL leads.

    Raises:
        InputError: `ca_file` can't be used.
    """

    def __init__(
        self,
        proxy: str = "",
        *,
        no_proxy: str = "",
        ca_file: str = "",
        outside: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._proxy = proxy or None
        self._direct = [entry.strip().lower().lstrip(".") for entry in no_proxy.split(",") if entry.strip()]
        self._outside = outside
        self.trust: ssl.SSLContext | None = _trust(Path(ca_file)) if ca_file else None
        """Who is believed; None: the system's authorities."""

    def proxy_for(self, host: str) -> str | None:
        """The proxy to reach a host through; None where it is reached directly."""
        if self._proxy is None or _is_here(host):
            return None
        name = host.lower().rstrip(".")
        for entry in self._direct:
            if entry in {"*", name} or name.endswith(f".{entry}"):
                return None
        return self._proxy

    def may_lead_to(self, host: str) -> bool:
        """Whether an untrusted URL may name this host, where a proxy resolves it: no address, and no name inside."""
        return not _is_address(host) and self._outside(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    """Whether a host is this machine by its name: a proxy would take it for itself."""
    return host.lower() == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _trust(path: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise InputError(
            f"The certificate authorities {path} can't be used: that is no PEM file of certificates. "
            f"`openssl x509 -noout -subject -in {path}` says what it is."
        ) from error
    except OSError as error:
        raise InputError(
            f"The certificate authorities {path} can't be read ({error.strerror}). Name another file in "
            f"`http.ca_file`, or leave it out to believe the system's alone."
        ) from error
    return context
