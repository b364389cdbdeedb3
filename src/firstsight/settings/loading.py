"""Settings from a TOML file and the environment; the environment wins."""

import os
import tomllib
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pydantic_settings
from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from firstsight.core.errors import SettingsError
from firstsight.settings.explain import PREFIX, Places, is_section, sentences
from firstsight.settings.model import Settings

_NOT_SETTINGS = frozenset({"FIRSTSIGHT_CORPUS", "FIRSTSIGHT_REQUIRE_ALL", "FIRSTSIGHT_CONFIG"})  # tests and the CLI
_USUAL = {"proxy": "HTTPS_PROXY", "no_proxy": "NO_PROXY"}


def load(path: Path | None) -> Settings:
    """Read the settings from a TOML file (or none) and the environment.

    Raises:
        SettingsError: the file can't be read, is no TOML, or holds a key or value that can't be used: all of them
            are named, with their lines or variables.
    """
    text, file = _read(path)
    faults = list(_unknown_variables())
    try:
        settings = _loaded(file)
    except ValidationError as error:
        faults += sentences(error, Places(path, text, os.environ))
    except pydantic_settings.SettingsError as error:
        faults.append(
            f"The environment holds a value that is no JSON ({error}). Lists and tables are written as JSON there, "
            f"""such as {PREFIX}NAMES__INTERNAL='["corp.example"]'."""
        )
    if faults:
        raise SettingsError("\n".join(faults))
    return settings


def _loaded(file: dict[str, Any]) -> Settings:
    class Loaded(Settings, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # pydantic's signature
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            usual = InitSettingsSource(settings_cls, {"http": _usual_proxy()})
            return env_settings, InitSettingsSource(settings_cls, file), usual

    return Loaded()


def _usual_proxy() -> dict[str, str]:
    """The way out as other programs take it from the environment; ours go first."""
    found = {key: os.environ.get(name) or os.environ.get(name.lower()) for key, name in _USUAL.items()}
    return {key: text for key, text in found.items() if text}


def _unknown_variables() -> Iterator[str]:
    """Sentences on FIRSTSIGHT_… that pydantic would pass over: a misspelt one would do nothing, in silence."""
    for variable in sorted(os.environ):
        if not variable.startswith(PREFIX) or variable in _NOT_SETTINGS:
            continue
        key, *below = variable.removeprefix(PREFIX).lower().split("__")
        if key not in Settings.model_fields:
            near = get_close_matches(key, list(Settings.model_fields), 1)
            hint = f" Did you mean {PREFIX}{'__'.join([*near, *below]).upper()}?" if near else ""
            yield f"The environment variable {variable} names no setting.{hint}"
        elif below and not is_section(key):
            yield f"The environment variable {variable} names no setting: {PREFIX}{key.upper()} has nothing below it."


def _read(path: Path | None) -> tuple[str, dict[str, Any]]:
    if path is None:
        return "", {}
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise SettingsError(
            f"The settings file {path} can't be read: {error.strerror}. Name one that can with --config."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} is no valid TOML: {error}. Correct it there.") from error
