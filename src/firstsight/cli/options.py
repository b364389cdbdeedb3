"""Options that verbs share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="FIRSTSIGHT_CONFIG", help="Settings file (TOML).", show_default=False),
]
