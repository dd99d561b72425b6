"""Reads a plain notice: an object with a list `lots`, whose fields are those of single lots.

It is read as an OCDS release.  What holds for the whole (buyer, day, category) may stand beside the
lots or in one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

from matcher.core.errors import BadLot
from matcher.core.parser_words import as_written
from matcher.sources.formats.json_values import Fields, ident, mapping, mappings, one_or_several
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.notices.single_lot import (
    check_flags,
    check_names,
    is_like_a_field,
    unread_values,
)
from matcher.sources.notices.tender import Notice

_OF_THE_WHOLE = ("buyer", "buyer_id", "buyer_kind", "buyer_postcode", "day", "category")
_OF_OCDS = frozenset(
    {
        *("ocid", "date", "buyer_name", "nuts", "lots", "items", "status", "minValue", "maxValue"),
        *("maximumValue", "estimatedValue", "contractPeriod", "hasOptions", "options", "renewal"),
        *("hasRenewal", "hasRecurrence", "recurrence", "awardCriteria", "selectionCriteria"),
        *("suitability", "submissionTerms", "secondStage", "techniques", "classification"),
        *(
            "additionalClassifications",
            "deliveryAddress",
            "deliveryAddresses",
            "placesOfPerformance",
        ),
        *("deliveryLocation", "deliveryLocations", "mainProcurementCategory", "lotGroups"),
        *("lotDetails", "procurementMethod", "procurementMethodDetails", "procuringEntity"),
        *("tenderPeriod", "enquiryPeriod", "awardPeriod", "documents", "otherRequirements"),
        *("additionalProcurementCategories", "legalBasis", "coveredBy", "submissionMethod"),
        *("submissionMethodDetails", "sustainability", "hasSustainability", "relatedProcesses"),
    }
)
"""Fields of a notice, or of an OCDS tender and its lots, that are no field of a single lot."""


_MEANT = "did you mean"
_SAYS_WHAT = frozenset({"title", "description"})
_OF_A_LOT = _SAYS_WHAT | {"lots"}
_LONGEST_TITLE = 200
_ONLY_AN_ID = re.compile(
    r"\W{0,3}(?:lot\b\W{0,3})?(?:(?:no|number)\b\W{0,3})?\d{0,3}[a-z]?\W{0,3}", re.IGNORECASE
)
"""A text that names a lot and does not say what it is: 'Lot 3', '1'."""


def is_plain_notice(fields: Fields) -> bool:
    """Whether an object has a list of lots beside its fields."""
    return isinstance(fields.get("lots"), list)


def unwrapped(fields: Fields) -> Fields:
    """A lot or a plain notice in its usual fields.

    The fields of a lot may be in one field `lot`, which may also have its text or several lots.
    A notice's lots may be texts too, under numbers, ids or titles, or a single one.
    """
    inner = held_in(next(iter(fields.values()), None)) if len(fields) == 1 else None
    if isinstance(inner, dict) and "lots" in inner:
        return unwrapped(inner)
    if fields.keys().isdisjoint(_OF_A_LOT):
        fields = _from_lot(fields) if "lot" in fields else _from_names(fields)
    lots = held_in(fields.get("lots"))
    if _is_text(lots):
        lots = [lots]
    elif isinstance(lots, dict):
        lots = list(_keyed(lots)) if _is_keyed(lots) else [lots] if lots else []
    if not isinstance(lots, list):
        return fields
    each = (_of_text(one) if _is_text(one) else one for one in lots)
    return {**fields, "lots": list(each)}


def _from_lot(fields: Fields) -> Fields:
    """The fields of a lot that are in one field `lot`; with several lots there, a plain notice."""
    own = held_in(fields.get("lot"))
    if isinstance(own, list) or (isinstance(own, dict) and _is_keyed(own)):
        own = {"lots": own}
    own = _of_text(own) if _is_text(own) else own
    beside = {key: value for key, value in fields.items() if key != "lot"}
    return {**beside, **own} if isinstance(own, Mapping) else fields


def _from_names(fields: Fields) -> Fields:
    """A plain notice, where each field is a lot; others unchanged."""
    is_lots = fields and all(_is_lot(held_in(one)) for one in fields.values())
    return {"lots": fields} if is_lots else fields


def _is_keyed(lots: Fields) -> bool:
    """Whether an object has lots, or their texts, under numbers, ids or titles."""
    given = [held_in(one) for one in lots.values() if one is not None]
    if not given or not _OF_A_LOT.isdisjoint(lots):
        return False
    if any(map(_is_lot, given)):
        return True
    is_one_kind = all(isinstance(one, dict) for one in given) or all(map(_is_text, given))
    return is_one_kind and not any(map(is_like_a_field, lots))


def _is_lot(value: object) -> bool:
    """Whether a value is an object that has a title or a description."""
    return isinstance(value, dict) and not _SAYS_WHAT.isdisjoint(value)


def _keyed(lots: Fields) -> Iterator[object]:
    """The lots of such an object.  The name of each is its id, or the title that it lacks."""
    for name, lot in lots.items():
        one = held_in(lot)
        is_id = _ONLY_AN_ID.fullmatch(name)
        if isinstance(one, dict):
            field = "title" if not is_id and not one.get("title") else "id"
            yield {**one, field: one.get(field) or name}
        elif isinstance(one, str):
            yield {"id": name, **_of_text(one)} if is_id else {"title": name, "description": one}
        elif one is not None:
            yield one


def _is_text(value: object) -> TypeGuard[str]:
    """Whether a value is a text that says what is wanted."""
    return isinstance(value, str) and not _ONLY_AN_ID.fullmatch(value.strip())


def _of_text(words: str) -> Fields:
    """The fields of a lot that is given as its text: a line of it is a title."""
    plain = words.strip()
    is_line = "\n" not in plain and len(plain) <= _LONGEST_TITLE
    return {"title" if is_line else "description": plain}


def no_lots(fields: Fields) -> Iterator[str]:
    """What stands among the lots of a plain notice and is none, with its place."""
    lots = fields.get("lots")
    for place, lot in enumerate(lots if isinstance(lots, list) else (), 1):
        if not isinstance(lot, Mapping):
            yield f"lot {place}: {as_written(lot)} is not a lot; give its fields or its text"


def unknown_fields(notice: Fields) -> Iterator[str]:
    """What is wrong with the first unknown field of each lot, and of the notice.

    Beside the lots, where a notice may say where it comes from, only a field that is nearly known.
    """
    for place, holder in _holders(notice):
        given = {k: v for k, v in holder.items() if v is not None and k not in _OF_OCDS}
        try:
            check_names(given)
        except BadLot as error:
            if place or _MEANT in str(error):
                yield f"{place}{error}"


def values_left_out(notice: Fields) -> Iterator[str]:
    """What is wrong with each value that cannot be read; the lots are read without it."""
    for place, holder in _holders(notice):
        yield from (f"{place}{fault}" for fault in unread_values(holder))


def wrong_values(notice: Fields) -> Iterator[str]:
    """What is wrong with each lot, and the notice, where it changes what the lots are worth."""
    for place, holder in _holders(notice):
        try:
            check_flags(holder)
            _check_period(holder)
        except BadLot as error:
            yield f"{place}{error}"


def _check_period(holder: Fields) -> None:
    if holder.get("value_period") not in (None, "", "whole"):
        raise BadLot(
            "value_period: is not read in a notice with lots; give the value of the whole "
            "contract, or each lot by itself"
        )


def _holders(notice: Fields) -> Iterator[tuple[str, Fields]]:
    yield "", notice
    for place, lot in enumerate(mappings(notice.get("lots")), 1):
        yield f"lot {ident(lot.get('id')) or place}: ", lot


def plain_notice(fields: Fields, id_: str) -> Notice:
    """The notice; `id_` is the id of one without."""
    lots = mappings(fields.get("lots"))
    whole = {name: _first(name, [fields, *lots]) for name in _OF_THE_WHOLE}
    notice = Notice.of(_as_release(fields, whole, id_))
    buyer = notice.buyer
    named = {"id": ident(whole["buyer_id"]), "kind": ident(whole["buyer_kind"])}
    given = {name: value for name, value in named.items() if value}
    return replace(notice, buyer=replace(buyer, **given))


def _first(name: str, holders: list[Fields]) -> object:
    return next((one[name] for one in holders if one.get(name)), None)


def _as_release(notice: Fields, whole: Fields, id_: str) -> Fields:
    """A plain notice as an OCDS release, so that both are read by the same code."""
    lots = [
        {**lot, "id": ident(lot.get("id")) or str(place)}
        for place, lot in enumerate(mappings(notice.get("lots")), 1)
    ]
    tender = {
        "title": notice.get("title"),
        "description": notice.get("description"),
        "lots": [{**lot, **_as_tender(lot)} for lot in lots],
        "items": [*map(_as_item, lots), _as_item({**notice, "id": None})],
        "mainProcurementCategory": whole["category"] or notice.get("mainProcurementCategory"),
        **_as_tender(notice),
    }
    postcode = {"postalCode": whole["buyer_postcode"]}
    return {
        "ocid": ident(notice.get("ocid")) or ident(notice.get("id")) or id_,
        "date": notice.get("date") or whole["day"],
        "buyer": {"name": notice.get("buyer_name") or whole["buyer"]},
        "parties": [{"roles": ["buyer"], "address": postcode}],
        "tender": tender,
    }


def _as_tender(holder: Fields) -> Fields:
    """The value and the length of a plain lot or notice, as OCDS has them."""
    value, years = holder.get("value"), holder.get("years")
    key = "amountGross" if holder.get("value_is_gross") is True else "amount"
    period = {"durationInYears": years} if years else mapping(holder.get("contractPeriod"))
    return {
        "value": value if isinstance(value, dict) else {key: value},
        "contractPeriod": period,
    }


def _as_item(holder: Fields) -> Fields:
    """The codes and places of a plain lot or plain notice as an OCDS item."""
    places = [{"region": value} for value in one_or_several(holder.get("nuts"))]
    places.append({"region": holder.get("area"), "postalCode": holder.get("postcode")})
    return {
        "relatedLot": holder["id"],
        "additionalClassifications": [
            {"scheme": "CPV", "id": value} for value in one_or_several(holder.get("cpv"))
        ],
        "deliveryAddresses": places,
    }
