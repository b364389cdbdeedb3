"""What it takes to be another machine in a test: an address that is not loopback, and a certificate for it."""

import re
from pathlib import Path

import trustme

CA = trustme.CA()
LOOPBACK = "127.0.0.1"


def _own_address() -> str:
    local = re.findall(r"\|-- (\S+)\n\s+/32 host LOCAL", Path("/proc/net/fib_trie").read_text())
    return next((address for address in local if not address.startswith("127.")), LOOPBACK)


OWN = _own_address()
"""An address of this machine that others could reach, or loopback where there is none."""


def issue(folder: Path, ca: trustme.CA = CA) -> None:
    """A certificate for our address in the folder's `cert`, and its `key`."""
    leaf = ca.issue_cert(OWN, "firstsight.example")
    (folder / "cert").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    (folder / "key").write_bytes(leaf.private_key_pem.bytes())
