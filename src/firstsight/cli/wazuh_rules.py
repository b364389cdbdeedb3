"""`firstsight wazuh rules`."""

from firstsight.wazuh.rules import render


def run(base: int) -> int:
    """Print the rules."""
    print(render(base), end="")
    return 0
