"""The JSON bodies of requests for shortlists and of decisions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    WithJsonSchema,
)

from api.http.examples import ASK, DECIDE, OUTCOME
from api.http.schemas.as_written import Day, SentBody
from api.http.schemas.sent_lots import LOT
from api.service.asking import MOST_IN_LINES
from api.service.results import (
    Choice,
    Decision,
    DecisionOutcome,
    ProviderOutcome,
    ProviderResult,
    RecordedOutcome,
)
from matcher.core.errors import BadInput
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.request import MOST
from matcher.ranking.request import Request as MatcherRequest


def _keyed(lots: object) -> object:
    """A list of lots as lots under their numbers, from '0'; anything else as it is."""
    if isinstance(lots, dict | list) and len(lots) > MOST_IN_LINES:
        raise ValueError(f"{len(lots):,} are more than {MOST_IN_LINES:,}; ask in several requests")
    if not isinstance(lots, list):
        return lots
    return {str(number): lot for number, lot in enumerate(lots)}


SentLots = Annotated[
    dict[str, Any],
    BeforeValidator(_keyed),
    Field(min_length=1),
    WithJsonSchema(
        {
            "description": "Lots under keys of your own, or a list; its keys are '0', '1', '2'…",
            "anyOf": [
                {"type": "object", "additionalProperties": LOT, "minProperties": 1},
                {"type": "array", "items": LOT, "minItems": 1},
            ],
        }
    ),
]


class Ask(SentBody, json_schema_extra={"examples": [ASK]}):
    """Lots under keys of your own, and what is asked for each lot."""

    lots: SentLots
    purpose: Purpose = Purpose.ENGAGEMENT
    limit: int = Field(10, ge=1, le=MOST, description="How many providers to list for each lot.")
    seed: int = Field(
        0,
        ge=0,
        lt=2**53,
        description="Breaks ties between equal providers; recorded with the answer.",
    )
    within: str | None = Field(None, description="A radius such as '30km' or '20 miles'.")
    area: str | None = Field(None, description="A council or county, by code or name; or 'uk'.")
    with_neighbours: StrictBool = Field(
        False, description="Include the councils that border the area."
    )
    size: Literal["small", "any"] | None = None
    kind: Literal["vcse", "any"] | None = None
    everyone: StrictBool = Field(False, description="Remove the default limits on place and size.")
    before: Day | None = Field(None, description="Use only awards from before this day.")
    whole_value: float | None = Field(
        None,
        ge=0,
        lt=1e15,
        description="The value of all lots of the procurement together, in pounds with VAT.",
    )
    contract: Contract | None = None
    fair: StrictBool = Field(
        False, description="Give providers without past contracts a fair share of the places."
    )
    weak: StrictBool = Field(
        False,
        description="List providers whose work hardly fits too, after the others, marked weak.",
    )
    procedure: str = Field("", description="Which contract procedure rules to check lists against.")
    as_one: StrictBool | None = Field(
        None,
        description="Whether all lots belong to one procurement; their values are then added up.",
    )
    max_lots_per_provider: int | None = Field(
        None,
        ge=1,
        le=MOST,
        description="List each provider for at most this many lots: for those where it ranks "
        "best, as far as every list is still filled. Default: what a notice says "
        "(`lotDetails.maximumLotsBidPerSupplier`), or no limit.",
    )

    def request(self) -> MatcherRequest:
        """The request as the matcher takes it.  Raises BadInput for a fair share without record."""
        if self.fair and self.purpose is not Purpose.ENGAGEMENT:
            raise BadInput(
                "fair: depends on past contracts, which may not count for purpose "
                f"{self.purpose.value}; leave it out, or use purpose engagement"
            )
        wish = Filters(
            self.within, self.area, self.with_neighbours, self.size, self.kind, self.everyone
        )
        return MatcherRequest(
            purpose=self.purpose,
            wish=wish,
            limit=self.limit,
            seed=self.seed,
            before=self.before,
            whole_value=self.whole_value,
            contract=self.contract,
            fair=self.fair,
            weak=self.weak,
        )


class ProviderDecision(SentBody):
    """What was decided on one provider; leaving one out or adding one needs a reason."""

    provider: str = Field(min_length=1, max_length=255)
    outcome: DecisionOutcome
    reason: str = ""


class ProviderCame(SentBody):
    """What became of one provider, and why."""

    provider: str = Field(min_length=1, max_length=255)
    result: ProviderResult
    reason: str = ""


class RecordOutcome(SentBody, json_schema_extra={"examples": [OUTCOME]}):
    """What became of the providers of a shortlist, as a named person records it."""

    by: str = Field(description="The name of the person who records the outcome.")
    role: str = ""
    results: list[ProviderCame] = Field(max_length=MOST)
    note: str = ""
    notice: str = Field("", description="The ocid of the award notice that names the winners.")

    def outcome(self) -> RecordedOutcome:
        """The outcome as the service takes it."""
        results = tuple(ProviderOutcome(r.provider, r.result, r.reason) for r in self.results)
        return RecordedOutcome(self.by, self.role, results, self.note, self.notice)


class Decide(SentBody, json_schema_extra={"examples": [DECIDE]}):
    """What a named person decided, why, and which conflicts of interest they declared."""

    by: str = Field(description="The name of the person who decides.")
    role: str = ""
    reason: str
    conflicts: str = Field(description="Which conflicts of interest were declared, or 'none'.")
    choices: list[ProviderDecision] = Field(max_length=MOST)

    def decision(self) -> Decision:
        """The decision as the service takes it."""
        choices = tuple(Choice(c.provider, c.outcome, c.reason) for c in self.choices)
        return Decision(self.by, self.role, self.reason, self.conflicts, choices)
