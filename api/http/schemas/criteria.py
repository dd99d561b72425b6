"""Fields of requests about planned lots: the lot, who is local, and the criteria."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StrictBool, WithJsonSchema

from api.http.schemas.shortlists import LOT
from matcher.market.criteria import LEAST_FLOOR

SentLot = Annotated[Any, WithJsonSchema(LOT)]
Floor = Annotated[
    float,
    Field(
        ge=LEAST_FLOOR,
        lt=1,
        description="The lowest probability at which a provider counts as credible.",
    ),
]
ValueToIncome = Annotated[
    float,
    Field(
        gt=0,
        le=10,
        description="A lot fits a provider if its yearly value is at most this share of the "
        "provider's yearly income.",
    ),
]
Fewest = Annotated[
    int, Field(ge=1, le=1000, description="A lot with fewer credible providers is thin.")
]
Neighbours = Annotated[StrictBool, Field(description="Include the councils that border the area.")]
Within = Annotated[
    str | None, Field(description="A provider is local within this distance: '30km' or '20 miles'.")
]
Before = Annotated[date | None, Field(description="Use only awards from before this day.")]
Seed = Annotated[
    int,
    Field(
        ge=0, lt=2**53, description="Breaks ties between equal providers; recorded with the answer."
    ),
]
