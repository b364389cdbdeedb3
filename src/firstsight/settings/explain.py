"""What is wrong with settings, as sentences that say where it stands and what would do."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ValidationError

from firstsight.settings.model import Settings, SourceSettings

PREFIX = "FIRSTSIGHT_"
"""What every environment variable that is a setting begins with."""

Where = tuple[int | str, ...]
"""A key's place, such as `("sources", 1, "path")`."""

_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*([\w\"'.-]+)\s*=")


def sentences(error: ValidationError, places: "Places") -> Iterator[str]:
    """One sentence a fault.

    Args:
        error: what pydantic found.
        places: where keys stand.
    """
    for fault in error.errors():
        where = tuple(fault["loc"])
        if fault["type"] == "together":  # of several keys: pydantic says of none where it is
            where = tuple(fault["ctx"]["key"].split("."))
        dotted = ".".join(map(str, where))
        key = f"{places.of(where)}: `{dotted if dotted.isprintable() else ascii(dotted)[1:-1]}`"
        if fault["type"] == "extra_forbidden":
            near = get_close_matches(str(where[-1]), _keys(where[:-1]), 1)
            yield f"{key} is no setting." + (f" Did you mean `{near[0]}`?" if near else "")
        elif fault["type"] == "missing":
            yield f"{key} is needed and is not there."
        elif fault["type"] == "model_type":
            yield f"{key} is a table, not a value: write `[{where[-1]}]`, and its keys below."
        elif fault["type"] in {"value_error", "together"}:  # of our own: it goes on after the key
            yield f"{key} {fault['msg'].removeprefix('Value error, ')}."
        else:
            yield f"{key}: {fault['msg'][0].lower()}{fault['msg'][1:]}."


class Places:
    """Where keys stand.

    Args:
        path: the settings file, if there is one.
        text: what it holds.
        environment: the process's variables; they win over the file.
    """

    def __init__(self, path: Path | None, text: str, environment: Mapping[str, str]) -> None:
        self._path = path
        self._lines = _lines(text)
        self._variables = {variable.upper() for variable in environment if variable.upper().startswith(PREFIX)}

    def of(self, where: Where) -> str:
        """The variable or the line that holds a key, or else what is around it."""
        above = [where[:end] for end in range(len(where), 0, -1)]
        for key in above:
            variable = PREFIX + "__".join(map(str, key)).upper()
            if variable in self._variables:
                return variable
        for key in above:
            if key in self._lines:
                return f"{self._path}, line {self._lines[key]}"
        return "settings" if self._path is None else str(self._path)


def is_section(key: str) -> bool:
    """Whether a top-level key has keys of its own."""
    annotation = Settings.model_fields[key].annotation
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _keys(section: Where) -> list[str]:
    """The keys of a section."""
    model: type[BaseModel] = Settings
    if section:
        annotation = SourceSettings if section[0] == "sources" else Settings.model_fields[str(section[0])].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return [field.alias or name for name, field in model.model_fields.items()]


def _lines(text: str) -> dict[Where, int]:
    """The lines on which a TOML text's tables and keys stand. Inline tables count as one key."""
    lines: dict[Where, int] = {}
    section: Where = ()
    tables: Counter[Where] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            section = _parts(header[2])
            if header[1] == "[[":
                tables[section] += 1
                section = (*section, tables[section] - 1)
            lines.setdefault(section, number)
        elif key := _KEY.match(line):
            lines.setdefault((*section, *_parts(key[1])), number)
    return lines


def _parts(dotted: str) -> Where:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
