"""A single lot, as an officer writes it: a flat JSON object, read strictly.

What is wrong is refused by the name of its field, since there is somebody to mend it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from matcher.core.errors import BadLot
from matcher.core.types import Lot
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats.json_files import (
    day,
    ident,
    number,
    text,
)
from matcher.sources.notices.tender import LONGEST_TEXT

_CPV = re.compile(r"(\d{8})(?:-\d)?", re.ASCII)
_ABSENT = (None, "")


def single_lot(fields: Mapping[str, object], id_: str) -> Lot:
    """One lot from its own fields, those of `Lot`; others are passed over.

    `id_` is its id where it gives none.  Raises BadLot, naming the field, for one of the
    wrong type or form.
    """
    lot = Lot(
        id=_words(fields, "id").replace(" ", "_") or id_,
        title=_words(fields, "title"),
        description=_prose(fields, "description"),
        cpv=_codes(fields.get("cpv")),
        value=_amount(fields, "value"),
        value_is_gross=_flag(fields, "value_is_gross"),
        postcode=_postcode(fields, "postcode"),
        area=_words(fields, "area"),
        buyer=_words(fields, "buyer"),
        buyer_id=_words(fields, "buyer_id"),
        buyer_kind=_words(fields, "buyer_kind"),
        buyer_postcode=_postcode(fields, "buyer_postcode"),
        category=_words(fields, "category"),
        day=_day(fields, "day"),
        years=_amount(fields, "years"),
    )
    if not (lot.title or lot.description):
        raise BadLot("title: is missing; give a title or a description of what is wanted")
    return lot


def _prose(fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise BadLot(
            f"{key}: is {len(value):,} characters long; give at most {LONGEST_TEXT:,},"
            " the part that says what is wanted"
        )
    if value is not None and not isinstance(value, str):
        raise _wrong(key, value, "text; write it in quotes")
    return text(value)


def _words(fields: Mapping[str, object], key: str) -> str:
    value = fields.get(key)
    if key == "id" and ident(value):
        return ident(value)
    return _prose(fields, key).replace("\n", " ")


def _codes(value: object) -> tuple[str, ...]:
    written = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    codes: dict[str, None] = {}
    for each in written if isinstance(written, list) else [written]:
        code = _CPV.fullmatch(ident(each))
        if code:
            codes[code[1]] = None
        elif each not in _ABSENT:
            raise _wrong("cpv", each, "a CPV code; give eight digits such as 85312310")
    return tuple(codes)


def _amount(fields: Mapping[str, object], key: str) -> float | None:
    value = fields.get(key)
    amount = number(value)
    if value not in _ABSENT and (amount is None or amount < 0):
        unit = "pounds" if key == "value" else "years"
        raise _wrong(key, value, f"a number of {unit}; give a number, 0 or more")
    return amount


def _flag(fields: Mapping[str, object], key: str) -> bool:
    value = fields.get(key)
    if value not in _ABSENT and not isinstance(value, bool):
        raise _wrong(key, value, "true or false")
    return value is True


def _postcode(fields: Mapping[str, object], key: str) -> str:
    written = _words(fields, key)
    postcode = tidy_postcode(written)
    if written and not postcode:
        raise _wrong(key, written, "a UK postcode; give one such as WS1 1TP")
    return postcode


def _day(fields: Mapping[str, object], key: str) -> date | None:
    value = fields.get(key)
    found = day(value)
    if value not in _ABSENT and found is None:
        raise _wrong(key, value, "a date; give one such as 2026-04-01")
    return found


def _wrong(key: str, value: object, right: str) -> BadLot:
    if isinstance(value, dict | list):
        shown = "an object" if isinstance(value, dict) else "a list"
    else:
        shown = repr(value[:60] if isinstance(value, str) else value)
    return BadLot(f"{key}: {shown} is not {right}")
