"""What is sent counts as it is written: true is no number, and a number is no day.

The validator would take true for 1, and 0 for the first of January 1970.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

_WRITTEN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _written_day(value: object) -> object:
    if not isinstance(value, str) or not _WRITTEN_DAY.match(value.strip()):
        raise PydanticKnownError("date_type")
    return value


Day = Annotated[date, BeforeValidator(_written_day)]
"""A day, which is written as 2026-04-01."""


def _no_flag(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("float_type")
    return value


Number = Annotated[float, BeforeValidator(_no_flag)]
"""A number in a list; for the fields of a body, `SentBody` looks."""


class SentBody(BaseModel, extra="forbid"):
    """The body of a request, or a part of one."""

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: object, field: ValidationInfo) -> object:
        annotation: Any = cls.model_fields[str(field.field_name)].annotation
        kinds = get_args(annotation) or (annotation,)
        if isinstance(value, bool) and int in kinds:
            raise PydanticKnownError("int_type")
        return _no_flag(value) if float in kinds else value
