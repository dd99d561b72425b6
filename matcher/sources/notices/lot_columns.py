"""Tells which field of a lot each column of a table has, from its header."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from matcher.sources.formats.units import unit_of, without_unit

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "title": (
        *("title", "lot title", "contract title", "title of lot", "title of contract", "name"),
        *("lot name", "contract name", "heading", "subject", "project", "project title", "service"),
        *("requirement title", "contract", "lot"),
    ),
    "id": (
        *("id", "lot id", "lot number", "lot no", "lot ref", "lot reference", "reference", "ref"),
        *("contract reference", "contract ref", "contract id", "reference number", "ref no"),
        *("number", "no", "ocid", "notice id", "lot"),
    ),
    "description": (
        *("description", "lot description", "contract description", "description of lot"),
        *("description of need", "description of work", "description of services", "details"),
        *("specification", "scope", "scope of work", "scope of works", "scope of services"),
        *("requirement", "requirements", "need", "what we need", "services required"),
        *("text", "what is needed"),
        *("summary", "brief"),
    ),
    "postcode": (
        *("postcode", "delivery postcode", "lot postcode", "site postcode"),
        *("place of delivery postcode", "location postcode"),
    ),
    "area": (
        *("area", "delivery area", "council", "council area", "local authority", "district"),
        *("borough", "county", "region", "location", "place", "place of delivery", "town", "ward"),
        *("delivery location", "village", "where", "nuts", "nuts code"),
    ),
    "value": ("value", "lot value", "contract value", "total value", "budget", "amount", "price"),
    "annual value": ("annual value", "annual budget"),
    "value_period": (
        "value period",
        "period of value",
        "value is for",
        "value basis",
        "period",
        "per",
    ),
    "value_is_gross": (
        *("value is gross", "vat", "vat included", "includes vat", "including vat", "inc vat"),
        *("value includes vat", "incl vat"),
    ),
    "years": ("years",),
    "months": ("months",),
    "extension": (),
    "buyer": (
        *("buyer", "buyer name", "contracting authority", "authority", "organisation", "client"),
        *("name of buyer", "organisation name", "commissioner", "purchaser", "contracting body"),
    ),
    "buyer_id": ("buyer id", "authority id"),
    "buyer_kind": ("buyer kind", "kind of buyer", "buyer type", "type of buyer"),
    "buyer_postcode": ("buyer postcode", "authority postcode"),
    "day": (
        *("day", "date", "published", "published date", "publication date", "date published"),
        *("notice date", "date of notice", "start of procurement", "procurement start", "start"),
        *("start date",),
    ),
    "starts": ("contract start date",),
    "ends": ("contract end date",),
    "cpv": (
        *("cpv", "cpv code", "cpv codes", "main cpv", "main cpv code", "cpv main", "codes", "code"),
        *("common procurement vocabulary",),
    ),
    "category": (
        *("category", "procurement category", "main category", "contract type", "type"),
        *("type of contract", "main procurement category"),
    ),
    "fictional": ("fictional",),
}
"""Field → headers, in small letters without marks.  Earlier ones come first.

`annual value` is read as the field `value`; `months`, `extension`, `starts` and `ends` as `years`.
"""
_SUM = (
    r"(?:(?:aggregate|contract|full|lot|overall|project|total|whole) )*"
    r"(?:amount|budget|cost|price|spend|value)(?: of (?:the )?(?:contract|lot))?"
    r"(?: (?:aggregate|full|overall|total|whole))?"
)
_LENGTH = (
    r"(?:contract |initial |overall |total )?(?:duration|length|term)(?: of (?:the )?contract)?"
    r"|(?:contract|initial) period"
)
_IN_UNIT = rf"(?:(?:{_LENGTH}|period) (?:in )?|contract |number of )"
_ENDINGS: Mapping[str, re.Pattern[str]] = {
    "title": re.compile(
        r"(?!.*\b(?:contact|job|lead|manager|officer|owner|person|post)\b)"
        r"(?:title of .+|\w+ title)|(?:name of (?:the )?)?"
        r"(?:opportunity|procurement|programme|project|requirement|scheme|tender)(?: name)?"
    ),
    "id": re.compile(r"(?:contract|lot) ref(?:erence)?(?: (?:no|number))?"),
    "description": re.compile(
        r"(?!.*\b(?:authority|buyer|client|council|department|job|region|supplier|vendor)\b)"
        r"(?:description of .+|\w+ description)|(?:goods|services?|works?) (?:needed|required)"
    ),
    "value": re.compile(rf"{_SUM}(?: in pounds| gbp)?|total|(?:amount|sum) to be paid\b.*"),
    "annual value": re.compile(
        rf"(?:annual|yearly) {_SUM}|{_SUM} (?:annual|yearly|(?:a|each|per) (?:annum|year)|p ?a)"
    ),
    "years": re.compile(rf"{_LENGTH}|{_IN_UNIT}(?:years?|yrs?)"),
    "months": re.compile(rf"{_IN_UNIT}(?:months?|mths?)"),
    "extension": re.compile(
        r"(?:(?:contract|optional|possible|potential) )*(?:ext|extensions?)"
        r"(?: (?:length|options?|periods?|term))?(?: (?:in )?(?:years?|yrs?|months?|mths?))?"
    ),
    "starts": re.compile(r"(?:contract )?(?:commencement|start)(?: date)?"),
    "ends": re.compile(r"(?:contract )?(?:completion|end|expiry|finish)(?: date)?"),
}
"""What other headers of a field are like: "Title of procurement"."""
_KNOWN = frozenset(header for headers in _HEADERS.values() for header in headers)
_WITH_VAT = re.compile(
    r"\b(?:(?:inc|incl|includes|including|with) vat|vat inc(?:l|luded)?|gross)\b"
)
_VAT = re.compile(
    r"\b(?:(?:inc|incl|includes|including|with|plus|net of|ex|exc|excl|excluding|without|no) vat"
    r"|vat (?:inc|incl|included|ex|exc|excl|excluded)|gross|net)\b"
)
_WITH_EXTENSION = re.compile(
    r"\b(?:inc|incl|including|with) (?:(?:all|any|possible) )*extensions?\b"
)
_QUALIFIED = re.compile(
    r"\b(?:anticipated|approx|approximate|est|estimate|estimated|expected|guide|indicative|likely|max"
    r"|maximum|planned|proposed)\b"
)
"""Words in a header that do not change which field it is of: 'Est. annual value'."""
_POUNDS = re.compile(r"\((?:gbp|pounds?|[^\w()$€]*)\)|£", re.IGNORECASE)
_MEANT = frozenset(_HEADERS) - {"id", "category", "fictional", "annual value", "months"}
_LONGEST_WORD = 60
_STARTS = ("start", "start date")
"""Headers of the start of a contract, or of the procurement."""
_OTHER_SIGNS = {"$": " dollars ", "€": " euros ", "+": " plus "}
"""Signs that change what an amount is: '(€)', '(+ VAT)'."""


def lot_columns(columns: Sequence[str]) -> dict[str, str]:
    """The column of each field that is known by its header; of several, the usual header.

    >>> lot_columns(["Lot", "Lot title", "Post Code", "Notes"])
    {'title': 'Lot title', 'id': 'Lot', 'postcode': 'Post Code'}
    """
    plain = {column: _plain(column) for column in columns if column.strip()}
    found: dict[str, str] = {}
    for field, headers in _HEADERS.items():
        ranked = [column for header in headers for column in plain if plain[column] == header]
        if field in _ENDINGS:
            more = [column for column in plain if _ENDINGS[field].fullmatch(plain[column])]
            ranked += sorted(more, key=lambda c: (not has_extension(c), "initial" in plain[c]))
        column = next((column for column in ranked if column not in found.values()), None)
        if column is not None:
            found[field] = column
    if plain.get(found.get("day", "")) in _STARTS:
        found.setdefault("starts", found["day"])
    if not found.keys() >= {"starts", "ends"}:
        found = {field: one for field, one in found.items() if field not in ("starts", "ends")}
    return found


def field_meant(word: str) -> str:
    """The field that a word which is no field's name is used for; '' for none.

    An id and a category are not among them: errors and notices have a number and a type too.

    >>> field_meant("budget"), field_meant("cpv_code"), field_meant("type")
    ('value', 'cpv', '')
    """
    field = next(iter(lot_columns([word[:_LONGEST_WORD]])), "")
    return field if field in _MEANT else ""


def has_vat(column: str) -> bool:
    """Whether a header says that its amounts include VAT: "Value (inc. VAT)"."""
    return _WITH_VAT.search(_words(column)) is not None


def has_extension(column: str) -> bool:
    """Whether a header of a length says that its extension is part of it, or counts apart."""
    return re.search(r"\b(?:max|extension|total|overall)", _words(column)) is not None


def fits(columns: Sequence[str]) -> int:
    """How many columns are known by their headers; 0 where none is a title or a description."""
    found = lot_columns(columns)
    return len(found) if found.keys() & {"title", "description"} else 0


def turned_form(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """The columns of a table whose headers stand below each other, as rows; () for another one."""
    if not rows or max(map(fits, rows)) > 1:
        return ()
    columns = list(zip_longest(*rows, fillvalue=""))
    return columns if fits(columns[0]) > 1 else ()


def _plain(header: str) -> str:
    """A header in small letters, without marks, its unit and whether it includes VAT."""
    words = _words(header)
    if words in _HEADERS["value_is_gross"]:
        return words
    about = _WITH_EXTENSION.sub(" ", _words(_POUNDS.sub(" ", header)))
    plain = " ".join(_VAT.sub(" ", about).split())
    plain = plain.replace("post code", "postcode").replace("postal code", "postcode")
    plain = plain if plain in _KNOWN else " ".join(_QUALIFIED.sub(" ", plain).split())
    if not unit_of(header) or plain in _KNOWN:
        return plain
    bare = _plain(without_unit(header))
    is_sum = any(_ENDINGS[field].fullmatch(bare) for field in ("value", "annual value"))
    return bare if is_sum else plain


def _words(text: str) -> str:
    for sign, word in _OTHER_SIGNS.items():
        text = text.replace(sign, word)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("(s)", "s"))
    return " ".join(re.findall(r"[^\W_]+", spaced.casefold()))
