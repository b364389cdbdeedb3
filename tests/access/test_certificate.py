import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from alert_samples import DAY, FakeClock
from firstsight.access.certificate import Certificate, _not_after
from firstsight.core.errors import InputError

ENDS = datetime(2026, 12, 24, 12, tzinfo=UTC)
CA = trustme.CA()


def issue(folder: Path, ends: datetime = ENDS, kind: trustme.KeyType = trustme.KeyType.ECDSA) -> trustme.LeafCert:
    """A pair in the folder's `cert` and `key`."""
    leaf = CA.issue_cert("firstsight.example", not_after=ends, key_type=kind)
    (folder / "cert").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    (folder / "key").write_bytes(leaf.private_key_pem.bytes())
    return leaf


def opened(folder: Path, at: float = ENDS.timestamp() - 30 * DAY) -> Certificate:
    return Certificate(folder / "cert", folder / "key", FakeClock(at))


def presented(certificate: Certificate, name: str | None = "firstsight.example") -> bytes:
    """What a client sees of it in a handshake (DER)."""
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname=name)
    server = certificate.context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    seen = client.getpeercert(binary_form=True)
    assert seen is not None
    return seen


def der(leaf: trustme.LeafCert) -> bytes:
    return ssl.PEM_cert_to_DER_cert(leaf.cert_chain_pems[0].bytes().decode())


def test_tls_1_2_at_least(tmp_path: Path) -> None:
    leaf = issue(tmp_path)
    certificate = opened(tmp_path)

    assert certificate.context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert certificate.trouble() is None
    assert presented(certificate) == der(leaf)


@pytest.mark.parametrize("name", ["firstsight.example", None])
@pytest.mark.parametrize("kind", [trustme.KeyType.ECDSA, trustme.KeyType.RSA])
def test_a_new_pair_is_presented_whatever_its_kind(tmp_path: Path, kind: trustme.KeyType, name: str | None) -> None:
    """An RSA certificate loaded beside an ECDSA one would leave clients with either."""
    issue(tmp_path)
    certificate = opened(tmp_path)
    second = issue(tmp_path, kind=kind)
    certificate.renew()

    assert presented(certificate, name) == der(second)


def spoil_key(folder: Path) -> None:
    (folder / "key").write_bytes(CA.issue_cert("other.example").private_key_pem.bytes())


def encrypt_key(folder: Path) -> None:
    key = load_pem_private_key((folder / "key").read_bytes(), None)
    (folder / "key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    )


def swap(folder: Path) -> None:
    cert, key = (folder / "cert").read_bytes(), (folder / "key").read_bytes()
    (folder / "cert").write_bytes(key)
    (folder / "key").write_bytes(cert)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "cert").unlink(), "The certificate .*/cert can't be read .No such file"),
        (lambda folder: (folder / "key").unlink(), r"The private key .*/key can't be read .No such file.*\[tls\] key"),
        (lambda folder: (folder / "cert").write_bytes(b""), "Both must be PEM files"),
        (lambda folder: (folder / "cert").write_bytes(b"\x00\xff" * 99), "Both must be PEM files"),
        (lambda folder: (folder / "key").write_bytes(b"garbage"), "Both must be PEM files"),
        (swap, "Both must be PEM files"),
        (spoil_key, "is not the one of the certificate"),
        (encrypt_key, "is encrypted"),
    ],
    ids=range(8),
)
def test_what_cannot_be_used(tmp_path: Path, spoil: Callable[[Path], object], sentence: str) -> None:
    leaf = issue(tmp_path)
    certificate = opened(tmp_path)
    spoil(tmp_path)
    with pytest.raises(InputError, match=sentence) as caught:
        opened(tmp_path)
    assert "PRIVATE KEY" not in str(caught.value)

    certificate.renew()  # and while it runs, what was there stays
    assert presented(certificate) == der(leaf)
    assert str(caught.value) in (certificate.trouble() or "")

    again = issue(tmp_path)
    certificate.renew()
    assert certificate.trouble() is None
    assert presented(certificate) == der(again)


@pytest.mark.parametrize(
    ("left", "sentence"), [(14 * DAY + 1, None), (14 * DAY, "ends on 2026-12-24T12:00:00Z"), (0, "has ended on")]
)
def test_its_end_is_said_two_weeks_before(tmp_path: Path, left: float, sentence: str | None) -> None:
    issue(tmp_path)
    with capture_logs() as said:
        told = opened(tmp_path, ENDS.timestamp() - left).trouble()

    assert (told is None) == (sentence is None)
    assert (sentence or "") in (told or "")
    assert [entry["what"] for entry in said] == ([told] if told else [])


@pytest.mark.parametrize("year", [2027, 2049, 2050, 2199])
def test_the_end_is_read_as_a_library_reads_it(tmp_path: Path, year: int) -> None:
    """RFC 5280 writes years from 2050 on in another form."""
    leaf = issue(tmp_path, datetime(year, 3, 1, 2, 3, 4, tzinfo=UTC))
    read = x509.load_der_x509_certificate(der(leaf))

    assert _not_after(der(leaf)) == read.not_valid_after_utc.timestamp()


def test_one_file_for_both_its_key_first(tmp_path: Path) -> None:
    leaf = issue(tmp_path)
    both = (tmp_path / "key").read_bytes() + (tmp_path / "cert").read_bytes()
    for name in ("cert", "key"):
        (tmp_path / name).write_bytes(both)

    assert presented(opened(tmp_path)) == der(leaf)


@given(st.binary())
def test_what_is_no_certificate(data: bytes) -> None:
    with pytest.raises((ValueError, IndexError)):
        _not_after(data)


def test_a_certificate_that_is_cut_off(tmp_path: Path) -> None:
    whole = der(issue(tmp_path))
    for end in range(0, 120, 7):
        with pytest.raises((ValueError, IndexError)):
            _not_after(whole[:end])
