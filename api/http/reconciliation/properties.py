"""The types and properties of organisations, as clients of the Reconciliation API know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from matcher.core import org_ids
from matcher.core.types import Json, Kind, Provider
from matcher.sources.providers.column_meanings import column_meanings

Cell: TypeAlias = "dict[str, Json]"
ANY_TYPE = "organisation"

NUMBERS: Mapping[str, Callable[[str], tuple[str, ...]]] = {
    "id": lambda value: (value, *org_ids.forms(org_ids.in_address(value))),
    "ids": lambda value: (value, *org_ids.forms(org_ids.in_address(value))),
    "charity_number": lambda value: org_ids.several(org_ids.charity, value),
    "company_number": lambda value: org_ids.several(org_ids.company, value),
}
"""The properties that are numbers of an organisation, and the org-ids that a value stands for."""


@dataclass(frozen=True, slots=True)
class Property:
    """A fact that a column can be filled with."""

    name: str
    cells: Callable[[Provider], Iterable[Cell]]


def _text(*values: str) -> list[Cell]:
    return [{"str": value} for value in values if value]


def _numbers(provider: Provider, *registers: str) -> list[Cell]:
    """The numbers that a provider has in these registers, without the register's code."""
    ids = (provider.id, *provider.ids)
    own = (id_.removeprefix(code) for id_ in ids for code in registers if id_.startswith(code))
    return _text(*dict.fromkeys(own))


PROPERTIES = {
    "id": Property("Org-id", lambda p: _text(p.id)),
    "ids": Property("Further numbers", lambda p: _text(*p.ids)),
    "charity_number": Property(
        "Charity number", lambda p: _numbers(p, "GB-CHC-", "GB-SC-", "GB-NIC-")
    ),
    "company_number": Property("Company number", lambda p: _numbers(p, "GB-COH-")),
    "name": Property("Name", lambda p: _text(p.name)),
    "other_names": Property("Other names", lambda p: _text(*p.aliases)),
    "kind": Property("Kind", lambda p: _text(p.kind.value)),
    "status": Property("Status", lambda p: _text(p.status.value)),
    "postcode": Property("Postcodes", lambda p: _text(*(s.postcode for s in p.sites))),
    "size": Property("Size", lambda p: _text(p.size.value)),
    "income": Property(
        "Income, pounds a year", lambda p: [] if p.income is None else [{"float": p.income}]
    ),
    "profile": Property("What it says it does", lambda p: _text(p.profile)),
    "tags": Property("Labels", lambda p: _text(*p.tags)),
    "website": Property("Website", lambda p: _text(p.website)),
}


def default_types() -> list[dict[str, Json]]:
    """The types that a client offers."""
    return [type_of(ANY_TYPE), *(type_of(kind.value) for kind in Kind)]


def named_property(name: str) -> str:
    """The id of the property with that id or name, or that it is the header of; others unchanged.

    Where a person types the name of a property, or takes that of a column, clients send it as its
    id.

    >>> named_property("Charity number"), named_property("companyNumber"), named_property("colour")
    ('charity_number', 'company_number', 'colour')
    >>> named_property("Registered charity no."), named_property("Post Code")
    ('charity_number', 'postcode')
    """
    typed = _letters(name)
    named = (id_ for id_, one in PROPERTIES.items() if typed in map(_letters, (id_, one.name)))
    meant = column_meanings((name,))[0].get(name, "")
    return next(named, meant if meant in PROPERTIES else name)


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def named_types(asked: Iterable[str]) -> list[str]:
    """The ids of the types asked for, which may be addresses or spelt in American English.

    >>> named_types(["http://schema.org/Organization", "Charity", ""])
    ['organisation', 'charity']
    """
    names = (org_ids.in_address(one).strip().lower() for one in asked)
    return [name.replace("organization", ANY_TYPE) for name in names if name]


def ids_in(pid: str, value: str) -> tuple[str, ...]:
    """The org-ids that a value of a property stands for; none where it is not a number."""
    return tuple(filter(None, NUMBERS[pid](value))) if pid in NUMBERS else ()


def has_type(provider: Provider, types: Iterable[str]) -> bool:
    """Whether a provider is of one of these types; a provider of unknown kind has them all."""
    allowed = set(types)
    return (
        not allowed
        or bool(allowed & {ANY_TYPE, provider.kind.value})
        or provider.kind is Kind.UNKNOWN
    )


def type_of(name: str) -> dict[str, Json]:
    """A type as the API writes it."""
    return {"id": name, "name": name.capitalize()}


def property_of(name: str) -> dict[str, Json]:
    """A property as the API writes it."""
    return {"id": name, "name": PROPERTIES[name].name}
