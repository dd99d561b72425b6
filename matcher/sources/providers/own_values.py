"""Reads the cells of a row of your own table that need a certain form, and counts those without.

Such a cell is left out, and its row is kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from matcher.core import org_ids
from matcher.core.cell_words import answer
from matcher.core.types import CAUTIONS, FICTIONAL, Kind, Size, Source, Status, Tally
from matcher.core.web_addresses import web_address
from matcher.geo.councils import Councils
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.sources.formats.days import days_in
from matcher.sources.formats.statuses import cautions_in, is_understood
from matcher.sources.formats.tables import BAD_NUMBER, NO_POSTCODE, distinct, pounds, size_of_income
from matcher.sources.providers.own_cells import (
    is_half_postcode,
    numbers,
    postcodes,
    status,
    status_beside,
    tells_whether_ended,
)
from matcher.sources.providers.own_rows import OwnRow

_KINDS = {kind.value.replace("-", " "): kind for kind in Kind} | {
    "community interest company": Kind.CIC,
    **dict.fromkeys(("coop", "cooperative", "co operative"), Kind.COOP),
    **dict.fromkeys(("social enterprise", "voluntary group"), Kind.COMMUNITY),
    **dict.fromkeys(("cio", "scio", "charitable incorporated organisation"), Kind.CHARITY),
    **dict.fromkeys(("limited company", "ltd company", "company limited by shares"), Kind.COMPANY),
    "council": Kind.PUBLIC,
    **{"elusen": Kind.CHARITY, "elusen gofrestredig": Kind.CHARITY, "cwmni": Kind.COMPANY},
    **{"cwmni cyfyngedig": Kind.COMPANY, "cyngor": Kind.PUBLIC, "unig fasnachwr": Kind.SOLE_TRADER},
    **dict.fromkeys(("grŵp cymunedol", "menter gymdeithasol"), Kind.COMMUNITY),
    **dict.fromkeys(("cwmni buddiannau cymunedol", "cwmni buddiant cymunedol"), Kind.CIC),
}
_KIND_WORDS = tuple(
    (kind, re.compile(rf"\b(?:{words})\b"))
    for kind, words in {
        Kind.CHARITY: "charit(?:y|able|ies)|s?cio",
        Kind.CIC: "cic|community interest company",
        Kind.COOP: "co operative|cooperative|co op",
        Kind.PUBLIC: "(?:council|local authority|public (?:body|sector))s?$",
        Kind.SOLE_TRADER: "sole trader|self employed",
        Kind.COMPANY: "company|limited|ltd|plc|clg|llp",
        Kind.COMMUNITY: "un ?incorporated|vcse|vcs|social enterprise|(?:voluntary|community)"
        r"(?:$|\W.{0,40}\b(?:group|organi[sz]ation|association|club|society|enterprise|sector)s?)",
    }.items()
)
"""Words of a longer text for each kind; the first that has one counts."""
_NOT_ITSELF = re.compile(
    r"\b(?:not|non|no|without|unregistered|of|to|for|by(?! guarantee))"
    r"(?: (?:an?|the|any|registered|local))* \w+|\b\w+ owned\b(?! by)"
)
"""What an organisation is said not to be, or whose it is: 'arm of a charity', 'council owned'."""
_NO_KIND = {"", "other", "supplier", "provider", "organisation"}
_YOUR_TABLE = CAUTIONS[2]
_SIZES = {size.value: size for size in Size} | {"major": Size.LARGE}
_OF_SIZE = re.compile(r"[ -](?:sized?|business|company|enterprise|organi[sz]ation|provider)")
"""What may follow the word for a size: 'medium-sized business'."""
_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,80}[)\]]")
_AREA_CODE = re.compile(r"([EWSNK]\d{8})\b.*")
_BETWEEN_AREAS, _AND = re.compile(r"[,/|\n]"), re.compile(r"(?i)&|\+|\band\b")
_AREA_TYPE = re.compile(r"(?i)^(local authority|region|country):\s*")
_BETWEEN_ADDRESSES, _ADDRESS = re.compile(r"[\s;,|]+"), re.compile(r"(?i)https?://|www\.")
_LAST_YEAR = 2199
_SHORTENED = "id that a spreadsheet shortened, as 1.15E+06 (its rows are kept without it)"


@dataclass(frozen=True, slots=True)
class RowValues:
    """The values of a row; each is counted in `tally` where a cell of it cannot be read."""

    row: OwnRow
    tally: Tally

    def kind(self) -> tuple[Kind, Sequence[str]]:
        """The kind of organisation; where it is another one, its words are a label."""
        text = self.row.first("kind").lower()
        plain = " ".join(_IN_BRACKETS.sub("", text).replace("-", " ").replace(".", "").split())
        known = _KINDS.get(plain.removeprefix("registered ").removesuffix("s"), _KINDS.get(plain))
        if known is None:
            said = _NOT_ITSELF.sub("", plain).strip()
            found = [kind for kind, words in _KIND_WORDS if words.search(said)]
            is_open = " or " in said and len({kind.vcse for kind in found}) > 1
            known = None if is_open else next(iter(found), None)
        if known or plain in _NO_KIND:
            return known or Kind.UNKNOWN, ()
        self._drop("kind of organisation that is not known (a label; its rows are kept)")
        return Kind.UNKNOWN, (text,)

    def income_and_size(self) -> tuple[float | None, Size]:
        """The income, and the size by it; the size in the row where there is no income."""
        income = pounds("; ".join(self.row.all("income")), self.tally, self.row.where)
        text = " ".join(_IN_BRACKETS.sub(" ", self.row.first("size").lower()).split())
        size = _SIZES.get(_OF_SIZE.sub("", text))
        if text and size is None:
            self._drop(
                "size other than micro, small, medium and large (its rows are kept without it)"
            )
        if income is None:
            return None, size or Size.UNKNOWN
        by_income = size_of_income(income)
        if size not in (None, Size.UNKNOWN, by_income):
            self._drop("size other than that of the income (its rows are kept with the income)")
        return income, by_income

    def status(self, name: str) -> tuple[Status, Iterator[str]]:
        """The status by every cell about it and by the name, and cautions as labels."""
        row = self.row
        for meaning, reason, is_read in _ABOUT_STATUS:
            if not all(map(is_read, row.all(meaning))):
                self._drop(reason)
        told = [*row.all("status"), status_beside(name)]
        cautions = (caution for text in row.all("status") for caution in cautions_in(text))
        labels = (f"{caution}{_YOUR_TABLE}" for caution in cautions)
        return status(told, row.all("active"), row.all("ended")), labels

    def postcodes(self) -> list[str]:
        """The postcodes of the row's own places."""
        cells = self.row.all("postcode")
        found = postcodes(cells, self.row.beside, self.row.all("address"))
        whole = cells if not found else [one for one in cells if not is_half_postcode(one)]
        if not all(map(tidy_postcode, whole)):
            self._drop(NO_POSTCODE)
        return found

    def areas(self) -> tuple[str, ...]:
        """The areas where it works, by code or by name."""
        found = distinct(one for text in self.row.all("areas") for one in _areas(text))
        if not all(map(Councils.open().find, found)):
            self._drop("area that is not one of the United Kingdom (its rows are kept)")
        return found

    def website(self) -> str:
        """Its web address as it is written; the first of several."""
        text = self.row.first("website")
        parts = (part for part in _BETWEEN_ADDRESSES.split(text) if _ADDRESS.match(part))
        address = next((part for part in (text, *parts) if web_address(part)), "")
        if text and not address:
            self._drop("website that is not a web address (its rows are kept without it)")
        return address

    def source(self, table: Source) -> Source:
        """The source of the row: its table, unless the row says more."""
        row = self.row
        written, licence, made_up = map(row.first, ("source_date", "licence", "fictional"))
        days = days_in(written) if written else None
        day = days[0] if days and days[0].year <= _LAST_YEAR else None
        if written and day is None:
            self._drop("date of a row that is not a date (its rows are kept without it)")
        if made_up and not answer(made_up):
            self._drop("answer that is not yes or no (its rows are kept without it)")
        suffix = FICTIONAL if answer(made_up) == "yes" else ""
        if not (day or licence or suffix):
            return table
        return Source(table.name + suffix, day or table.day, licence)

    def numbers(self) -> tuple[str, ...]:
        """The org-ids of the other numbers of the row, without its main id."""
        main_id, row = org_ids.tidy(self.row.first("id")), self.row

        def bad() -> None:
            self._drop(BAD_NUMBER)

        found = distinct(
            [
                *self.ids("ids"),
                *numbers(row.all("company_number"), org_ids.company, bad),
                *numbers(row.all("charity_number"), org_ids.charity, bad),
            ]
        )
        return tuple(org_id for org_id in found if org_id != main_id)

    def ids(self, meaning: str) -> Iterator[str]:
        """The ids of a meaning; one whose digits are lost may be that of many, and is left out."""
        for written in self.row.all(meaning):
            if org_ids.is_shortened(written):
                self._drop(_SHORTENED)
            elif org_id := org_ids.tidy(written):
                yield org_id
            else:
                self._drop("id whose number is not valid (its rows are kept without it)")

    def _drop(self, reason: str) -> None:
        self.tally.drop(reason, self.row.where)


def _says_whether_active(text: str) -> bool:
    return bool(answer(text)) or is_understood(text)


_ABOUT_STATUS: Sequence[tuple[str, str, Callable[[str], bool]]] = (
    ("status", "status that is not understood (its rows are kept without it)", is_understood),
    ("active", "answer that is not yes or no (its rows are kept without it)", _says_whether_active),
    (
        "ended",
        "end that is not a day or yes or no (its rows are kept without it)",
        tells_whether_ended,
    ),
)
"""What cells tell the status, what to say where one cannot be read, and what can read it."""


def _areas(text: str) -> Sequence[str]:
    """The areas of a cell: with marks or "and" between several, where each is known.

    Of a place and what it lies in, "Walsall, West Midlands", it is the place.
    """
    find, pieces = Councils.open().find, filter(None, map(str.strip, _BETWEEN_AREAS.split(text)))
    parts = [part for piece in pieces for part in _with_and(piece)]
    found = [area for area in map(find, parts) if area]
    if len(parts) < 2 or len(found) < len(parts):
        return [_area(text)]
    if len({area.code for area in found}) == 1:  # Bournemouth, Christchurch and Poole
        return [_area(text)] if find(_area(text)) else parts[:1]
    if len(found) == 2 and found[0].councils < found[1].councils:
        return parts[:1]
    return parts


def _with_and(text: str) -> Sequence[str]:
    """An area, which may have "and" in its name; otherwise those on both sides of it."""
    find, area = Councils.open().find, _area(text)
    return [area] if find(area) else [_area(part) for part in _AND.split(text)]


def _area(text: str) -> str:
    """`E08000009 Trafford` as its code; `Local Authority: Kent` as its name."""
    match = _AREA_CODE.fullmatch(text)
    return match[1] if match else _AREA_TYPE.sub("", text.strip())
