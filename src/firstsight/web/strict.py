"""What bodies have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError


class Strict(BaseModel):
    """A body, or an object in one: no other keys, and its faults are few whatever is sent.

    pydantic lists each key that is too many, and each item of a list that is wrong; of a large body that is hundreds
    of thousands, made while everybody else waits. Lists in bodies therefore also carry `FailFast`.
    """

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_keys(cls, given: Any) -> Any:
        if isinstance(given, dict) and len(given) > len(cls.model_fields):
            foreign = [key for key in given if key not in cls.model_fields]
            raise PydanticCustomError(
                "foreign_keys",
                "{count} keys do not belong here, such as {key}",
                {"count": len(foreign), "key": repr(foreign[0])[:80]},
            )
        return given
