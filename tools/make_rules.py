"""Makes the Wazuh rule file and its reference page out of the rule table; `--check` says whether they are stale."""

import argparse
import sys
from pathlib import Path

from firstsight.wazuh.reference import reference
from firstsight.wazuh.rules import FILE_NAME, render

CHECKOUT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the Wazuh rule file and its reference page.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where a file is stale")
    parser.add_argument("--into", type=Path, default=CHECKOUT, help="checkout to write into (default: this one)")
    arguments = parser.parse_args()

    made = {
        arguments.into / "src/firstsight/wazuh" / FILE_NAME: render(),
        arguments.into / "docs/wazuh-rules.md": reference(),
    }
    if arguments.check:
        stale = [path for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]
        for path in stale:
            print(f"{path} is stale: run tools/make_rules.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
