"""base64url without padding, as tokens and cookies hold it (RFC 7515 §2)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def encoded(data: bytes) -> str:
    """Bytes as text."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """Text as bytes. It may be one of several texts for them: the last character has bits to spare.

    Raises:
        ValueError: no bytes have a text of this length, or it is not ASCII.
    """
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
