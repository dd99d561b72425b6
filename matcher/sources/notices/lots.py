"""Lots that somebody asks about: OCDS notices, plain notices, single lots, or plain text.

A single lot is `{"title", "description", "cpv", "value", "postcode", "day", ...}`: the fields
of `Lot`, of which a title or a description is enough.  A plain notice has `lots` of its own.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from matcher.core.errors import BadLot
from matcher.core.identifiers import fingerprint
from matcher.core.types import Lot, Tally
from matcher.geo.postcode_parsing import find_in_text
from matcher.sources.formats.json_files import (
    beginning,
    documents,
    documents_in,
    ident,
    mapping,
    mappings,
    text,
)
from matcher.sources.notices.ocds import lots_of, releases_in
from matcher.sources.notices.single_lot import single_lot
from matcher.sources.notices.tender import LONGEST_TEXT, TEXT_TOO_LONG, Notice

_OCDS = ("releases", "records", "tender", "parties", "tag", "awards")
REPEATED = "lot repeated"
ID_TAKEN = "another lot has its id"
_FIRST_SENTENCE = re.compile(r".{1,200}?[.!?](?=\s)|.{1,200}(?!\S)|.{1,200}")


def read_lots(source: str | Path, tally: Tally | None = None) -> tuple[list[Lot], Tally]:
    """Every lot of a file, which is JSON, JSON Lines, or plain text if its name ends in `.txt`.

    What is set aside is counted in `tally`, by default in one of its own.
    Raises BadSource where there is no such file, BadLot where no lot of it can be asked about.
    """
    path = Path(source)
    if path.suffix.lower() == ".txt":
        return _text_lots(beginning(path, LONGEST_TEXT + 1), path.stem)
    tally, lots = iter_lots(path, tally)
    return _some(list(lots), tally), tally


def parse_lots(content: str, name: str, tally: Tally | None = None) -> tuple[list[Lot], Tally]:
    """Every lot of a text, JSON or plain, that came from somewhere called `name`.

    Raises BadLot where no lot of it can be asked about.
    """
    if not re.match(r"\s*(?:\{|\[\s*[\[{])", content.removeprefix("\ufeff")):
        return _text_lots(content, name)
    tally = tally or Tally(name)
    found = documents_in(io.StringIO(content.removeprefix("\ufeff")), name, tally)
    return _some(list(_lots(found, tally)), tally), tally


def given_lots(given: object, name: str) -> tuple[list[Lot], Tally]:
    """Every lot in what was given under `name`: plain text, or JSON that is already parsed.

    A lot or notice that has no id gets one made of its content, so that the name that it was
    given under decides nothing.  Raises BadLot where no lot of it can be asked about; a single
    lot is refused by the name of its field.
    """
    own = content_id(given)
    if isinstance(given, str):
        lots, tally = _text_lots(given, name)
        return [replace(lot, id=own) for lot in lots], tally
    if not isinstance(given, dict):
        kind = "a list" if isinstance(given, list) else repr(given)[:60]
        raise BadLot(f"{name}: {kind} is not a lot; give its fields, an OCDS tender, or plain text")
    if not _is_notice(given):
        return [single_lot(given, own)], Tally(name, read=1, kept=1)
    tally = Tally(name)
    notice = given if given.get("ocid") else {**given, "ocid": given.get("id") or own}
    return _some(list(_lots([(name, notice)], tally)), tally), tally


def whole_of(given: object, name: str) -> Lot | None:
    """The tender of one notice as a single lot, in its own words, however many lots it has.

    None for what is no notice, or not one only.
    """
    if not isinstance(given, Mapping) or not _is_notice(given):
        return None
    tally = Tally(name)
    notice = _as_release(given, name) if not any(key in given for key in _OCDS) else given
    releases = releases_in(notice, name, tally)
    if len(releases) != 1:
        return None
    release = releases[0] if releases[0].get("ocid") else {**releases[0], "ocid": name}
    return next(Notice.of(release).lot("", tally), None)


def content_id(given: object) -> str:
    """An id made of what was given: the same content, the same id."""
    content = json.dumps(given, sort_keys=True, ensure_ascii=True, default=str)
    return f"lot-{fingerprint(content):016x}"


def _is_notice(fields: Mapping[str, object]) -> bool:
    return any(key in fields for key in _OCDS) or isinstance(fields.get("lots"), list)


def iter_lots(path: Path, tally: Tally | None = None) -> tuple[Tally, Iterator[Lot]]:
    """The lots of a JSON or JSON Lines file one after another, each id once, and the tally.

    What is not a lot is set aside; so is another lot under an id that one has already.
    Raises BadSource, once read, where there is no such file.
    """
    tally = tally or Tally(path.name)
    return tally, _lots(documents(path, tally), tally)


def _some(lots: list[Lot], tally: Tally) -> list[Lot]:
    if not lots:
        reasons = [f"{reason} ({tally.examples[reason]})" for reason in tally.set_aside]
        why = "; ".join(reasons) or "it is empty"
        raise BadLot(f"{tally.source}: has no lot that can be asked about: {why}")
    return lots


def _text_lots(content: str, name: str) -> tuple[list[Lot], Tally]:
    """A plain text as one lot, titled by its first line, at the last postcode that it names."""
    if len(content) > LONGEST_TEXT:
        raise BadLot(f"{name}: {TEXT_TOO_LONG}; give the part that says what is wanted")
    plain = text(content)
    if not plain:
        raise BadLot(f"{name}: is empty; give a title or a description of what is wanted")
    line = plain.partition("\n")[0]
    sentence = _FIRST_SENTENCE.match(line)
    title = sentence[0].rstrip(".") if sentence else line
    lot = Lot(
        id="_".join(name.split()),
        title=title,
        description="" if title == plain else plain,
        postcode=find_in_text(plain) or "",
    )
    return [lot], Tally(name, read=1, kept=1)


def _lots(found: Iterable[tuple[str, object]], tally: Tally) -> Iterator[Lot]:
    seen: dict[str, int] = {}
    for where, document in found:
        for lot in _of_document(where, document, tally):
            if lot.id not in seen:
                seen[lot.id] = hash(lot)
                tally.kept += 1
                yield lot
            elif seen[lot.id] == hash(lot):
                tally.drop(REPEATED, lot.id)
            else:
                tally.drop(
                    ID_TAKEN, f"{where}: id: {lot.id!r} is used twice; give each lot its own id"
                )


def _of_document(where: str, document: object, tally: Tally) -> Iterator[Lot]:
    if isinstance(document, list):
        for place, part in enumerate(document, 1):
            yield from _of_part(f"{where}/{place}", part, tally)
    else:
        yield from _of_part(where, document, tally)


def _of_part(where: str, part: object, tally: Tally) -> Iterator[Lot]:
    fields, id_ = mapping(part), "_".join(where.split())
    if any(key in fields for key in _OCDS):
        for release in releases_in(fields, where, tally):
            yield from lots_of(release, tally)
    elif isinstance(fields.get("lots"), list):
        yield from lots_of(_as_release(fields, id_), tally)
    else:
        tally.read += 1
        try:
            yield single_lot(fields, id_)
        except BadLot as error:
            tally.drop("lot cannot be used", f"{where}: {error}")


def _as_release(notice: Mapping[str, object], id_: str) -> Mapping[str, object]:
    """A plain notice in the words of OCDS, so that both are read in one way."""
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
    """The codes and places of a plain lot, or of a plain notice, as an OCDS item."""
    places = [{"region": each} for each in _listed(holder.get("nuts"))]
    places.append({"region": holder.get("area"), "postalCode": holder.get("postcode")})
    return {
        "relatedLot": holder["id"],
        "additionalClassifications": [
            {"scheme": "CPV", "id": each} for each in _listed(holder.get("cpv"))
        ],
        "deliveryAddresses": places,
    }


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
