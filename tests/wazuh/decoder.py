"""A datagram of analysisd's queue as rules see it: location, text, decoder and decoded fields (4.14.7)."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

STATIC = {
    "srcip", "dstip", "srcgeoip", "dstgeoip", "srcport", "dstport", "user", "srcuser", "dstuser", "url", "id", "data",
    "extra_data", "status", "protocol", "system_name", "action",
}  # fmt: skip
"""Names that are never dynamic fields at the top level."""

_LONGEST = 65_535
_LARGEST_INT = 2_147_483_647


@dataclass(frozen=True)
class Event:
    """`decoder` is empty where none took the text."""

    decoder: str
    location: str
    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""


def decode(datagram: bytes) -> Event:
    """A datagram of the queue as an event."""
    # What is longer is cut without a word, and then no JSON.
    queue, _, rest = datagram[:_LONGEST].decode("utf-8", "replace").partition(":")
    assert queue == "1"
    match = re.match(r"((?:\|.|[^|:])*):", rest, re.DOTALL)
    assert match, "no location"
    text = rest[match.end() :].removesuffix("\n").removesuffix("\0")
    where = re.sub(r"\|([|:])", r"\1", match[1])
    where = re.sub(r"^\[\d+\] ", "", where)
    try:
        fields = flattened(json.loads(text)) if re.match(r'\{\s*"', text) else None
    except ValueError:
        fields = None
    if fields is None:
        return Event("", where, text=text)
    return Event("json-msgraph" if '"integration":"ms-graph"' in text else "json", where, fields, text)


def flattened(value: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Decoded fields by dotted, lower-case name; a static one keeps its name here, and no rule can ask for it."""
    fields: dict[str, str] = {}
    for key, item in value.items():
        name = f"{prefix}{key}".lower()
        if isinstance(item, dict):
            fields |= flattened(item, f"{name}.")
        elif isinstance(item, list):
            fields[name] = json.dumps(item, ensure_ascii=False)  # with blanks, as cJSON prints it
        elif item is None or isinstance(item, bool):
            fields[name] = json.dumps(item)
        elif isinstance(item, float) or (isinstance(item, int) and abs(item) > _LARGEST_INT):
            fields[name] = f"{item:f}"
        elif item != "":
            fields[name] = str(item)
    return fields
