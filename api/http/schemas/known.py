"""The answers of health checks, and what the reconciliation service answers and is sent.

The Reconciliation API fixes the names in its answers; https://reconciliation-api.github.io/specs/
describes them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

Version = Annotated[str, Meta(examples=["5c7c02a57df0cf3d"])]
OrgId = Annotated[str, Meta(examples=["GB-CHC-1150079"])]


class Health(Struct, frozen=True):
    """The process answers."""

    alive: bool


class Readiness(Struct, frozen=True):
    """The register can be read and the records can be written."""

    ready: bool
    entries: int
    """entries in the records"""
    register: Version
    """the version of the register in force"""
    bundle: Version
    """the version of the bundle that ranks"""


class Named(Struct, frozen=True):
    """A type or a property of organisations."""

    id: Annotated[str, Meta(examples=["charity_number"])]
    name: Annotated[str, Meta(examples=["Charity number"])]


class ServicePath(Struct, frozen=True):
    """Where a service is: its address, and the path after it."""

    service_url: str
    service_path: str


class EntityPath(ServicePath, frozen=True):
    """Where organisations are suggested, and what a flyout of one shows."""

    flyout_service_url: str
    flyout_service_path: str


class Suggesting(Struct, frozen=True):
    """Where organisations, properties and types are suggested."""

    entity: EntityPath
    property: ServicePath
    type: ServicePath


class Setting(Struct, frozen=True):
    """A setting of a property that a column is filled with."""

    name: str
    label: str
    type: str
    default: int
    help_text: str


class Extending(Struct, frozen=True):
    """How columns can be filled."""

    propose_properties: ServicePath
    property_settings: list[Setting]


class View(Struct, frozen=True):
    """The page of an organisation; `id` in braces stands for its id."""

    url: str


class Frame(Struct, frozen=True):
    """A frame that shows an organisation, in pixels."""

    width: int
    height: int


class Preview(Frame, frozen=True):
    """What the frame loads; `id` in braces stands for the id of an organisation."""

    url: str


class Manifest(Struct, frozen=True, rename="camel"):
    """The service, as version 0.2 describes it."""

    versions: list[str]
    name: str
    identifier_space: str
    schema_space: str
    default_types: list[Named]
    view: View
    preview: Preview
    batch_size: int
    """queries that are best sent at once"""
    suggest: Suggesting
    extend: Extending


class DraftSuggesting(Struct, frozen=True):
    """Which things are suggested."""

    entity: bool
    property: bool
    type: bool


class DraftSetting(Struct, frozen=True, rename="camel"):
    """A setting of a property that a column is filled with."""

    id: str
    name: str
    type: str
    default: int
    help_text: str


class DraftExtending(Struct, frozen=True, rename="camel"):
    """How columns can be filled."""

    propose_properties: bool
    property_settings: list[DraftSetting]


class DraftManifest(Struct, frozen=True, rename="camel"):
    """The service, as the draft of version 1.0 describes it."""

    versions: list[str]
    name: str
    documentation: str
    default_types: list[Named]
    view: View
    preview: Frame
    suggest: DraftSuggesting
    extend: DraftExtending
    standardized_score: bool
    """whether scores are from 0 to 100"""


class CandidateFeature(Struct, frozen=True):
    """What makes a score: how alike the names are, 0 to 100; whether a number or the place is."""

    id: Literal["name_similarity", "same_number", "same_place"]
    name: str
    value: float | bool


class Candidate(Struct, frozen=True):
    """A provider that may be the one asked for."""

    id: OrgId
    name: str
    description: str
    """its kind, its postcode, and whether it is gone"""
    type: list[Named]
    score: Annotated[float, Meta(ge=0, le=100)]
    """0 to 100"""
    match: bool
    """whether it is sure to be the one"""
    features: list[CandidateFeature]


class CandidateResult(Struct, frozen=True):
    """The candidates for one query, best first."""

    result: list[Candidate]


class DraftResult(Struct, frozen=True):
    """The candidates for one query, best first."""

    candidates: list[Candidate]


class DraftResults(Struct, frozen=True):
    """The candidates for each query, in the order of the queries."""

    results: list[DraftResult]


Cell = Annotated[
    dict[str, str | float],
    Meta(description="A value: `str` → text, or `float` → a number.", examples=[{"str": "cic"}]),
]


class Extension(Struct, frozen=True):
    """The facts of organisations: id → property → values."""

    meta: list[Named]
    rows: dict[str, dict[str, list[Cell]]]


class DraftFact(Struct, frozen=True):
    """The values of one property."""

    id: str
    values: list[Cell]


class DraftRow(Struct, frozen=True):
    """The facts of one organisation."""

    id: OrgId
    properties: list[DraftFact]


class DraftExtension(Struct, frozen=True):
    """The facts of organisations, in the order asked for."""

    meta: list[Named]
    rows: list[DraftRow]


class SuggestedEntity(Struct, frozen=True):
    """A provider whose name begins as typed."""

    id: OrgId
    name: str
    description: str
    """its kind, its postcode, and whether it is gone"""
    notable: list[Named]


class SuggestedEntities(Struct, frozen=True):
    """Providers whose names begin as typed, in the order of their names; then similar ones."""

    result: list[SuggestedEntity]


class SuggestedNames(Struct, frozen=True):
    """Types or properties, in the order of their names."""

    result: list[Named]


class Properties(Struct, frozen=True):
    """The properties that can fill a column."""

    type: str
    limit: int
    properties: list[Named]


ANSWERS: tuple[Any, ...] = (
    Health,
    Readiness,
    Manifest,
    dict[str, CandidateResult],
    Extension,
    SuggestedEntities,
    SuggestedNames,
    Properties,
    DraftManifest,
    DraftResults,
    DraftExtension,
)
