"""Lots and what is asked for them, as fields that an officer corrects."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from api.pages.forms import SubmittedForm
from matcher.core.errors import BadInput, BadLot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import area_named
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import USUAL_KM, Filters, kilometres
from matcher.ranking.request import Request
from matcher.sources.documents.lot_extraction import ExtractedLot
from matcher.sources.notices.single_lot import single_lot

MOST_LOTS = 100
HIDDEN = ("id", "buyer_id", "buyer_kind", "buyer_postcode", "category", "day", "years")
"""What a notice said of a lot that is carried along and not shown."""
_SHOWN = ("title", "description", "cpv", "place", "value")
_OWN = {"place": "postcode", "gross": "value_is_gross"}
_NUMBERED = re.compile(r"lot-(\d{1,3})-title")


@dataclass(frozen=True, slots=True)
class LotForm:
    """One lot as it stands in its fields; `errors` is field → what is wrong with it."""

    fields: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, found: ExtractedLot, councils: Councils) -> Self:
        """A lot that was found in a document; an area by its name, however it was written."""
        lot = found.lot
        area = area_named(lot.area, councils) if lot.area else None
        value = "" if lot.value is None else f"{lot.value:,.2f}".removesuffix(".00")
        shown = {
            "title": lot.title,
            "description": lot.description,
            "cpv": ", ".join(lot.cpv),
            "place": lot.postcode or (area.name if area else lot.area),
            "value": value,
            "gross": "yes" if lot.value_is_gross else "",
        }
        carried = {name: _plain(getattr(lot, name)) for name in HIDDEN}
        return cls(shown | carried, found.notes)

    def get(self, name: str) -> str:
        """What a field says."""
        return self.fields.get(name, "")

    def given(self, councils: Councils, buyer: str) -> dict[str, object]:
        """The lot as the desk takes it; what cannot be used is left to `checked`."""
        place = self.get("place")
        postcode = tidy_postcode(place)
        said: dict[str, object] = {name: self.get(name) for name in (*HIDDEN, *_SHOWN)}
        said |= {"postcode": postcode, "area": "" if postcode else place, "buyer": buyer}
        said |= {"value": re.sub(r"[£\s,]", "", self.get("value")) or None}
        said |= {"value_is_gross": bool(self.get("gross"))}
        del said["place"]
        return {name: value for name, value in said.items() if value not in ("", None)}

    def checked(self, councils: Councils, buyer: str) -> Self:
        """The same with what is wrong in it, field by field."""
        given = self.given(councils, buyer)
        errors = {}
        if not (self.get("title") or self.get("description")):
            errors["title"] = "Give the lot a title or say what is wanted"
        for name in ("title", "description", "cpv", "value"):
            if wrong := _wrong(name, given):
                errors[name] = wrong
        place = self.get("place")
        if given.get("area") and area_named(place, councils) is None:
            near = " or ".join(councils.suggest(place))
            errors["place"] = f"“{place}” is not a postcode, council, county or region" + (
                f". Did you mean {near}?" if near else ". Give one, or leave this empty"
            )
        return replace(self, errors=errors)


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _wrong(name: str, given: Mapping[str, object]) -> str:
    """What is wrong with one field of a lot, '' where nothing is."""
    if name not in given:
        return ""
    try:
        single_lot({"title": "-", name: given[name]}, "-")
    except BadLot as wrong:
        said = str(wrong).removeprefix(f"{name}: ")
        return said[:1].upper() + said[1:]
    return ""


def lots_sent(form: SubmittedForm) -> list[LotForm]:
    """The lots of a form, in order."""
    numbers = sorted({int(m[1]) for name in form.data if (m := _NUMBERED.fullmatch(name))})
    names = (*_SHOWN, "gross", *HIDDEN)
    return [
        LotForm(
            {name: form.text(f"lot-{number}-{name}") for name in names},
            tuple(form.all(f"lot-{number}-note")),
        )
        for number in numbers[:MOST_LOTS]
    ]


USUAL_WITHIN = f"{USUAL_KM:g} km"
USUAL = {
    "purpose": "engagement",
    "within": USUAL_WITHIN,
    "size": "small",
    "kind": "any",
    "limit": "10",
    "reserve": "area",
}


@dataclass(frozen=True, slots=True)
class AskForm:
    """What is asked for all lots alike, as it stands in its fields."""

    fields: Mapping[str, str] = field(default_factory=lambda: dict(USUAL))
    errors: Mapping[str, str] = field(default_factory=dict)

    NAMES = (
        *("buyer", "purpose", "within", "area", "with-neighbours", "size", "kind", "limit"),
        *("fair", "reserve", "reserve-area", "reserve-neighbours", "reserve-sme", "reserve-vcse"),
        *("contract", "whole", "procedure"),
    )

    @classmethod
    def sent(cls, form: SubmittedForm) -> Self:
        """As a form says it."""
        return cls({name: form.text(name) for name in cls.NAMES})

    def get(self, name: str) -> str:
        """What a field says."""
        return self.fields.get(name, "")

    def checked(self, councils: Councils) -> Self:
        """The same with what is wrong in it, field by field."""
        return replace(self, errors=dict(self._errors(councils)))

    def _errors(self, councils: Councils) -> Iterator[tuple[str, str]]:
        if self.get("purpose") not in {each.value for each in Purpose}:
            yield "purpose", "Choose what the shortlist is for"
        if not self.get("limit").isascii() or not self.get("limit").isdigit():
            yield "limit", "Give how many providers to list, as a number such as 10"
        elif not 1 <= int(self.get("limit")) <= 100:
            yield "limit", "List from 1 to 100 providers"
        for name in self._areas():
            wrong = _wrong_area(councils, self.get(name))
            if wrong:
                yield name, wrong
        if self.get("purpose") == Purpose.ENGAGEMENT and self.get("within"):
            try:
                kilometres(self.get("within"))
            except BadInput:
                yield "within", "Give a distance such as 20 miles or 30km, or leave it empty"
        if self.get("contract") and self.get("contract") not in {each.value for each in Contract}:
            yield "contract", "Choose a kind of contract"
        if self.get("whole") and _pounds(self.get("whole")) is None:
            yield "whole", "Give the value in pounds, such as 180,000"
        yield from self._reservation()

    def _areas(self) -> Iterator[str]:
        if self.get("purpose") == Purpose.ENGAGEMENT and self.get("area"):
            yield "area"
        reserved = self.get("purpose") == Purpose.RESERVED and self.get("reserve") == "area"
        if reserved and self.get("reserve-area"):
            yield "reserve-area"

    def _reservation(self) -> Iterator[tuple[str, str]]:
        if self.get("purpose") != Purpose.RESERVED:
            return
        sort = self.get("reserve-sme") or self.get("reserve-vcse")
        if self.get("reserve") == "area" and not self.get("reserve-area"):
            yield "reserve-area", "Give the council or county that the competition is reserved to"
        if self.get("reserve") not in {"area", "uk"} and not sort:
            yield "reserve", "Choose what the competition is reserved to"

    def request(self) -> Request:
        """The same in the matcher's words.  Raises BadInput for what cannot be."""
        contract = Contract(self.get("contract")) if self.get("contract") else None
        return Request(
            purpose=Purpose(self.get("purpose")),
            wish=self._wish(),
            limit=int(self.get("limit")),
            whole_value=_pounds(self.get("whole")),
            contract=contract,
            fair=bool(self.get("fair")) and self.get("purpose") == Purpose.ENGAGEMENT,
        )

    def _wish(self) -> Filters:
        if self.get("purpose") == Purpose.INVITE:
            return Filters()
        if self.get("purpose") == Purpose.RESERVED:
            return self._reserved()
        area, within = self.get("area"), self.get("within")
        size, kind = self.get("size") or "any", self.get("kind") or "any"
        if not area and not within and size == "any" and kind == "any":
            return Filters(everyone=True)
        near = bool(within) and kilometres(within) == USUAL_KM
        return Filters(
            within=None if area or near else within or None,
            area=area or (None if within else "uk"),
            with_neighbours=bool(area and self.get("with-neighbours")),
            size=size,
            kind=kind,
        )

    def _reserved(self) -> Filters:
        by_area = self.get("reserve") == "area"
        uk = "uk" if self.get("reserve") == "uk" else None
        return Filters(
            area=self.get("reserve-area") if by_area else uk,
            with_neighbours=by_area and bool(self.get("reserve-neighbours")),
            size="small" if self.get("reserve-sme") else None,
            kind="vcse" if self.get("reserve-vcse") else None,
        )


def ask_of(request: Request, buyer: str = "") -> AskForm:
    """The fields that a request came from, as far as they can be told."""
    wish = request.wish
    fields = {
        **USUAL,
        "buyer": buyer,
        "purpose": request.purpose.value,
        "limit": str(request.limit),
        "within": wish.within or (USUAL_WITHIN if _is_near(wish) else ""),
        "area": wish.area or "",
        "with-neighbours": "yes" if wish.with_neighbours else "",
        "size": "any" if wish.everyone else wish.size or "small",
        "kind": wish.kind or "any",
        "fair": "yes" if request.fair else "",
        "contract": request.contract.value if request.contract else "",
        "whole": "" if request.whole_value is None else f"{request.whole_value:,.0f}",
    }
    return AskForm(fields)


def _wrong_area(councils: Councils, area: str) -> str:
    if area.lower() in {"uk", "united kingdom"}:
        return ""
    try:
        councils.require(area)
    except BadInput as wrong:
        said = str(wrong).removeprefix("area ")
        return said[:1].upper() + said[1:]
    return ""


def _pounds(said: str) -> float | None:
    plain = re.sub(r"[£\s,]", "", said)
    return float(plain) if re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain, re.ASCII) else None


def _is_near(wish: Filters) -> bool:
    """Whether a wish is for whoever is near, as an engagement list is where it says nothing."""
    return not (wish.within or wish.area or wish.everyone)
