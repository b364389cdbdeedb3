"""Make the RDAP bootstrap that firstsight ships, from a copy of IANA's dns.json.

    python tools/make_bootstrap.py dns.json --source "IANA, …" --made 2026-11-24

The same input gives the same bytes. The bootstrap itself is a public fact (https://data.iana.org/rdap/dns.json).
"""

import argparse
import json
from pathlib import Path

from firstsight.lookups.bootstrap import Bootstrap

TARGET = Path(__file__).parents[1] / "src/firstsight/data/rdap_bootstrap.json"

IDENTITY_DIGITAL = "https://rdap.identitydigital.services/rdap/"

# Registries whose server works but is not in IANA's table: facts as the maintainers of RDAP clients keep them
# (whoisit's list of 2026-01-05, agreeing with IANA's own entries for the same operators).
UNLISTED = {
    **dict.fromkeys(["ac", "ag", "bz", "io", "lc", "me", "mn", "pr", "sc", "sh", "vc"], IDENTITY_DIGITAL),
    "bh": "https://rdap.centralnic.com/bh/",
    "ch": "https://rdap.nic.ch/",
    "co": "https://rdap.registry.co/co/",
    "de": "https://rdap.denic.de/",
    "gl": "https://rdap.centralnic.com/gl/",
    "li": "https://rdap.nic.li/",
    "my": "https://rdap.mynic.my/rdap/",
    "us": "https://rdap.nic.us/",
}


def snapshot(data: bytes, origin: str, *, source: str, made: str) -> str:
    """The shipped form of a bootstrap file: one suffix a line, sorted. IANA's own entries win over `UNLISTED`."""
    listed = Bootstrap.parse(data, origin)
    document = {
        "source": source,
        "publication": listed.dated or None,
        "made": made,
        "servers": {**UNLISTED, **listed.servers},
    }
    return json.dumps(document, indent=0, sort_keys=True, ensure_ascii=True) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="IANA's dns.json, or the bare array of its services")
    parser.add_argument("--source", required=True, help="where the copy came from, for people")
    parser.add_argument("--made", required=True, help="today's date, YYYY-MM-DD")
    parser.add_argument("--to", type=Path, default=TARGET)
    given = parser.parse_args()
    text = snapshot(given.file.read_bytes(), str(given.file), source=given.source, made=given.made)
    given.to.write_text(text, encoding="ascii")
    print(f"{given.to}: {len(json.loads(text)['servers'])} suffixes")


if __name__ == "__main__":
    main()
