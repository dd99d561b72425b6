"""Reads Ofsted's lists of children's homes, fostering and adoption agencies in England.

A row is one setting in one year.  The settings of one owner become one provider; of several years
only the newest counts.  Settings that a council runs itself are left out.  Most children's homes
have no name and no postcode in the list, so their owner and their council are all that is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import Grade, Kind, Provider, Source, Status, Tally
from matcher.sources.formats.days import day_in
from matcher.sources.formats.statuses import has_left_register
from matcher.sources.formats.tables import Row, columns_by_meaning, csv_rows, distinct, sites
from matcher.sources.formats.text_files import TextFile, text_files

NAME = "Ofsted"
_LICENCE = "OGL-UK-3.0"
_ALSO_CHARITIES = (Kind.UNKNOWN, Kind.COMPANY)
"""What the name of a charity may say of its legal form; a CIC is none."""
_COLUMNS = {
    "urn": ("urn",),
    "type": ("type", "provisiontype", "providertype"),
    "name": ("name", "settingname", "providername"),
    "owner": ("org", "organisationname", "organisationwhichownstheprovider", "owner"),
    "sector": ("sector",),
    "area": ("la", "localauthority"),
    "postcode": ("postcode",),
    "year": ("year",),
    "status": ("status", "registrationstatus"),
}
_ADVICE = "Give with --ofsted its list of children's social care providers as CSV"


def read(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Provider]]]:
    """One (tally, owners) for each list.  Raises BadSource where a file is another one."""
    for file in text_files(paths):
        tally = Tally(NAME)
        columns = columns_by_meaning(file, _COLUMNS, ("urn", "type", "area"), _ADVICE)
        yield tally, _owners(file, columns, tally)


def _owners(file: TextFile, columns: dict[str, str], tally: Tally) -> Iterator[Provider]:
    rows: list[tuple[str, Row]] = []
    for where, row in csv_rows(file, tally):
        rows.append((where, {meaning: row.get(name, "") for meaning, name in columns.items()}))
    newest = max((row.get("year", "") for _, row in rows), default="")
    owners: dict[str, list[Row]] = {}
    for where, row in rows:
        reason = _left_out(row, newest)
        if reason:
            tally.drop(reason, where)
        else:
            owners.setdefault(_owner(row).casefold(), []).append(row)
    day = day_in(newest) or day_in(file.name)
    for settings in owners.values():
        tally.kept += 1
        yield _provider(settings, Source(NAME, day, _LICENCE))


def _owner(row: Row) -> str:
    return row.get("owner", "") or row.get("name", "")


def _left_out(row: Row, newest: str) -> str:
    """Why a setting is left out; '' where it is not."""
    if row.get("year", "") != newest:
        return "of an earlier year"
    if "authority" in row.get("sector", "").lower():
        return "run by a council or health authority"
    if has_left_register(row.get("status", "")):
        return "no longer registered"
    return "" if _owner(row) else "no owner and no name"


def _provider(settings: Sequence[Row], source: Source) -> Provider:
    first = settings[0]
    voluntary = first.get("sector", "").lower() == "voluntary"
    kind = kind_of_name(_owner(first))
    return Provider(
        id=f"XX-OFSTED-{min(row['urn'] for row in settings)}",
        name=_owner(first),
        source=source,
        aliases=distinct(row.get("name", "") for row in settings) if len(settings) == 1 else (),
        kind=Kind.CHARITY if voluntary and kind in _ALSO_CHARITIES else kind,
        tags=distinct(row["type"] for row in settings),
        sites=sites((row.get("postcode", "") for row in settings), Grade.OPERATING_SITE),
        areas=distinct(row["area"] for row in settings),
        status=Status.ACTIVE,
    )
