"""The JSON bodies of requests of the draft 1.0 of the Reconciliation API.

They are described here and read leniently: a query that cannot be read has no candidates.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema

_TEXT = {"type": "string"}
_CONDITION = {
    "type": "object",
    "title": "MatchCondition",
    "description": "What a candidate is compared with: a name, an id, or a property.",
    "properties": {
        "matchType": {"type": "string", "enum": ["name", "property", "id"]},
        "pid": {"type": "string", "description": "The id of the property."},
        "v": {"description": "The value, or a list of values."},
        "required": {"type": "boolean", "description": "Whether a candidate must meet it."},
        "matchQuantifier": {"type": "string", "enum": ["any", "all", "none"]},
    },
    "required": ["matchType", "v"],
}
_QUERY = {
    "type": "object",
    "title": "MatchQuery",
    "description": "One organisation to find.",
    "properties": {
        "conditions": {"type": "array", "items": _CONDITION},
        "type": {"type": "string", "description": "The kind of organisation."},
        "limit": {"type": "integer", "description": "How many candidates, 1 to 50."},
    },
}
_SETTINGS = {
    "type": "object",
    "title": "ColumnSettings",
    "properties": {"limit": {"type": "integer", "description": "Most values; 0 for all."}},
}
_PROPERTY = {
    "type": "object",
    "title": "ColumnProperty",
    "description": "A column to fill; `GET /reconcile/1.0/extend/propose` lists the properties.",
    "properties": {"id": _TEXT, "settings": _SETTINGS},
    "required": ["id"],
}


def _body(**lists: dict[str, Any]) -> WithJsonSchema:
    fields = {name: {"type": "array", "items": item} for name, item in lists.items()}
    schema = {"type": "object", "properties": fields, "required": list(fields)}
    return WithJsonSchema(schema)


Queries = Annotated[dict[str, Any], _body(queries=_QUERY)]
Columns = Annotated[dict[str, Any], _body(ids=_TEXT, properties=_PROPERTY)]
