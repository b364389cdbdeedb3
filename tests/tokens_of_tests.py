"""Token files for tests."""

import hashlib
from pathlib import Path


def line(secret: str, scopes: str, expiry: str = "-", name: str = "") -> str:
    """A token's line, as the documented command makes it."""
    return f"{name or secret[:20]} {scopes} sha256:{hashlib.sha256(secret.encode()).hexdigest()} {expiry}\n"


def token_file(folder: Path, *lines: str) -> Path:
    """A token file that is this user's alone."""
    path = folder / "tokens"
    path.touch(0o600)
    path.write_text("".join(lines))
    return path


def bearer(secret: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {secret}"}
