"""Reads the value of a lot in a cell of a table: a plain amount, or in words."""

from __future__ import annotations

import html
import math
import re

from matcher.core.amount_marks import either_of
from matcher.core.types import FIELD_ONLY, Tally
from matcher.sources.formats.json_values import Fields
from matcher.sources.formats.tables import amount_in
from matcher.sources.formats.units import may_be_pounds, with_unit
from matcher.sources.notices.lot_columns import has_vat
from matcher.sources.wording.nominal import says_none

RANGE = f"range of values: its upper end counts {FIELD_ONLY}"
RISES = f"value that rises every year, of a year or of the whole: not used {FIELD_ONLY}"
SAYS_NONE = f"value that says that none is known: taken as not known {FIELD_ONLY}"
IN_POUNDS = f"value in pounds or in the unit of its header: not used {FIELD_ONLY}"
_YEARLY = re.compile(r"(?:year|yr|annum|p\.?a\.?)$")
"""How an amount ends that is for a year, also where no space stands before it: '£40kpa'."""
_FIGURE = re.compile(
    r"(?<![\w.,£])(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d{5,12}(?![\d,])|\d[\d,.]{0,9} ?[km]\b)",
    re.IGNORECASE,
)
"""An amount without its sign, and no year."""
_OTHER_MONEY = re.compile(r"[€$]|\b(?:eur|euros?|usd|dollars?)\b", re.IGNORECASE)


def value_in_cell(cell: str, heading: str, fields: Fields, tally: Tally, where: str) -> Fields:
    """The fields that a cell of a value, in words or not, adds to those of its row."""
    cell = html.unescape(cell)
    if may_be_pounds(cell, heading):
        tally.drop(IN_POUNDS, f"{where}: {cell} below {heading}")
        return {}
    if says_none(cell):
        tally.drop(SAYS_NONE, f"{where}: {cell[:60]}")
        return {"value": None}
    value, known = with_unit(cell, heading), dict(fields)
    if has_vat(heading):
        known.setdefault("value_is_gross", True)
    if _YEARLY.search(value.casefold()):
        known.setdefault("value_period", "year")
    if either_of(value):
        return {"value": value}  # refused with the two amounts
    amount = amount_in(value)
    if math.isfinite(amount):
        return {**known, "value": amount}
    in_words = _value_in_words(value, heading, fields.get("years"), tally, where)
    return {**known, "value": value, **in_words}


def _value_in_words(cell: str, heading: str, years: object, tally: Tally, where: str) -> Fields:
    """What a cell says of a value that is no plain amount: "£20k - £30k a year plus VAT"."""
    from matcher.sources.wording.amounts import stated_value  # slow to import
    from matcher.sources.wording.terms import contract_term

    has_sign = "£" in cell or _OTHER_MONEY.search(cell)
    pounds = cell if has_sign else _FIGURE.sub(r"£\g<0>", cell)
    stated = stated_value(pounds, expected=True, heading=heading)
    if stated is None:
        return {}
    if stated.rise is not None and not (stated.period or stated.is_called_so):
        tally.drop(RISES, f"{where}: {cell[:60]}")
        return {"value": None, "value_period": ""}
    if stated.of_range:
        tally.drop(RANGE, f"{where}: {cell[:60]}")
    fields: dict[str, object] = {"value_is_gross": stated.gross} if stated.vat_stated else {}
    if years is None and (term := contract_term(cell)):
        years = round(term.longest, 2)
        fields["years"] = years
    whole = stated.of_contract(years if isinstance(years, float) else None)
    if not stated.period:
        return {**fields, "value": stated.pounds if whole is None else whole}
    if whole is None:
        return {**fields, "value": stated.yearly, "value_period": "year"}
    return {**fields, "value": whole, "value_period": "whole"}
