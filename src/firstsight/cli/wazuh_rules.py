"""`firstsight wazuh rules`."""

from pathlib import Path

from firstsight.settings import load
from firstsight.wazuh.rules import render


def run(base: int | None, config: Path | None) -> int:
    """Print the rules.

    Args:
        base: first id of the block; None = that of the settings.
        config: the settings file; read only where `base` is None.

    Raises:
        FirstsightError: the settings can't be used.
    """
    print(render(load(config).wazuh.rule_base if base is None else base), end="")
    return 0
