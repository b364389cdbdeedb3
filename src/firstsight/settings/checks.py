"""What values of settings must be like: each returns the value, or says in a sentence what is wrong with it."""

import re
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

IANA = "https://data.iana.org/rdap/dns.json"
"""Where IANA publishes the RDAP servers of all top-level domains (RFC 9224 §13)."""

_DAYS = re.compile(r"[1-9][0-9]{0,4}d")

_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


def socket_address(text: str) -> str:
    """An `address:port`."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:  # noqa: PLR2004  # TCP's ports
        raise ValueError("is not `address:port`, such as 127.0.0.1:5730")
    host = host.removeprefix("[").removesuffix("]")
    if host != "localhost":
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(f"names no address: {host!r} (write an IP address)") from None
    return text


def host_and_port(address: str) -> tuple[str, int]:
    """Both parts of an `address:port`."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)


def url_of(host: str, port: int, *, secure: bool) -> str:
    """The URL of what listens there. `secure`: it speaks TLS."""
    return f"{'https' if secure else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def optional_address(text: str) -> str:
    """An `address:port`, or empty."""
    return socket_address(text) if text else text


def network(text: str) -> str:
    """An address or a network, never everybody."""
    try:
        network = ip_network(text)
    except ValueError as error:
        raise ValueError(f"must name addresses or networks, such as 10.0.0.7 or 10.0.0.0/28: {error}") from None
    if network.prefixlen == 0:
        raise ValueError(f"would trust everybody: {text}. Name those alone that you mean")
    return text


def host_name(text: str) -> str:
    """A host name without a port."""
    try:
        ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        if not _HOST.fullmatch(text):
            raise ValueError(
                f"must be names or addresses alone, without a scheme or port, such as sensor.example: not {text!r}"
            ) from None
    return text


def together(key: str, sentence: str) -> PydanticCustomError:
    """A fault of several keys, said of one of them (dotted)."""
    return PydanticCustomError("together", "{sentence}", {"key": key, "sentence": sentence})


def store_url(text: str) -> str:
    """A store, `sqlite:///FILE`."""
    if text and not text.startswith("sqlite:///"):
        raise ValueError("must be sqlite:///FILE, such as sqlite:///var/lib/firstsight/firstsight.db")
    return text


def way_out(text: str) -> str:
    """A proxy's URL; the sentence must not repeat it, as it may hold a password."""
    if not text:
        return text
    url = text if "://" in text else f"http://{text}"  # as environments have it
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            "must be an http or https URL, such as http://proxy.example:3128 (where it isn't set, HTTPS_PROXY is taken)"
        )
    return url


def file_or_url(text: str) -> str:
    """The sentence must not repeat what it refuses, as that may hold a password."""
    if "://" in text and not re.match(r"https?://[^@/]+(/[^@]*)?$", text):
        raise ValueError(f"must be a file, or an http or https URL without credentials, such as {IANA}")
    return text


def base_url(text: str) -> str:
    """A server's base URL, or empty. The sentence must not repeat what it refuses, as that may hold a password."""
    if text and not re.fullmatch(r"https?://[^@/?#\s]+(/[^@?#\s]*)?", text):
        raise ValueError("must be an http or https URL without credentials or query, such as https://otx.example")
    return text


def page_address(text: str) -> str:
    """The URL that pages are reached at, without the slash at its end; or empty."""
    return base_url(text).rstrip("/")


def list_url(text: str) -> str:
    """An http or https URL, or empty. The sentence must not repeat what it refuses, as that may hold a password."""
    if text and not re.match(r"https?://[^/@\s]+(/\S*)?$", text):
        raise ValueError("must be an http or https URL without credentials; a file is taken by `import popular`")
    return text


def own_name(text: str) -> str:
    """A source's name that nobody else's begin like."""
    if text.startswith(("node:", "api:")):
        raise ValueError(f"may not begin as {text!r} does: what nodes and programs hand over is kept by such names")
    return text


def users_kept(value: object) -> object:
    """Whose names are kept, also as the yes or no that it once was."""
    return {"true": "keep", "false": "leave_out"}.get(str(value).lower(), value)


def age(text: str) -> str:
    """A number of days, such as 400d, or empty."""
    if text and not _DAYS.fullmatch(text):
        raise ValueError(f"must be a number of days, such as 400d, or empty for ever: not {text!r}")
    return text
