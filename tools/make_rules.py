"""Makes the Wazuh rule file and its reference page out of the rule table; `--check` says whether they are stale."""

import sys

from firstsight.wazuh.reference import reference
from firstsight.wazuh.rules import FILE_NAME, render
from generated import run

if __name__ == "__main__":
    made = {f"src/firstsight/wazuh/{FILE_NAME}": render(), "docs/wazuh-rules.md": reference()}
    sys.exit(run("the Wazuh rule file and its reference page", made))
