"""The service's certificate and key: checked at start, exchanged while it runs, watched for their end."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import structlog

from firstsight.access.renewed import Renewed
from firstsight.core.errors import InputError
from firstsight.core.times import rfc3339
from firstsight.ports import Clock

log = structlog.get_logger()

_WARNED_BEFORE = 14 * 86400.0
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"

_INTEGER, _SEQUENCE, _VERSION, _UTC_TIME = 0x02, 0x30, 0xA0, 0x17


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is presented. `ends`: seconds since the epoch."""

    context: ssl.SSLContext
    ends: float


class Certificate:
    """A certificate and its key, in PEM files; what takes their place is presented to new connections.

    Each version gets a context of its own, handed over at the handshake. Loading into the one that listens would
    leave an old certificate beside a new one of another kind of key, and half of a pair that does not fit.

    Args:
        cert: the chain, the service's own certificate first.
        key: its private key, not encrypted.
        clock: the time.

    Raises:
        InputError: they can't be used; a sentence says why and what to do.
    """

    def __init__(self, cert: Path, key: Path, clock: Clock) -> None:
        self._cert = cert
        self._clock = clock
        self._pair = Renewed(lambda: _read(cert, key), cert, key)
        self.context = self._pair.value.context
        self.context.sni_callback = self._present
        if (ending := self._ending()) is not None:
            log.warning("certificate_ends", what=ending)

    def renew(self) -> None:
        """Take up a new pair, if there is one."""
        self._pair.renew()

    def trouble(self) -> str | None:
        """A sentence while a new pair can't be used, or this one ends soon; else None."""
        return self._pair.trouble() or self._ending()

    def _present(self, connection: ssl.SSLObject, name: str | None, listening: ssl.SSLContext) -> None:  # noqa: ARG002
        connection.context = self._pair.value.context

    def _ending(self) -> str | None:
        ends, now = self._pair.value.ends, self._clock.now()
        if now < ends - _WARNED_BEFORE:
            return None
        state = "has ended" if now >= ends else "ends"
        return (
            f"The certificate {self._cert} {state} on {rfc3339(ends)}: clients will refuse it. Put a new one and its "
            f"key in place; they are taken up without a restart."
        )


def _read(cert: Path, key: Path) -> _Pair:
    text = _text(cert, "certificate", "cert")
    _text(key, "private key", "key")

    def encrypted() -> NoReturn:  # asked for by OpenSSL, which would ask the terminal otherwise
        raise InputError(
            f"The private key {key} is encrypted, and nobody is there to type its password. Write it plain, for this "
            f"user alone: openssl pkey -in OLD -out NEW"
        )

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(cert, key, encrypted)
        ends = _not_after(_first(text))
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise InputError(
                f"The private key {key} is not the one of the certificate {cert}. The service's own certificate must "
                f"come first in its file, and [tls] key name the key it was made with."
            ) from error
        raise InputError(
            f"The certificate {cert} and the key {key} can't be used ({error.reason or error}). Both must be PEM "
            f"files: the service's certificate with its chain, and its private key."
        ) from error
    except (OSError, ValueError, IndexError) as error:
        raise InputError(f"The certificate {cert} can't be read as PEM ({error}). Write its chain anew.") from error
    return _Pair(context, ends)


def _text(path: Path, what: str, setting: str) -> str:
    try:
        return path.read_text(encoding="latin-1")
    except OSError as error:
        raise InputError(
            f"The {what} {path} can't be read ({error.strerror}). Put it there, readable for the user who runs "
            f"firstsight, or name another one in [tls] {setting}."
        ) from error


def _first(pem: str) -> bytes:
    """The first certificate of a file, which is the service's own (DER)."""
    start = pem.index(_BEGIN)
    return ssl.PEM_cert_to_DER_cert(pem[start : pem.index(_END, start) + len(_END)])


def _not_after(der: bytes) -> float:
    """When a certificate ends, seconds since the epoch (RFC 5280 §4.1: Certificate, TBSCertificate, Validity).

    The standard library tells this of a peer's certificate only.

    Raises:
        ValueError: there is no such time in it.
        IndexError: it is cut off.
    """
    at, _ = _inside(der, 0, _SEQUENCE)
    at, _ = _inside(der, at, _SEQUENCE)
    if der[at] == _VERSION:
        at = _behind(der, at)
    _inside(der, at, _INTEGER)  # the serial number, then the signature's algorithm and the issuer
    for _ in range(3):
        at = _behind(der, at)
    at, _ = _inside(der, at, _SEQUENCE)
    at = _behind(der, at)  # not before
    start, end = _inside(der, at, der[at])
    form = "%y%m%d%H%M%SZ" if der[at] == _UTC_TIME else "%Y%m%d%H%M%SZ"
    return datetime.strptime(der[start:end].decode("ascii"), form).replace(tzinfo=UTC).timestamp()


def _behind(der: bytes, at: int) -> int:
    return _inside(der, at, der[at])[1]


def _inside(der: bytes, at: int, tag: int) -> tuple[int, int]:
    """Where an element's content starts and ends (X.690 §8.1, definite lengths as DER has them)."""
    if der[at] != tag:
        raise ValueError("another kind of element")
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    return start, start + length
