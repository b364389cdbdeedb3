"""What all sections of the settings have in common."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from firstsight.settings.checks import age


class Section(BaseModel):
    """A section: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Age = Annotated[str, AfterValidator(age)]
"""Days, or empty: for ever."""
