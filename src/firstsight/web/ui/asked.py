"""What stands in an address, read without complaint: a person may have cut it short."""

_MOST_DIGITS = 18  # of what always fits SQLite's integers


def whole_number(text: str | None) -> int | None:
    """A number from 0 on; None where it is none."""
    return int(text) if text and text.isdecimal() and len(text) <= _MOST_DIGITS else None
