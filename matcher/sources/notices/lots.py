"""Reads the lots of a query: from OCDS notices, plain notices, single lots or plain text.

A single lot is `{"title", "description", "cpv", "value", "postcode", "day", ...}`: the fields of
`Lot`, of which a title or a description is required.  A plain notice has a list `lots`.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from matcher.core.as_written import as_written
from matcher.core.errors import BadLot
from matcher.core.identifiers import fingerprint, id_in_notice
from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.formats.json_files import (
    NOT_JSON,
    beginning,
    documents,
    documents_in,
    ident,
    mapping,
    mappings,
    text,
)
from matcher.sources.notices.ocds import TOO_DEEP
from matcher.sources.notices.releases import (
    PlacedRelease,
    ReleaseSpool,
    by_buyer,
    grouped,
    is_package,
    is_search,
    releases_in,
)
from matcher.sources.notices.single_lot import check_names, single_lot, stands_for_no_value
from matcher.sources.notices.tender import LONGEST_TEXT, NO_VALUE, TEXT_TOO_LONG, Notice
from matcher.sources.notices.whole_value import NoticeLots, WholeValue

LotCheck: TypeAlias = Callable[[Lot], None]
"""Raises BadLot for a lot that a person wrote and that names a place that does not exist."""
_OCDS = ("releases", "records", "compiledRelease", "versionedRelease")
_OCDS_RELEASE = ("tender", "parties", "tag", "awards")
REPLACED = "notice replaced by a newer release of it"
REPEATED = "lot repeated"
UNUSABLE = "lot cannot be used"
_ACCEPTED = "lots as JSON, an OCDS notice, or a specification (.docx, .pdf, .txt)"
_A_LOT = "give its fields, an OCDS tender, or plain text"
ID_TAKEN = "lot with the id of another lot"
NOT_A_FIELD = "lot with a field that is not known (the rest is kept)"
_FIRST_SENTENCE = re.compile(r".{1,200}?[.!?](?=\s)|.{1,200}(?!\S)|.{1,200}")


def read_lots(
    source: str | Path, tally: Tally | None = None, check: LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of a file in JSON or JSON Lines, or in plain text if its name ends in `.txt`.

    Lots that are set aside are counted in `tally`, or in a new one.  `check` is applied to single
    lots and plain notices, not to published notices.  Raises BadSource where the
    file does not exist, BadLot where it has no usable lot.
    """
    path = Path(source)
    if path.suffix.lower() == ".txt":
        return _text_lots(beginning(path, LONGEST_TEXT + 1), path.stem)
    tally = tally or Tally(path.name)
    return _all_lots(documents(path, tally), tally, ReleaseSpool(), check), tally


def parse_lots(
    content: str, name: str, tally: Tally | None = None, check: LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of a JSON or plain text, which error messages call `name`.

    Raises BadLot where it has no usable lot.
    """
    if not re.match(r"\s*(?:\{|\[\s*[\[{])", content.removeprefix("\ufeff")):
        return _text_lots(content, name)
    tally = tally or Tally(name)
    parsed = documents_in(io.StringIO(content.removeprefix("\ufeff")), name, tally)
    return _all_lots(parsed, tally, check=check), tally


def lots_from_input(
    content: object, name: str, check: LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of plain text or of parsed JSON, which error messages call `name`.

    A lot or notice without an id gets one made from its content, so that `name` does not affect
    it.  Raises BadLot where there is no usable lot, with the field's name for a single lot.
    """
    made_id = content_id(content)
    if isinstance(content, str):
        lots, tally = _text_lots(content, name)
        return [replace(lot, id=made_id) for lot in lots], tally
    if not isinstance(content, dict):
        raise BadLot(f"{name}: {as_written(content)} is not a lot; {_A_LOT}")
    if not _is_notice(content):
        check_names(content)
        lot = single_lot(content, made_id)
        if check is not None:
            check(lot)
        tally = Tally(name, read=1, kept=1)
        if stands_for_no_value(content):
            tally.drop(NO_VALUE, name)
        return [lot], tally
    tally = Tally(name)
    notice = _with_ocid(content, made_id)
    return _all_lots([(name, notice)], tally, check=check), tally


def notice_as_one_lot(content: object, name: str) -> Lot | None:
    """The whole tender of a notice as one lot, however many lots it has.

    None where `content` is not a notice, or is more than one.
    """
    if not isinstance(content, Mapping) or not _is_notice(content):
        return None
    tally = Tally(name)
    placed = list(_placed([(name, _with_ocid(content, name))], tally))
    notices = [one for ocid, group in grouped(placed) for one in _notices(ocid, group, tally)]
    if len(notices) != 1:
        return None
    return next(notices[0].lot("", tally), None)


def most_lots_of_one_supplier(content: object) -> int | None:
    """How many lots of a notice one supplier may bid for, where the notice says so.

    OCDS: `tender.lotDetails.maximumLotsBidPerSupplier`.  Of several releases, the smallest.
    """
    if not isinstance(content, Mapping) or not _has_releases(content):
        return None
    placed = _placed([("notice", content)], Tally("notice"))
    tenders = [mapping(one.fields.get("tender")) for one in placed]
    numbers = [mapping(t.get("lotDetails")).get("maximumLotsBidPerSupplier") for t in tenders]
    return min((n for n in numbers if isinstance(n, int) and n >= 1), default=None)


def _with_ocid(content: Mapping[str, object], made_id: str) -> Mapping[str, object]:
    """A bare release without an ocid with one: its id, or else `made_id`; others unchanged."""
    is_bare = not any(key in content for key in _OCDS) and not (
        is_package(content) or is_search(content)
    )
    if content.get("ocid") or not is_bare:
        return content
    return {**content, "ocid": content.get("id") or made_id}


def content_id(content: object) -> str:
    """An id made from the content: equal content has an equal id."""
    serialised = json.dumps(content, sort_keys=True, ensure_ascii=True, default=str)
    return f"lot-{fingerprint(serialised):016x}"


def _is_notice(fields: Mapping[str, object]) -> bool:
    return _has_releases(fields) or isinstance(fields.get("lots"), list)


def iter_lots(
    path: Path, tally: Tally | None = None, check: LotCheck | None = None
) -> tuple[Tally, Iterator[Lot]]:
    """The tally and the lots of a JSON or JSON Lines file, streamed, with distinct ids.

    Invalid lots and lots with a repeated id are set aside.  Raises BadSource, on the first lot,
    where the file does not exist.
    """
    tally = tally or Tally(path.name)
    return tally, _lots(documents(path, tally), tally, ReleaseSpool(), check=check)


def _all_lots(
    parsed: Iterable[tuple[str, object]],
    tally: Tally,
    spool: ReleaseSpool | None = None,
    check: LotCheck | None = None,
) -> NoticeLots:
    """All lots of documents, with what their notices say of the whole.  Raises BadLot for none."""
    wholes: dict[str, WholeValue] = {}
    lots = NoticeLots(_lots(parsed, tally, spool, wholes, check))
    lots.wholes |= wholes
    if not lots:
        reasons = [f"{reason} ({tally.examples[reason]})" for reason in tally.set_aside]
        summary = "; ".join(reasons) or "it is empty"
        if NOT_JSON in tally.set_aside:
            summary += f"; give {_ACCEPTED}"
        raise BadLot(f"{tally.source}: has no usable lot: {summary}")
    return lots


def _text_lots(content: str, name: str) -> tuple[list[Lot], Tally]:
    """A plain text as one lot: its title is the first line, its postcode the last one in it."""
    if len(content) > LONGEST_TEXT:
        raise BadLot(
            f"{name}: {TEXT_TOO_LONG}; use only the part that describes what you want to buy"
        )
    tidy = text(content)
    if not tidy:
        raise BadLot(f"{name}: is empty; give a title or a description of what you want to buy")
    line = tidy.partition("\n")[0]
    sentence = _FIRST_SENTENCE.match(line)
    title = sentence[0].rstrip(".") if sentence else line
    lot = Lot(
        id="_".join(name.split()),
        title=title,
        description="" if title == tidy else tidy,
        postcode=find_in_text(tidy) or "",
    )
    return [lot], Tally(name, read=1, kept=1)


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
    waiting = _placed(parsed, tally)
    for ocid, group in grouped(waiting) if spool is None else _spooled(waiting, spool, tally):
        notices, where = _notices(ocid, group, tally), group[0].where
        for notice in notices:
            if wholes is not None and (whole := notice.whole_value()):
                wholes[notice.lot_id()] = whole
            lots: Iterable[Lot] = notice.lots(tally)
            if check is not None and group[0].alone:
                lots = _checked(lots, check, tally, where)
            yield from _each_once(lots, tally, seen, where)
        if group[0].alone and not notices:
            yield from _each_once(_single(group[0], tally, check), tally, seen, where)


def _placed(parsed: Iterable[tuple[str, object]], tally: Tally) -> Iterator[PlacedRelease]:
    """Each release, and each lot or plain notice, with its position."""
    for document_where, document in parsed:
        for where, part in _parts(document_where, document, tally):
            if _has_releases(part):
                for release in releases_in(part, where, tally):
                    yield PlacedRelease(release, where)
            else:
                yield PlacedRelease(part, where, alone=True)


def _spooled(
    waiting: Iterable[PlacedRelease], spool: ReleaseSpool, tally: Tally
) -> Iterator[tuple[str, list[PlacedRelease]]]:
    for one in waiting:
        try:
            spool.add(one)
        except RecursionError:
            tally.read += 1
            tally.drop(TOO_DEEP, one.where)
    spool.close_input()
    yield from spool.groups()


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


def _notices(ocid: str, group: list[PlacedRelease], tally: Tally) -> list[Notice]:
    """The notices of one ocid: its releases merged; none for a single lot.

    A release that a newer one replaces or repeats is counted.
    """
    first = group[0]
    if first.alone:
        is_notice = isinstance(first.fields.get("lots"), list)
        id_ = "_".join(first.where.split())
        return [Notice.of(_as_release(first.fields, id_))] if is_notice else []
    if not ocid:
        return [Notice.of(one.fields) for one in group]
    notices = []
    for procurement in by_buyer(ocid, group, [tally]):
        for one, next_one in pairwise(procurement.releases):
            tally.read += 1
            tally.drop(REPEATED if one.fields == next_one.fields else REPLACED, one.where)
        try:
            notices.append(Notice.of(procurement.merged()))
        except RecursionError:
            tally.read += 1
            tally.drop(TOO_DEEP, ocid)
    return notices


def _parts(
    where: str, document: object, tally: Tally
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The objects of a document, with their positions; what is none is set aside."""
    placed = (
        [(f"{where}/{place}", part) for place, part in enumerate(document, 1)]
        if isinstance(document, list)
        else [(where, document)]
    )
    for part_where, part in placed:
        if isinstance(part, Mapping):
            yield part_where, part
        else:
            tally.read += 1
            tally.drop(UNUSABLE, f"{part_where}: {as_written(part)} is not a lot; {_A_LOT}")


def _has_releases(part: Mapping[str, object]) -> bool:
    is_release = any(key in part for key in (*_OCDS, *_OCDS_RELEASE))
    return is_release or is_package(part) or is_search(part)


def _single(placed: PlacedRelease, tally: Tally, check: LotCheck | None) -> Iterator[Lot]:
    tally.read += 1
    try:
        _check_lots(placed.fields)
        lot = single_lot(placed.fields, "_".join(placed.where.split()))
        if check is not None:
            check(lot)
    except BadLot as error:
        tally.drop(UNUSABLE, f"{placed.where}: {error}")
    else:
        if stands_for_no_value(placed.fields):
            tally.drop(NO_VALUE, placed.where)
        try:
            check_names({name: v for name, v in placed.fields.items() if v is not None})
        except BadLot as error:
            tally.drop(NOT_A_FIELD, f"{placed.where}: {error}")
        yield lot


def _check_lots(fields: Mapping[str, object]) -> None:
    if isinstance(fields.get("lots"), Mapping):
        raise BadLot("lots: an object is not a list; give the lots in square brackets")


def _checked(lots: Iterable[Lot], check: LotCheck, tally: Tally, where: str) -> list[Lot]:
    """The lots of a plain notice; none where one is wrong, because they are valued together."""
    found = list(lots)
    for lot in found:
        try:
            check(lot)
        except BadLot as error:
            tally.drop(UNUSABLE, f"{where}: lot {id_in_notice(lot.id)}: {error}")
            return []
    return found


def _as_release(notice: Mapping[str, object], id_: str) -> Mapping[str, object]:
    """A plain notice as an OCDS release, so that both are read by the same code."""
    lots = [
        {**lot, "id": ident(lot.get("id")) or str(place)}
        for place, lot in enumerate(mappings(notice.get("lots")), 1)
    ]
    tender = {
        "title": notice.get("title"),
        "description": notice.get("description"),
        "lots": [{**lot, "value": _as_value(lot.get("value"))} for lot in lots],
        "items": [*map(_as_item, lots), _as_item({**notice, "id": None})],
        "value": _as_value(notice.get("value")),
    }
    postcode = {"postalCode": notice.get("buyer_postcode")}
    return {
        "ocid": ident(notice.get("ocid")) or ident(notice.get("id")) or id_,
        "date": notice.get("date") or notice.get("day"),
        "buyer": {"name": notice.get("buyer_name") or notice.get("buyer")},
        "parties": [{"roles": ["buyer"], "address": postcode}],
        "tender": tender,
    }


def _as_value(value: object) -> object:
    return value if isinstance(value, dict) else {"amount": value}


def _as_item(holder: Mapping[str, object]) -> Mapping[str, object]:
    """The codes and places of a plain lot or plain notice as an OCDS item."""
    places = [{"region": value} for value in _listed(holder.get("nuts"))]
    places.append({"region": holder.get("area"), "postalCode": holder.get("postcode")})
    return {
        "relatedLot": holder["id"],
        "additionalClassifications": [
            {"scheme": "CPV", "id": value} for value in _listed(holder.get("cpv"))
        ],
        "deliveryAddresses": places,
    }


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
