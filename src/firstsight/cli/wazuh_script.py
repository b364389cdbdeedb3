"""`firstsight wazuh script`."""

from importlib import resources


def run() -> int:
    """Print the integration script."""
    print(resources.files("firstsight.wazuh").joinpath("custom-firstsight").read_text("utf-8"), end="")
    return 0
