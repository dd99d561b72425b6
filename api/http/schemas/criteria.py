"""What comes over the wire for any planned lot: the lot, who is local, and on what terms."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from api.http.schemas.shortlists import LOT
from matcher.market.criteria import LEAST_FLOOR

Given = Annotated[Any, WithJsonSchema(LOT)]
Floor = Annotated[
    float,
    Field(
        ge=LEAST_FLOOR,
        lt=1,
        description="The probability from which a provider counts as credible.",
    ),
]
ValueToIncome = Annotated[
    float,
    Field(
        gt=0,
        le=10,
        description="A lot fits whose yearly income it is at most this share of, by the year.",
    ),
]
Fewest = Annotated[
    int, Field(ge=1, le=1000, description="A lot with fewer credible providers is thin.")
]
Neighbours = Annotated[bool, Field(description="And in what borders the area.")]
Within = Annotated[str | None, Field(description="Who is local: within '30km' or '20 miles'.")]
Before = Annotated[date | None, Field(description="Know only awards before this day.")]
Seed = Annotated[int, Field(ge=0, lt=2**53, description="Decides between equals, and is recorded.")]
