"""Times as they leave the house."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)
_USUAL = 2**32  # seconds, until 2106


@lru_cache(maxsize=4096)  # an alert names the same few seconds several times over
def _second(whole: int) -> str:
    return (_EPOCH + timedelta(seconds=whole)).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def rfc3339(seconds: float | None) -> str | None:
    """A time as RFC 3339 in UTC: `2026-11-24T04:30:00Z`, with three decimals only where there are milliseconds.

    Args:
        seconds: since the epoch; None stays None. What four-digit years can't say becomes the nearest time they can.
    """
    if seconds is None:
        return None
    if 0 <= seconds <= _USUAL and (whole := int(seconds)) == seconds:
        return _second(whole)
    # Whole milliseconds from here on: a float's own decimals would print 0.1 + 0.2 as .300000…
    milliseconds = min(max(round(seconds * 1000), _FIRST), _LAST)
    at = _EPOCH + timedelta(milliseconds=milliseconds)
    digits = "milliseconds" if milliseconds % 1000 else "seconds"
    return at.isoformat(timespec=digits).removesuffix("+00:00") + "Z"
