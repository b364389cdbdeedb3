"""Ids that come out the same when the same thing is decided again after a crash."""

from hashlib import blake2b


def stable_id(*parts: str, at: float = 0.0) -> str:
    """Twenty hex digits of what makes a thing itself; the order of the parts counts.

    Args:
        parts: what makes it itself.
        at: when it happened, seconds since the epoch, where there are many of the kind: the first eight digits are
            its second, so that an index of ids grows at its end and not everywhere. 0: all digits are a digest.
    """
    digest = blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()
    return f"{int(at) & 0xFFFFFFFF:08x}{digest[:12]}" if at else digest
