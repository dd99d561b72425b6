"""Reads Contracts Finder's own table of notices: CSV as downloaded, or its rows as JSON.

Only rows of pipelines and of early engagement are read, as OCDS releases of the planning stage.
Awards are better read as OCDS, where suppliers have addresses of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from matcher.core.errors import BadSource
from matcher.core.types import Tally
from matcher.sources.formats.json_values import Fields, ident, number
from matcher.sources.formats.layouts import layout
from matcher.sources.formats.tables import rows_of_others
from matcher.sources.formats.text_files import text_files

OTHER_ROW = "row of Contracts Finder's table that announces no contract (read awards as OCDS)"
PREFIX = "contracts-finder-table:"
"""The beginning of the ids of these notices, which the table calls by the buyer's reference."""
_NEEDED = frozenset({"Notice Identifier", "Notice Type", "Organisation Name", "Title"})
_PLANNED = {"pipeline": "pipeline", "preprocurement": "early engagement"}


def is_row(document: object) -> bool:
    """Whether a JSON document is a row of the table."""
    return isinstance(document, Mapping) and document.keys() >= _NEEDED


def is_table(path: Path) -> bool:
    """Whether a file is the table as CSV."""
    if path.suffix.lower() not in {".csv", ".zip", ".gz", ".txt", ".tsv"}:
        return False
    try:
        return all(set(layout(file).columns) >= _NEEDED for file in text_files([path]))
    except (BadSource, ValueError):
        return False


def rows(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """Each row of a CSV table with its position.

    Raises BadSource where the file cannot be read.
    """
    for file in text_files([path]):
        yield from rows_of_others(file, tally)


def release_of(row: Fields) -> dict[str, object] | None:
    """A row as an OCDS release; None where it announces no contract."""
    cells = {name: ident(value) for name, value in row.items()}
    kind = _PLANNED.get(cells.get("Notice Type", "").lower().replace(" ", "").replace("-", ""))
    if kind is None or cells.get("Status", "Open").lower() not in {"open", ""}:
        return None
    identifier = cells.get("Notice Identifier", "")
    buyer = cells.get("Organisation Name", "")
    return {
        "ocid": f"{PREFIX}{buyer}/{identifier}" if identifier else "",
        "date": cells.get("Published Date", ""),
        "tag": ["planning"],
        "buyer": {"name": buyer},
        "planning": {"documents": [{"noticeType": kind}]},
        "tender": {
            "status": "planned",
            "title": cells.get("Title", ""),
            "description": cells.get("Description", ""),
            "value": {"amount": _value(cells), "currency": "GBP"},
            "items": [
                {
                    "id": "1",
                    "additionalClassifications": _codes(cells.get("Cpv Codes", "").split()),
                    "deliveryAddresses": [
                        {
                            "postalCode": cells.get("Postcode", ""),
                            "region": cells.get("Region", ""),
                        }
                    ],
                }
            ],
            "contractPeriod": {
                "startDate": cells.get("Start Date", ""),
                "endDate": cells.get("End Date", ""),
            },
            # What the table calls closing date is, of a pipeline, the approach to the market.
            "communication": {"futureNoticeDate": cells.get("Closing Date", "")},
        },
    }


def _codes(codes: Sequence[str]) -> list[dict[str, str]]:
    return [{"scheme": "CPV", "id": code.partition("-")[0]} for code in codes]


def _value(cells: Mapping[str, str]) -> float | None:
    """The upper end of the range that a row gives."""
    given = [number(cells.get(name)) for name in ("Value Low", "Value High")]
    return max((value for value in given if value), default=None)
