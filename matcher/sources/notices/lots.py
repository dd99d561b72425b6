"""Reads the lots of a query: OCDS notices, plain notices, single lots, tables or plain text.

A single lot is `{"title", "description", "cpv", "value", "postcode", "day", ...}`: the fields of
`Lot`, of which a title or a description is required.  A plain notice has a list `lots`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from matcher.core.errors import BadLot
from matcher.core.identifiers import fingerprint, id_in_notice
from matcher.core.parser_words import as_written
from matcher.core.types import FIELD_ONLY, Lot, Tally
from matcher.sources.formats.json_files import NOT_JSON, beginning, documents, documents_in
from matcher.sources.formats.json_values import Fields, mapping
from matcher.sources.formats.quoted_json import held_in, without_quotes
from matcher.sources.notices.lot_documents import (
    A_LOT,
    REPEATED,
    UNUSABLE,
    has_releases,
    is_notice,
    notices_of,
    placed_in,
    spooled,
    with_ocid,
)
from matcher.sources.notices.lot_table import is_table, table_lots
from matcher.sources.notices.lot_tally import LotTally
from matcher.sources.notices.lot_text import text_lots
from matcher.sources.notices.plain_notice import (
    is_plain_notice,
    no_lots,
    plain_notice,
    unknown_fields,
    unwrapped,
    values_left_out,
    wrong_values,
)
from matcher.sources.notices.procurements import PlacedRelease
from matcher.sources.notices.release_spool import ReleaseSpool, grouped
from matcher.sources.notices.single_lot import check_names, single_lot, stands_for_no_value
from matcher.sources.notices.tender import LONGEST_TEXT, Notice
from matcher.sources.notices.tender_value import whole_value_of
from matcher.sources.notices.whole_value import NoticeLots, WholeValue

LotCheck: TypeAlias = Callable[[Lot], None]
"""Raises BadLot for a lot that a person wrote and that names a place that does not exist."""
_ACCEPTED = (
    "lots as JSON or in a table (.csv, .xlsx), an OCDS notice, or a specification (.docx, .pdf, "
    ".txt)"
)
_LINE = re.compile(r" line (\d{1,12})(?=/|$)")
ID_TAKEN = "lot with the id of another lot"
NOT_READ = f"value of a lot that cannot be read {FIELD_ONLY}"
NOT_A_FIELD = "lot with a field that is not known (the rest is kept)"


def read_lots(
    source: str | Path,
    tally: LotTally | None = None,
    check: LotCheck | None = None,
    mend: Callable[[str, Fields], Fields] = lambda _, fields: fields,
) -> tuple[list[Lot], Tally]:
    """The lots of a file in JSON or JSON Lines, in a table, or in plain text (`.txt`).

    Lots that are set aside are counted in `tally`, or in a new one.  `check` is applied to single
    lots and plain notices, not to published notices.  `mend` is given the place and the fields of
    each row of a table, and gives the fields to read.  Raises BadSource where the
    file does not exist, BadLot where it has no usable lot.
    """
    path = Path(source)
    if path.suffix.lower() == ".txt" and not is_table(path):
        return text_lots(beginning(path, LONGEST_TEXT + 1), path.stem)
    tally = tally or LotTally(path.name)
    if is_table(path):
        rows = ((where, mend(where, fields)) for where, fields in table_lots(path, tally))
        return _all_lots(rows, tally, check=check), tally
    return _all_lots(documents(path, tally), tally, ReleaseSpool(), check=check), tally


def parse_lots(
    content: str, name: str, tally: LotTally | None = None, check: LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of a JSON or plain text, which error messages call `name`.

    Raises BadLot where it has no usable lot.
    """
    content = without_quotes(content.removeprefix("\ufeff"))
    if not re.match(r"\s*(?:\{|\[\s*[\[{])", content):
        return text_lots(content, name)
    tally = tally or LotTally(name)
    parsed = documents_in(io.StringIO(content), name, tally)
    return _all_lots(parsed, tally, check=check), tally


def lots_from_input(
    content: object, name: str, check: LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of plain text or of parsed JSON, which error messages call `name`.

    A text may also be that of a lot in JSON.  A lot or notice without an id gets one made from its
    content, so that `name` does not affect it.  Raises BadLot where there is no usable lot, with
    the field's name for a single lot.
    """
    content = held_in(content)
    made_id = content_id(content)
    if isinstance(content, str):
        lots, tally = text_lots(content, name)
        return [replace(lot, id=made_id) for lot in lots], tally
    if not isinstance(content, dict):
        raise BadLot(f"{name}: {as_written(content)} is not a lot; {A_LOT}")
    content = content if has_releases(content) else unwrapped(content)
    if not is_notice(content):
        check_names(content)
        lot = single_lot(content, made_id)
        if check is not None:
            check(lot)
        tally = Tally(name, read=1, kept=1)
        if reason := stands_for_no_value(content):
            tally.drop(reason, name)
        return [lot], tally
    if not has_releases(content):
        for fault in (*unknown_fields(content), *no_lots(content), *values_left_out(content)):
            raise BadLot(fault)
    tally = LotTally(name)
    notice = with_ocid(content, made_id)
    return _all_lots([(name, notice)], tally, check=check), tally


def notice_as_one_lot(content: object, name: str) -> Lot | None:
    """The whole tender of a notice as one lot, however many lots it has.

    None where `content` is not a notice, or is more than one.
    """
    if not isinstance(content, Mapping):
        return None
    content = content if has_releases(content) else unwrapped(content)
    if not is_notice(content):
        return None
    tally = Tally(name)
    given = with_ocid(content, name)
    if has_releases(given):
        groups = grouped(placed_in([(name, given)], tally))
        notices = [one for ocid, group in groups for one in notices_of(ocid, list(group), tally)]
    else:
        notices = [plain_notice(given, "_".join(name.split()))]
    if len(notices) != 1:
        return None
    return next(notices[0].lot("", tally), None)


def most_lots_of_one_supplier(content: object) -> int | None:
    """How many lots of a notice one supplier may bid for, where the notice says so.

    OCDS: `tender.lotDetails.maximumLotsBidPerSupplier`.  Of several releases, the smallest.
    """
    if not isinstance(content, Mapping) or not has_releases(content):
        return None
    placed = placed_in([("notice", content)], Tally("notice"))
    tenders = [mapping(one.fields.get("tender")) for one in placed]
    numbers = [mapping(t.get("lotDetails")).get("maximumLotsBidPerSupplier") for t in tenders]
    return min((n for n in numbers if isinstance(n, int) and n >= 1), default=None)


def content_id(content: object) -> str:
    """An id made from the content: equal content has an equal id."""
    serialised = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return f"lot-{fingerprint(serialised):016x}"


def iter_lots(
    path: Path, tally: Tally | None = None, check: LotCheck | None = None
) -> tuple[Tally, Iterator[Lot]]:
    """The tally and the lots of a file in JSON, JSON Lines or a table, streamed, with distinct ids.

    Invalid lots and lots with a repeated id are set aside.  Raises BadSource, on the first lot,
    where the file does not exist.
    """
    tally = tally or Tally(path.name)
    return tally, _lots(_documents(path, tally), tally, ReleaseSpool(), check=check)


def _documents(path: Path, tally: Tally) -> Iterator[tuple[str, object]]:
    """The JSON documents of a file; of a table, the fields of the lot in each row."""
    return table_lots(path, tally) if is_table(path) else documents(path, tally)


def _all_lots(
    parsed: Iterable[tuple[str, object]],
    tally: LotTally,
    spool: ReleaseSpool | None = None,
    *,
    check: LotCheck | None,
) -> NoticeLots:
    """All lots of documents, with what their notices say of the whole.  Raises BadLot for none."""
    wholes: dict[str, WholeValue] = {}
    lots = NoticeLots(_lots(parsed, tally, spool, wholes, check))
    lots.wholes |= wholes
    lots.left_out |= {
        one.where: f"{one.reason}: {one.fault}" if one.fault else one.reason
        for one in tally.unusable
    }
    if not lots:
        summary = tally.told()
        if NOT_JSON in tally.set_aside:
            summary += f"; give {_ACCEPTED}"
        raise BadLot(f"{tally.source}: has no usable lot: {summary}")
    return lots


def _lots(
    parsed: Iterable[tuple[str, object]],
    tally: Tally,
    spool: ReleaseSpool | None = None,
    wholes: dict[str, WholeValue] | None = None,
    check: LotCheck | None = None,
) -> Iterator[Lot]:
    """The lots of documents, each id once, in the order in which their notices came first.

    The documents wait in `spool`, by default in memory, until all of them are read.  What a notice
    says of the whole is added to `wholes`, by the id of the notice.
    """
    seen: dict[str, int] = {}
    waiting = placed_in(parsed, tally)
    for ocid, group in grouped(waiting) if spool is None else spooled(waiting, spool, tally):
        first = group[0]
        if first.alone and not is_plain_notice(first.fields):
            yield from _each_once(_single(first, tally, check), tally, seen, first.where)
            continue
        notices = _plain(first, tally) if first.alone else notices_of(ocid, group, tally)
        for notice in notices:
            if wholes is not None and (whole := whole_value_of(notice.tender)):
                wholes[notice.lot_id()] = whole
            lots: Iterable[Lot] = notice.lots(tally)
            if check is not None and first.alone:
                lots = _checked(lots, check, tally, first.where)
            yield from _each_once(lots, tally, seen, first.where)


def _plain(placed: PlacedRelease, tally: Tally) -> list[Notice]:
    """A plain notice; none where it is not usable."""
    faults = list(wrong_values(placed.fields))
    for fault in faults:
        tally.reject(UNUSABLE, f"{placed.where}: {fault}")
    if faults:
        return []
    for fault in unknown_fields(placed.fields):
        tally.drop(NOT_A_FIELD, f"{placed.where}: {fault}")
    for fault in values_left_out(placed.fields):
        tally.drop(NOT_READ, f"{placed.where}: {fault}")
    return [plain_notice(placed.fields, made_id(placed.where))]


def _each_once(
    lots: Iterable[Lot], tally: Tally, seen: dict[str, int], where: str
) -> Iterator[Lot]:
    for lot in lots:
        if lot.id not in seen:
            seen[lot.id] = hash(lot)
            tally.kept += 1
            yield lot
        elif seen[lot.id] == hash(lot):
            tally.drop(REPEATED, lot.id)
        else:
            tally.drop(ID_TAKEN, f"{where}: id: {lot.id!r} is used twice; give each lot its own id")


def _single(placed: PlacedRelease, tally: Tally, check: LotCheck | None) -> Iterator[Lot]:
    tally.read += 1
    try:
        lot = single_lot(placed.fields, made_id(placed.where))
        if check is not None:
            check(lot)
    except BadLot as error:
        tally.drop(UNUSABLE, f"{placed.where}: {error}")
    else:
        if reason := stands_for_no_value(placed.fields):
            tally.drop(reason, placed.where)
        try:
            check_names({name: v for name, v in placed.fields.items() if v is not None})
        except BadLot as error:
            tally.drop(NOT_A_FIELD, f"{placed.where}: {error}")
        yield lot


def made_id(where: str) -> str:
    """The id of a lot that has none of its own: where it stands, as one word.

    >>> made_id("my lots.jsonl line 3/2")
    'my_lots.jsonl:3/2'
    """
    return "_".join(_LINE.sub(r":\1", where).split())


def _checked(lots: Iterable[Lot], check: LotCheck, tally: Tally, where: str) -> list[Lot]:
    """The lots of a plain notice; none where one is wrong, because they are valued together."""
    found, is_usable = list(lots), True
    for lot in found:
        try:
            check(lot)
        except BadLot as error:
            tally.drop(UNUSABLE, f"{where}: lot {id_in_notice(lot.id)}: {error}")
            is_usable = False
    return found if is_usable else []
