"""Scripts that the product ships to other machines, taken in as modules, so that their parts can be called."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any


def module_of(script: Path) -> Any:
    """The script, which has no ending, as a new module."""
    loader = SourceFileLoader(script.name.replace("-", "_"), str(script))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
