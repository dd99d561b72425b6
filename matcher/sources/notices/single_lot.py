"""Reads a single lot that an officer wrote as a flat JSON object.

Reading is strict: a wrong field is refused by name, because the officer can correct it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import date

from matcher.core.amount_marks import either_of
from matcher.core.errors import BadLot
from matcher.core.parser_words import MEANT, as_written, unknown_name
from matcher.core.types import Lot
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats.json_values import Fields, day, ident, number, one_or_several, text
from matcher.sources.notices.lot_columns import field_meant
from matcher.sources.notices.tender import LONGEST_TEXT
from matcher.sources.notices.tender_value import LARGEST, stands_for_none

_CPV = re.compile(r"(\d{8})(?:-\d)?", re.ASCII)
_LONGEST_ID = 1_000
"""Characters of an id: it is in every answer about the lot, and in the records."""
_ABSENT = (None, "")
_WORKED_OUT = "value_if_whole"
"""The field of a lot that is worked out from `value_period`."""
_NAMES = (
    *(field.name for field in dataclass_fields(Lot) if field.name != _WORKED_OUT),
    "value_period",
    "fictional",
)
_LOTS = ("lots", "lot")
_NOTICES = (*_LOTS, "tender")
"""Names of what holds a lot, and is no field of it."""
_FIRST = 5
"""Fields that a refusal names."""
_FLAGS = ("value_is_gross", "fictional")
_PERIODS = ("", "year", "whole", "unclear")
"""What a lot's value may be for: '' is the whole contract; 'unclear' is asked about."""


def single_lot(fields: Fields, id_: str) -> Lot:
    """A lot from the fields of `Lot`; other fields are not read (`check_names`).

    `id_` is the id of a lot without one.  Raises BadLot, with the field's name, where a field has
    the wrong type or format.
    """
    lot = Lot(
        id=_line(fields, "id").replace(" ", "_") or id_,
        title=_line(fields, "title"),
        description=_prose(fields, "description"),
        cpv=_codes(fields.get("cpv")),
        value=_amount(fields, "value"),
        value_is_gross=_flag(fields, "value_is_gross"),
        postcode=_postcode(fields, "postcode"),
        area=_line(fields, "area"),
        buyer=_line(fields, "buyer"),
        buyer_id=_line(fields, "buyer_id"),
        buyer_kind=_line(fields, "buyer_kind"),
        buyer_postcode=_postcode(fields, "buyer_postcode"),
        category=_line(fields, "category"),
        day=_day(fields, "day"),
        years=_years(fields, "years"),
    )
    check_flags(fields)
    if not (lot.title or lot.description):
        missing = _no_field_of_a_lot(fields) or "title: is missing"
        what = "give a title or a description of what you want to buy"
        raise BadLot(f"{missing}; {what}{_misspelt(fields)}")
    return _with_whole_value(lot, _line(fields, "value_period"))


def without_unread(fields: Fields) -> tuple[Fields, dict[str, str]]:
    """The fields that can be read, and what is wrong with each other one.

    All of them, and nothing, where the lot cannot be read without those either.
    """
    left, faults = dict(fields), dict[str, str]()
    while True:
        try:
            single_lot(left, "-")
        except BadLot as error:
            name = str(error).partition(":")[0]
            if name not in left:
                return fields, {}
            faults[name] = str(error)
            del left[name]
        else:
            return left, faults


def stands_for_no_value(fields: Fields) -> str:
    """Why the value that a lot gives stands for one that is not known; '' where it does not."""
    amount = number(fields.get("value"))
    return "" if amount is None else stands_for_none(amount)


def _with_whole_value(lot: Lot, period: str) -> Lot:
    """The lot with its value for the whole contract, which `period` says how to work out."""
    if period not in _PERIODS:
        raise _bad_field("value_period", period, f"known; give one of {', '.join(_PERIODS[1:])}")
    if lot.value is None or period in ("", "whole"):
        return lot
    if lot.years is None:
        raise BadLot(
            f"years: is missing; the value is for a year (value_period {period!r}), so give the "
            "length of the contract in years, with the options to extend it"
        )
    whole = round(lot.value * lot.years, 2)
    return replace(lot, value=whole, value_if_whole=lot.value if period == "unclear" else None)


def check_flags(fields: Fields) -> None:
    """Raise BadLot for a field that is true or false and has another value."""
    for key in _FLAGS:
        _flag(fields, key)


def unread_values(fields: Fields) -> Iterator[str]:
    """What is wrong with each value of a lot in a notice, which is read without it."""
    codes = fields.get("cpv")
    is_plain = not any(isinstance(code, Mapping) for code in one_or_several(codes))
    for read in (
        lambda: _postcode(fields, "postcode"),
        lambda: _postcode(fields, "buyer_postcode"),
        lambda: _day(fields, "day"),
        lambda: _years(fields, "years"),
        lambda: _codes(codes if is_plain else None),
    ):
        try:
            read()
        except BadLot as error:
            yield str(error)


def check_names(fields: Fields) -> None:
    """Raise BadLot for a field that a lot does not have, with the one that may be meant."""
    unknown = next((str(name) for name in fields if name not in _NAMES), None)
    if unknown is not None:
        raise BadLot(_no_lots(fields, "lots") or f"{unknown[:60]}: {_no_such(unknown)}")


def is_like_a_field(name: str) -> bool:
    """Whether a name is that of a field of a lot, or may be meant for one."""
    return name in _NAMES or MEANT in _no_such(name)


def _misspelt(fields: Fields) -> str:
    """The first field that a lot does not have and that is like one it has; '' for none."""
    unknown = (str(name) for name in fields if name not in _NAMES)
    told = (f" ({name[:60]}: {_no_such(name)})" for name in unknown)
    return next((words for words in told if MEANT in words), "")


def _no_field_of_a_lot(fields: Fields) -> str:
    """That no field is of a lot or a notice, as in what a website answers to an error, else ''."""
    if not fields or not fields.keys().isdisjoint(_NAMES) or _misspelt(fields):
        return ""
    if fault := _no_lots(fields, *_LOTS):
        return fault
    given = ", ".join(as_written(name) for name in list(fields)[:_FIRST])
    meant = next((name.lower() for name in map(str, fields) if name.lower() in _LOTS), "")
    hint = f" ({MEANT} {meant}?)" if meant and meant not in fields else ""
    return f"holds no notice and no lot, only {given}{hint}"


def _no_lots(fields: Fields, *names: str) -> str:
    """That what stands under the first of these names is no lot; '' where nothing does."""
    name = next((name for name in names if name in fields), "")
    return f"{name}: {as_written(fields[name])} is not a lot or a list of lots" if name else ""


def _no_such(name: str) -> str:
    return unknown_name(name, _NAMES[:-1], "" if name.lower() in _NOTICES else field_meant(name))


def _prose(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise BadLot(
            f"{key}: is {len(value):,} characters long; give at most {LONGEST_TEXT:,}."
            " Use only the part that describes what you want to buy"
        )
    if value is not None and not isinstance(value, str):
        raise _bad_field(key, value, "text; write it in quotes")
    return text(value)


def _line(fields: Fields, key: str) -> str:
    value = fields.get(key)
    if key == "id":
        if isinstance(value, str) and len(value) > _LONGEST_ID:
            raise BadLot(f"id: is {len(value):,} characters long; give at most {_LONGEST_ID:,}")
        if own := ident(value):
            return own
    return _prose(fields, key).replace("\n", " ")


def _codes(value: object) -> tuple[str, ...]:
    items = re.split(r"[\s,;]+", value) if isinstance(value, str) else value
    codes: dict[str, None] = {}
    for item in one_or_several(items):
        code = _CPV.fullmatch(ident(item))
        if code:
            codes[code[1]] = None
        elif item not in _ABSENT:
            raise _bad_field("cpv", item, "a CPV code; give eight digits such as 85312310")
    return tuple(codes)


def _amount(fields: Fields, key: str) -> float | None:
    value = fields.get(key)
    amount = number(value)
    if isinstance(value, str) and (either := either_of(value)):
        raise _bad_field(key, value, f"clear; give {either[0]} or {either[1]}")
    if value not in _ABSENT and (amount is None or amount < 0):
        raise _bad_field(key, value, "a number of pounds; give a number, 0 or more")
    if amount is not None and amount >= LARGEST:
        raise _bad_field(key, value, "the value of a contract; give a number below a trillion")
    return None if stands_for_no_value(fields) else amount


def _years(fields: Fields, key: str) -> float | None:
    value = fields.get(key)
    years = number(value)
    if value not in _ABSENT and not (years and years > 0):
        raise _bad_field(key, value, "a number of years; give a number above 0")
    return years


def _flag(fields: Fields, key: str) -> bool:
    value = fields.get(key)
    if value not in _ABSENT and not isinstance(value, bool):
        raise _bad_field(key, value, "true or false")
    return value is True


def _postcode(fields: Fields, key: str) -> str:
    value = _line(fields, key)
    postcode = tidy_postcode(value)
    if value and not postcode:
        raise _bad_field(key, value, "a UK postcode; give one such as WS1 1TP")
    return postcode


def _day(fields: Fields, key: str) -> date | None:
    value = fields.get(key)
    parsed = day(value)
    if value not in _ABSENT and parsed is None:
        raise _bad_field(key, value, "a date; give one such as 2026-04-01")
    return parsed


def _bad_field(key: str, value: object, expected: str) -> BadLot:
    return BadLot(f"{key}: {as_written(value)} is not {expected}")
