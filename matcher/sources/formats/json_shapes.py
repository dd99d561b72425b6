"""Puts JSON into its usual shape, where a program wrote lists and rows in another one."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.sources.formats.quoted_json import held_in

_ROWS = ("data", "rows")
"""The fields of an object that has the cells of each row in a list, beside `columns`."""


def usual_shape(document: object) -> object:
    """A document with a list where it has one in another shape; others unchanged.

    Its parts may be texts of JSON.  PHP writes a list as an object, `{"0": …, "2": …}`; pandas and
    Datasette write a table by its columns.

    >>> usual_shape({"0": {"title": "Meals"}, "2": '{"title": "Minibus"}'})
    [{'title': 'Meals'}, {'title': 'Minibus'}]
    >>> usual_shape({"name": {"0": "Oak"}, "postcode": {"0": "WS1 1TP"}})
    [{'name': 'Oak', 'postcode': 'WS1 1TP'}]
    """
    if isinstance(document, list):
        return [held_in(part) for part in document]
    if not isinstance(document, dict):
        return document
    parts = {key: held_in(part) for key, part in document.items()}
    if is_numbered(parts):
        return list(parts.values())
    return _rows_of_cells(parts) or _rows_of_columns(parts) or parts


def is_numbered(fields: Mapping[str, object]) -> bool:
    """Whether the fields are objects under numbers, as a list of them is written in PHP.

    Some may be null.
    """
    given = [one for one in fields.values() if one is not None]
    is_objects = bool(given) and all(isinstance(one, dict) for one in given)
    return is_objects and all(map(str.isdecimal, fields))


def _rows_of_cells(fields: Mapping[str, object]) -> list[object]:
    """The rows of a table that has its columns in one list and its cells in others."""
    columns = fields.get("columns")
    rows = next((fields[key] for key in _ROWS if isinstance(fields.get(key), list)), None)
    if not isinstance(rows, list) or not isinstance(columns, list):
        return []
    is_table = all(isinstance(one, str) for one in columns)
    is_row = (isinstance(row, list) and len(row) == len(columns) for row in rows)
    if not (is_table and all(is_row)):
        return []
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _rows_of_columns(fields: Mapping[str, object]) -> list[object]:
    """The rows of a table that has the cells of each column under the numbers of the rows."""
    columns = [one for one in fields.values() if isinstance(one, dict) and one]
    if not columns or len(columns) < len(fields) or not all(map(str.isdecimal, columns[0])):
        return []
    is_cells = (not isinstance(cell, dict | list) for one in columns for cell in one.values())
    if any(one.keys() != columns[0].keys() for one in columns) or not all(is_cells):
        return []
    return [
        {name: one[number] for name, one in zip(fields, columns, strict=True)}
        for number in columns[0]
    ]
