"""Lots as form fields that an officer corrects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from api.pages.forms import SubmittedForm, plain_amount
from matcher.core.errors import BadLot
from matcher.core.identifiers import id_in_notice
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.named_areas import near_misses, places_named, unknown_areas
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.typed_places import PlaceCheck
from matcher.law.types import Purpose
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.notices.single_lot import single_lot

MOST_LOTS = 100
HIDDEN = ("id", "buyer_id", "buyer_kind", "buyer_postcode", "category", "day", "years")
"""Fields of a lot that the form carries along without showing them."""
_SHOWN = ("title", "description", "cpv", "place", "value")
_FORM_NAMES = {"postcode": "place", "area": "place"}
_LOT_WORD = re.compile(r"^lot[-_ ]*0*", re.IGNORECASE)
_NUMBERED = re.compile(r"lot-(\d{1,3})-title")


@dataclass(frozen=True, slots=True)
class LotForm:
    """The fields of one lot as text; `errors` says by field what is wrong."""

    fields: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, extracted: ExtractedLot, councils: Councils) -> Self:
        """The form of a lot found in a document, with what could not be read as it is written."""
        form, notes = cls.of_lot(extracted.lot, councils), extracted.notes
        unread = {_FORM_NAMES.get(name, name): cell for name, cell in extracted.unread.items()}
        shown = {name: cell for name, cell in unread.items() if name in _SHOWN}
        return replace(form, fields={**form.fields, **shown}, notes=notes)

    @classmethod
    def of_lot(cls, lot: Lot, councils: Councils) -> Self:
        """The form of a lot, without notes. An area gets its official name."""
        named = places_named(lot.area, councils) if lot.area else ()
        area = named[0].area if len(named) == 1 and named[0].town is None else None
        amount = lot.value if lot.value_if_whole is None else lot.value_if_whole
        value = "" if amount is None else f"{amount:,.2f}".removesuffix(".00")
        shown = {
            "title": lot.title,
            "description": lot.description,
            "cpv": ", ".join(lot.cpv),
            "place": lot.postcode or (area.name if area else lot.area),
            "value": value,
            "gross": "yes" if lot.value_is_gross else "",
            "asked": "" if lot.value_if_whole is None else "yes",
        }
        hidden = {name: _text(getattr(lot, name)) for name in HIDDEN}
        return cls(shown | hidden)

    @property
    def number(self) -> str:
        """The number of the lot in its document, '' where it has none."""
        id_ = self.get("id")
        return _LOT_WORD.sub("", id_in_notice(id_)) if "#" in id_ else ""

    def get(self, name: str) -> str:
        """The value of a field, '' if there is none."""
        return self.fields.get(name, "")

    @property
    def is_at_buyer(self) -> bool:
        """Whether its place is the buyer's own postcode, which a town in its text comes before."""
        own = tidy_postcode(self.get("buyer_postcode"))
        return bool(own) and own == tidy_postcode(self.get("place"))

    def with_code(self, code: str) -> Self:
        """The same form with a CPV code added."""
        codes = ", ".join(filter(None, (self.get("cpv"), code)))
        return replace(self, fields={**self.fields, "cpv": codes})

    def as_input(self, buyer: str) -> dict[str, object]:
        """The lot as the service takes it, without empty fields. It is not checked.

        Where the work is `here`, at the buyer's own postcode, the postcode is only the lot's.
        """
        place = self.get("place")
        postcode = tidy_postcode(place)
        fields: dict[str, object] = {name: self.get(name) for name in (*HIDDEN, *_SHOWN)}
        fields |= {"postcode": postcode, "area": "" if postcode else place, "buyer": buyer}
        fields |= {"value": plain_amount(self.get("value"))}
        fields |= {"value_is_gross": bool(self.get("gross"))}
        if self.get("here") and self.is_at_buyer:
            del fields["buyer_postcode"]
        if self.get("asked"):
            fields["value_period"] = self.get("period") or "unclear"
        del fields["place"]
        return {name: value for name, value in fields.items() if value not in ("", None)}

    def checked(self, places: PlaceCheck, buyer: str, purpose: str = "") -> Self:
        """The same form with its errors for a list for `purpose`."""
        fields = self.as_input(buyer)
        errors = {}
        if not (self.get("title") or self.get("description")):
            errors["title"] = "Enter a title, or say what is needed"
        for name in ("title", "description", "cpv", "value"):
            if error := _error(name, fields):
                errors[name] = error
        place = self.get("place")
        unknown = unknown_areas(place, places.councils) if fields.get("area") else ()
        if unknown:
            near = " or ".join(near_misses(unknown[0], places.councils))
            errors["place"] = (
                f"“{unknown[0]}” is not a postcode, council, county, region, town or village"
            ) + (f". Did you mean {near}?" if near else ". Enter one, or leave this empty")
        elif (
            problem := places.postcode(place)
            if "postcode" in fields
            else places.namesakes(place, buyer, self.get("buyer_postcode"))
        ):
            errors["place"] = problem[:1].upper() + problem[1:]
        asks = self.get("asked") and purpose in (Purpose.INVITE, Purpose.RESERVED)
        if asks and self.get("value") and self.get("period") not in ("year", "whole"):
            errors["period"] = "Select whether the value is for a year or for the whole contract"
        return replace(self, errors=errors)


def _text(value: object) -> str:
    if isinstance(value, float):
        return str(value).removesuffix(".0")
    return "" if value is None else str(value)


def _error(name: str, fields: Mapping[str, object]) -> str:
    """What is wrong with one field of a lot, '' if nothing is."""
    if name not in fields:
        return ""
    try:
        single_lot({"title": "-", name: fields[name]}, "-")
    except BadLot as error:
        message = str(error).removeprefix(f"{name}: ")
        return message[:1].upper() + message[1:]
    return ""


def notes_of_all(lots: Sequence[LotForm]) -> list[str]:
    """What was found in a document and is true of each of its lots.

    A lot without an id was added by hand, and is not in the document.
    """
    noted = [lot.notes for lot in lots if lot.get("id")]
    return [note for note in noted[0] if all(note in own for own in noted)] if noted[1:] else []


def submitted_lots(form: SubmittedForm) -> list[LotForm]:
    """The lots of a form, in order."""
    numbers = sorted({int(m[1]) for name in form.data if (m := _NUMBERED.fullmatch(name))})
    names = (*_SHOWN, "here", "gross", "asked", "period", *HIDDEN)
    return [
        LotForm(
            {name: form.text(f"lot-{number}-{name}") for name in names},
            tuple(form.all(f"lot-{number}-note")),
        )
        for number in numbers[:MOST_LOTS]
    ]
