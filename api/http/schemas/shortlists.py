"""What comes over the wire: the API's requests, as callers write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from datetime import date
from typing import Annotated, Any, Literal, Self

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator

from api.http.examples import ASK, DECIDE
from api.service.results import Choice, Decision, DecisionOutcome
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import MOST
from matcher.ranking.request import Request as Asked

LOT = {
    "description": "A lot: its fields, an OCDS tender or release with its lots, or plain text.",
    "anyOf": [
        {
            "type": "object",
            "title": "Lot",
            "description": "Only a title or a description is needed.",
            "properties": {
                "id": {"type": "string"},
                "title": {"type": "string"},
                "description": {"type": "string"},
                "cpv": {"type": "array", "items": {"type": "string", "pattern": "^[0-9]{8}$"}},
                "value": {"type": "number", "minimum": 0, "description": "Pounds."},
                "value_is_gross": {"type": "boolean", "description": "VAT is included."},
                "postcode": {"type": "string"},
                "area": {"type": "string", "description": "A council or county, code or name."},
                "buyer": {"type": "string"},
                "buyer_id": {"type": "string"},
                "buyer_kind": {"type": "string"},
                "buyer_postcode": {"type": "string"},
                "category": {"type": "string"},
                "day": {"type": "string", "format": "date"},
                "years": {"type": "number", "minimum": 0},
            },
        },
        {
            "type": "object",
            "title": "OCDS",
            "description": "A release, a package, or a plain notice with lots of its own.",
        },
        {"type": "string", "title": "Text", "minLength": 1},
    ],
}


class StrictRequest(Request):
    """A request whose JSON is read strictly: NaN or half a surrogate is refused."""

    async def json(self) -> Any:  # noqa: ANN401 - it is any JSON
        """The body, parsed once."""
        if not hasattr(self, "_json"):
            try:
                self._json = msgspec.json.decode(await self.body())
            except (msgspec.DecodeError, RecursionError, ValueError) as wrong:
                raise json.JSONDecodeError(str(wrong), "", 0) from wrong
        return self._json


class StrictRoute(APIRoute):
    """A route that reads JSON strictly."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, given a strict request."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strict


class Ask(BaseModel):
    """Lots, each under a key of the caller's, and what is asked for each of them."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [ASK]})

    lots: dict[str, Annotated[Any, WithJsonSchema(LOT)]] = Field(min_length=1)
    purpose: Purpose = Purpose.ENGAGEMENT
    limit: int = Field(10, ge=1, le=MOST, description="How many providers to list for a lot.")
    seed: int = Field(0, ge=0, lt=2**53, description="Decides between equals, and is recorded.")
    within: str | None = Field(None, description="A radius such as '30km' or '20 miles'.")
    area: str | None = Field(None, description="A council or county, by code or name; or 'uk'.")
    with_neighbours: bool = Field(False, description="And what borders the area.")
    size: Literal["small", "any"] | None = None
    kind: Literal["vcse", "any"] | None = None
    everyone: bool = Field(False, description="Lift the usual limits of place and size.")
    before: date | None = Field(None, description="Know only awards before this day.")
    whole_value: float | None = Field(
        None,
        ge=0,
        lt=1e15,
        description="Pounds, VAT included, of all lots of the procurement together.",
    )
    contract: Contract | None = None
    fair: bool = Field(False, description="Give providers without a record their share of places.")
    procedure: str = Field("", description="The contract procedure rules to check lists against.")
    as_one: bool | None = Field(
        None, description="Whether all lots are of one procurement, and so valued together."
    )

    @model_validator(mode="after")
    def _fair_is_for_engagement(self) -> Self:
        if self.fair and self.purpose is not Purpose.ENGAGEMENT:
            raise ValueError(
                "fair: goes by who has a record of contracts, which may not count for purpose "
                f"{self.purpose.value}; leave it out, or ask for purpose engagement"
            )
        return self

    def request(self) -> Asked:
        """The same in the matcher's words."""
        wish = Filters(
            self.within, self.area, self.with_neighbours, self.size, self.kind, self.everyone
        )
        return Asked(
            purpose=self.purpose,
            wish=wish,
            limit=self.limit,
            seed=self.seed,
            before=self.before,
            whole_value=self.whole_value,
            contract=self.contract,
            fair=self.fair,
        )


class ProviderDecision(BaseModel):
    """What was decided on one provider; who is left out or added is so for a reason."""

    model_config = ConfigDict(extra="forbid")

    provider: str = Field(min_length=1, max_length=255)
    outcome: DecisionOutcome
    reason: str = ""


class Decide(BaseModel):
    """What a named person decided, why, and which conflicts of interest were declared."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [DECIDE]})

    by: str = Field(description="Who decides, by name.")
    role: str = ""
    reason: str
    conflicts: str = Field(description="Which conflicts of interest were declared, or 'none'.")
    choices: list[ProviderDecision] = Field(max_length=MOST)

    def decision(self) -> Decision:
        """The decision as the service takes it."""
        choices = tuple(Choice(c.provider, c.outcome, c.reason) for c in self.choices)
        return Decision(self.by, self.role, self.reason, self.conflicts, choices)
