"""JSON as it leaves the house: compact, UTF-8, and whole whatever a log brought along."""

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def json_text(document: dict[str, Any]) -> bytes:
    """A document as one compact line without newline. Half a surrogate pair, which is no UTF-8, becomes `?`."""
    try:
        return _encode(document)
    except UnicodeEncodeError:
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
