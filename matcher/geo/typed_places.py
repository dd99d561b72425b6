"""Checks the places that a person typed: an area or a postcode that does not exist is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.core.errors import BadLot
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import place_of
from matcher.geo.named_areas import no_place, unknown_areas
from matcher.geo.postcode_parsing import tidy_postcode
from matcher.geo.postcodes import PostcodeTable


@dataclass(frozen=True, slots=True)
class PlaceCheck:
    """Says what is wrong with the places of a lot that a person typed.

    Not for the lots of a published notice: its area may be 'Any region', and is then not used.
    The buyer's own postcode may be too new for the table, and is not checked.
    """

    councils: Councils
    postcodes: PostcodeTable

    def __call__(self, lot: Lot) -> None:
        """Raise BadLot, naming the field, for a place of `lot` that does not exist."""
        self.check({"postcode": lot.postcode, "area": lot.area})
        self._check_namesakes(lot)

    def check(self, fields: Mapping[str, str]) -> None:
        """Raise BadLot for the first field, by name, whose place does not exist."""
        for field, value in fields.items():
            problem = self.area(value) if field.endswith("area") else self.postcode(value)
            if problem:
                raise BadLot(f"{field}: {problem}")

    def area(self, text: str) -> str:
        """What is wrong with an area or a list of areas, and what would be right; '' if nothing."""
        unknown = unknown_areas(text, self.councils) if text.strip() else ()
        if not unknown:
            return ""
        if postcode := tidy_postcode(unknown[0]):
            return f"{unknown[0]!r} is a postcode: give postcode {postcode} instead of an area"
        return no_place(unknown[0], self.councils)

    def namesakes(self, area: str, buyer: str, buyer_postcode: str) -> str:
        """What to say of an area that may be several places, if its buyer does not tell which."""
        lot = Lot("", "", "", area=area, buyer=buyer, buyer_postcode=buyer_postcode)
        return next(iter(place_of(lot, self.postcodes, self.councils).unclear), "")

    def _check_namesakes(self, lot: Lot) -> None:
        if lot.area and (unclear := place_of(lot, self.postcodes, self.councils).unclear):
            raise BadLot(f"area: {unclear[0]}")

    def postcode(self, text: str) -> str:
        """What is wrong with a postcode, and what would be right; '' if nothing."""
        if not text.strip() or self.postcodes.find(text) is not None:
            return ""
        near = " or ".join(self.postcodes.similar_districts(text))
        return f"{text!r} is not a postcode that exists: " + (
            f"check it; its district may be {near}" if near else "give one such as WS1 1TP"
        )
