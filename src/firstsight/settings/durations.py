"""Spans and times of day as settings write them: `90m`, `24h`, `7d`; `08:00`."""

import re
from typing import Any, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SPAN = re.compile(r"(\d{1,6}) ?([smhdw])", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)


class _Text(str):
    """A text that is checked when it is made; it stays as it was written, so that pages and errors show that."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        cls.check(text)
        return super().__new__(cls, text)

    @classmethod
    def check(cls, text: str) -> None:
        """Raise ValueError where the text is none of its kind."""
        raise NotImplementedError

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


class Duration(_Text):
    """A span of time: a whole number and one of s, m, h, d, w. The empty text is none: what it is for is off."""

    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> None:
        """Raise ValueError where the text is no span."""
        span = _SPAN.fullmatch(text)
        if text and (span is None or not int(span[1])):
            raise ValueError(f"is no span of time: {text!r}. Write a number and a unit, such as 90m, 24h or 7d")

    @property
    def seconds(self) -> float:
        """Its length; 0 where it is off."""
        span = _SPAN.fullmatch(self)
        return 0.0 if span is None else float(int(span[1]) * _UNITS[span[2]])


class TimeOfDay(_Text):
    """A time of day, `HH:MM` in UTC. The empty text is none: what it is for is off."""

    __slots__ = ()

    @classmethod
    def check(cls, text: str) -> None:
        """Raise ValueError where the text is no time of day."""
        if text and _TIME.fullmatch(text) is None:
            raise ValueError(f"is no time of day: {text!r}. Write hours and minutes in UTC, such as 08:00")

    @property
    def seconds(self) -> float | None:
        """Seconds since midnight UTC; None where it is off."""
        time = _TIME.fullmatch(self)
        return None if time is None else int(time[1]) * 3600.0 + int(time[2]) * 60.0
