"""Parse a DNS name: what kind it is, and which domain it belongs to."""

import ipaddress
import re
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from firstsight.core.errors import InputError
from firstsight.core.idn import to_ascii, to_unicode
from firstsight.core.suffixes import Suffixes


class Kind(StrEnum):
    """What a queried name is. Only `PUBLIC` and `UNKNOWN_SUFFIX` are judged; the rest is counted."""

    PUBLIC = "public"
    UNKNOWN_SUFFIX = "unknown_suffix"
    INTERNAL = "internal"
    REVERSE = "reverse"
    SINGLE_LABEL = "single_label"
    ADDRESS = "address"
    SUFFIX = "suffix"
    INVALID = "invalid"


class Name(Struct, frozen=True, gc=False):
    """A parsed name. All fields are lower-case A-labels without a trailing dot; empty where there is none.

    Attributes:
        kind: what it is.
        fqdn: the name asked for; an address in its usual form; empty where it is invalid.
        registrable: eTLD+1 by the whole public suffix list (private section too): the unit of first sight.
        registered: the domain under the ICANN suffix: what a registry is asked for. Empty unless `PUBLIC`.
        suffix: the public suffix, private section included. Empty where none is known.
    """

    kind: Kind
    fqdn: str
    registrable: str = ""
    registered: str = ""
    suffix: str = ""

    @property
    def judged(self) -> bool:
        """Whether the name is kept and judged."""
        return self.kind is Kind.PUBLIC or self.kind is Kind.UNKNOWN_SUFFIX

    @property
    def label(self) -> str:
        """The label that somebody chose: `google` of `www.google.co.uk`. Empty where the name isn't judged."""
        return self.registrable.partition(".")[0]


ALTERNATIVE_ROOTS = frozenset("bazar bit coin crypto emc eth i2p lib loki nft onion snode wallet x zil".split())
"""Roots outside the public DNS: Tor, I2P, Namecoin, Emercoin, ENS, Unstoppable Domains, Lokinet."""

# Names that never leave the site, whoever made them up.
_SPECIAL_USE = (
    # RFC 6761. Its example.com, .net and .org stay public: resolvers treat them as any other domain, and people
    # test with them.
    "example", "invalid", "localhost", "test",
    "local",  # RFC 6762, multicast DNS
    "corp", "home", "internal", "intranet", "lan", "private",  # RFC 6762 appendix G: what sites use instead
    "localdomain",  # what Linux puts behind `localhost`
    "home.arpa",  # RFC 8375
    "ipv4only.arpa",  # RFC 7050, RFC 8880: is there NAT64 here?
    "resolver.arpa",  # RFC 9462: which encrypted resolver is there?
)  # fmt: skip
# On the public suffix list, but no part of the DNS (RFC 7686): there is no registry to ask.
_UNDELEGATED = frozenset({"onion"})
_REVERSE = (".in-addr.arpa", ".ip6.arpa")

_INVALID = Name(Kind.INVALID, "")

_MAX_NAME = 253  # RFC 1035 2.3.4: 255 octets on the wire, less the first length octet and the root
_MAX_LABEL = 63
_MAX_OCTET = 255
_MAX_TEXT = 4 * (_MAX_NAME + 1)  # each octet escaped, and a trailing dot; what is longer isn't looked at

# Blanks around a name come from how it was written down (a column, a pasted line), not from DNS.
_BLANKS = " \t\r\n"

_plain = re.compile(r"[A-Za-z0-9_*.-]*").fullmatch
_escape = re.compile(rb"\\(?:([0-9]{3})|x([0-9A-Fa-f]{2})|([^0-9x]))?", re.DOTALL)


class NameParser:
    """Says what a name is. Built once; safe to share between threads."""

    def __init__(self, suffixes: Suffixes, internal: Iterable[str] = ()) -> None:
        """Take the public suffix list and the site's own suffixes.

        Args:
            suffixes: the list.
            internal: names that are internal here, with all below them (`corp.example.com`, `.intra`, `BÜRO.`,
                `*.ad.example.com`). They win over public ones.

        Raises:
            InputError: one of `internal` is not a DNS name.
        """
        self._suffixes = suffixes
        self._internal = _by_root([*_SPECIAL_USE, *map(_configured, internal)])

    def parse(self, raw: object) -> Name:
        r"""Parse whatever a source found where a name should stand. Never raises.

        Case, one trailing dot, blanks around it, escapes of master files and of Zeek (`\DDD`, `\xHH`, `\c`) and the
        choice of U-labels or A-labels make no difference.
        """
        if not isinstance(raw, str) or len(raw) > _MAX_TEXT:
            return _INVALID
        text = raw.strip(_BLANKS)
        name = _canonical(text)
        # An address first: IPv4 is spelled like a name, IPv6 like nothing else.
        if not name or name[-1].isdigit():
            address = _address(name or text)
            if address is not None:
                return Name(Kind.ADDRESS, address)
        return self._classified(name) if name else _INVALID

    def _classified(self, name: str) -> Name:
        root = name.rpartition(".")[2]
        internal = self._internal.get(root)
        if internal is not None and f".{name}".endswith(internal):
            return Name(Kind.INTERNAL, name)
        if root == "arpa" and f".{name}".endswith(_REVERSE):
            return Name(Kind.REVERSE, name)
        suffix, icann = (None, None) if root in _UNDELEGATED else self._suffixes.lookup(name)
        if suffix is None:
            if root == name:
                return Name(Kind.SINGLE_LABEL, name)
            return Name(Kind.UNKNOWN_SUFFIX, name, _under(root, name))
        if icann == name:
            return Name(Kind.SUFFIX, name, suffix=suffix)
        # A private suffix asked bare belongs to whoever runs it: it is a domain of its own.
        registrable = name if suffix == name else _under(suffix, name)
        registered = registrable if icann == suffix else _under(icann, name) if icann else ""
        return Name(Kind.PUBLIC, name, registrable, registered, suffix)


def unicode_of(fqdn: str) -> str:
    """A name as people read it: U-labels where its A-labels have one. For display only. Never raises."""
    return ".".join(map(to_unicode, fqdn.split("."))) if "xn--" in fqdn else fqdn


def _under(suffix: str, name: str) -> str:
    """The part of `name` that is one label longer than `suffix`, which it ends in."""
    return name[name.rfind(".", 0, len(name) - len(suffix) - 1) + 1 :]


def _canonical(text: str) -> str:
    """A name's one spelling: lower-case A-labels, no trailing dot. Empty where the name is invalid."""
    if not _plain(text):
        try:
            text = to_ascii(_unescaped(text))
        except UnicodeError:
            return ""
        if not _plain(text):
            return ""
    name = text.lower().removesuffix(".")
    if ".." in f".{name}.":  # an empty label; also when nothing is left
        return ""
    if len(name) > _MAX_LABEL and (len(name) > _MAX_NAME or max(map(len, name.split("."))) > _MAX_LABEL):
        return ""
    return name


def _unescaped(text: str) -> str:
    r"""Undo the escapes of RFC 1035 5.1 (`\DDD`, `\c`) and of Zeek's logs (`\xHH`); the octets are UTF-8.

    Raises:
        UnicodeError: not UTF-8, a broken escape, or a dot that is part of a label, which no host name has.
    """
    return _escape.sub(_octet, text.encode()).decode() if "\\" in text else text


def _octet(escape: re.Match[bytes]) -> bytes:
    decimal, hexadecimal, character = escape.groups()
    # A broken escape is as bad as an escaped dot.
    octet = int(decimal) if decimal else int(hexadecimal, 16) if hexadecimal else ord(character or b".")
    if octet == ord(".") or octet > _MAX_OCTET:
        raise UnicodeError(f"{escape.group()!r} is a dot inside a label, or a broken escape")
    return bytes((octet,))


def _address(text: str) -> str | None:
    """IPv4 or IPv6, in brackets too, in its usual form; None where it is neither.

    The zone (`%eth0`) is dropped: it names an interface of the host that asked.
    """
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # Windows writes IPv4 addresses as ::ffff:192.0.2.1.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address).partition("%")[0]


def _configured(text: str) -> str:
    name = _canonical(text.strip(_BLANKS).removeprefix("*").removeprefix("."))
    if not name:
        raise InputError(f"The internal name {text!r} is not a DNS name. Write a suffix, such as corp.example.com.")
    return name


def _by_root(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names with a dot in front, by their last label: one look-up tells that nearly no name is internal."""
    table: dict[str, tuple[str, ...]] = {}
    for name in names:
        root = name.rpartition(".")[2]
        table[root] = (*table.get(root, ()), f".{name}")
    return table
