"""Ids that come out the same when the same thing is decided again after a crash."""

from hashlib import blake2b


def stable_id(*parts: str) -> str:
    """Twenty hex digits of what makes a thing itself; the order of the parts counts."""
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
