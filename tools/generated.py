"""What every tool does that makes files of this checkout: write them, or say which are stale."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


def run(what: str, made: Mapping[str, str]) -> int:
    """Write the files that differ, or with `--check` only name them; the exit status.

    Args:
        what: what is made, for `--help`.
        made: path within the checkout → the file's text.
    """
    parser = argparse.ArgumentParser(description=f"Make {what}.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is stale")
    parser.add_argument("--into", type=Path, default=CHECKOUT, help="checkout to write into (default: this one)")
    arguments = parser.parse_args()

    wanted = {arguments.into / path: text for path, text in made.items()}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        if arguments.check:
            print(f"{path} is stale: run `make docs`", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
            print(f"wrote {path}")
    return 1 if arguments.check and stale else 0
