"""What an officer asks for all lots alike, as form fields: purpose, distance, size and limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from api.pages.forms import SubmittedForm, number_in, plain_amount
from matcher.core.errors import BadInput
from matcher.geo.councils import Area, Councils
from matcher.geo.named_areas import require_area
from matcher.law.types import Contract, Purpose
from matcher.ranking.filters import USUAL_KM, Filters, is_uk, kilometres
from matcher.ranking.request import Request

_DEFAULT_DISTANCE = f"{USUAL_KM:g} km"
DEFAULTS = {
    "purpose": "engagement",
    "within": _DEFAULT_DISTANCE,
    "size": "small",
    "kind": "any",
    "limit": "10",
    "reserve": "area",
}
_BOXES_OF_A_LIST = ("with-neighbours", "weak")
"""The tick boxes beside a list; a form has nothing of one that is not ticked."""
_CLEARED = {"within": "", "area": "", "size": "any", "kind": "any"}
"""Filter → the value that its field has without it."""
_NAMES = (
    *("buyer", "purpose", "within", "area", "with-neighbours", "size", "kind", "limit"),
    *(
        "fair",
        "weak",
        "reserve",
        "reserve-area",
        "reserve-neighbours",
        "reserve-sme",
        "reserve-vcse",
    ),
    *("contract", "whole", "procedure"),
)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The fields as text; `errors` says by field what is wrong."""

    fields: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def submitted(cls, form: SubmittedForm) -> Self:
        """The fields of a form."""
        return cls({name: form.text(name) for name in _NAMES})

    @classmethod
    def of(cls, request: Request, buyer: str = "") -> Self:
        """The fields that give this request, except those of a reservation."""
        filters = request.wish
        fields = {
            **DEFAULTS,
            "buyer": buyer,
            "purpose": request.purpose.value,
            "limit": str(request.limit),
            "within": _with_unit(filters.within)
            or (_DEFAULT_DISTANCE if _is_default(filters) else ""),
            "area": "" if is_uk(filters) else filters.area or "",
            "with-neighbours": "yes" if filters.with_neighbours else "",
            "size": "any" if filters.everyone else filters.size or "small",
            "kind": filters.kind or "any",
            "fair": "yes" if request.fair else "",
            "weak": "yes" if request.weak else "",
            "contract": request.contract.value if request.contract else "",
            "whole": "" if request.whole_value is None else f"{request.whole_value:,.0f}",
        }
        return cls(fields)

    def get(self, name: str) -> str:
        """The value of a field, '' if there is none."""
        return self.fields.get(name, "")

    def changed_by(self, form: SubmittedForm) -> Self:
        """The same fields, changed by those of the form beside a list.

        Boxes of it that are not ticked are cleared; what it has no field for stays.
        """
        sent = {name: form.text(name) for name in _NAMES if name in form.data}
        return replace(self, fields={**self.fields, **dict.fromkeys(_BOXES_OF_A_LIST, ""), **sent})

    def filters(self) -> list[tuple[str, str]]:
        """(field, words) of each filter in use."""
        within, area = self.get("within"), self.get("area")
        return [
            *([("within", f"Within {within}")] if within and not area else []),
            *([("area", self._area_words())] if area else []),
            *([("size", "Not large")] if self.get("size") == "small" else []),
            *(
                [("kind", "Only voluntary and social enterprise")]
                if self.get("kind") == "vcse"
                else []
            ),
        ]

    def _area_words(self) -> str:
        near = " and areas that border it" if self.get("with-neighbours") else ""
        return f"In {self.get('area')}{near}"

    def without(self, filter_: str) -> Self:
        """The same fields without one of the filters."""
        cleared = _CLEARED.get(filter_)
        return self if cleared is None else replace(self, fields={**self.fields, filter_: cleared})

    def with_error(self, name: str, message: str) -> Self:
        """The same fields, with this error alone."""
        return replace(self, errors={name: message})

    def checked(self, councils: Councils) -> Self:
        """The same fields with their errors."""
        return replace(self, errors=dict(self._errors(councils)))

    def _errors(self, councils: Councils) -> Iterator[tuple[str, str]]:
        if self.get("purpose") not in set(Purpose):
            yield "purpose", "Select what the lists are for"
        limit = number_in(self.get("limit"))
        if limit is None:
            yield "limit", "Enter how many providers to list, as a number such as 10"
        elif not 1 <= limit <= 100:
            yield "limit", "Enter a number of providers from 1 to 100"
        for name in self._areas():
            error = _area_error(councils, self.get(name), councils.named_in(self.get("buyer")))
            if error:
                yield name, error
        if self.get("purpose") == Purpose.ENGAGEMENT and self.get("within"):
            yield from self._distance_errors()
        if self.get("contract") and self.get("contract") not in set(Contract):
            yield "contract", "Select a kind of contract"
        if self.get("whole") and _pounds(self.get("whole")) is None:
            yield "whole", "Enter the value in pounds, such as 180,000"
        yield from self._reservation_errors()

    def _distance_errors(self) -> Iterator[tuple[str, str]]:
        within = self.get("within")
        try:
            kilometres(within)
        except BadInput:
            yield "within", "Enter a distance such as 20 miles or 30 km, or leave this empty"
        else:
            if _with_unit(within) != within:
                yield "within", f"Enter {within} miles or {within} km"

    def _areas(self) -> Iterator[str]:
        """The names of the fields in use that hold an area."""
        if self.get("purpose") == Purpose.ENGAGEMENT and self.get("area"):
            yield "area"
        reserved = self.get("purpose") == Purpose.RESERVED and self.get("reserve") == "area"
        if reserved and self.get("reserve-area"):
            yield "reserve-area"

    def _reservation_errors(self) -> Iterator[tuple[str, str]]:
        if self.get("purpose") != Purpose.RESERVED:
            return
        by_kind = self.get("reserve-sme") or self.get("reserve-vcse")
        if self.get("reserve") == "area" and not self.get("reserve-area"):
            what = "the council or county that the competition is reserved to"
            shown = self.get("buyer")  # the page has filled it in
            yield "reserve-area", f"Check {what}" if shown else f"Enter {what}"
        if self.get("reserve") not in {"area", "uk"} and not by_kind:
            yield "reserve", "Select what the competition is reserved to"

    def request(self) -> Request:
        """The request for the matcher.  Raises BadInput if the fields give none."""
        contract = Contract(self.get("contract")) if self.get("contract") else None
        return Request(
            purpose=Purpose(self.get("purpose")),
            wish=self._filters(),
            limit=int(self.get("limit")),
            whole_value=_pounds(self.get("whole")),
            contract=contract,
            fair=bool(self.get("fair")) and self.get("purpose") == Purpose.ENGAGEMENT,
            weak=bool(self.get("weak")),
        )

    def _filters(self) -> Filters:
        if self.get("purpose") == Purpose.INVITE:
            return Filters()
        if self.get("purpose") == Purpose.RESERVED:
            return self._reservation()
        area, within = self.get("area"), self.get("within")
        size, kind = self.get("size") or "any", self.get("kind") or "any"
        if not area and not within and size == "any" and kind == "any":
            return Filters(everyone=True)
        default = bool(within) and kilometres(within) == USUAL_KM
        return Filters(
            within=None if area or default else within or None,
            area=area or (None if within else "uk"),
            with_neighbours=bool(area and self.get("with-neighbours")),
            size=size,
            kind=kind,
        )

    def _reservation(self) -> Filters:
        by_area = self.get("reserve") == "area"
        uk = "uk" if self.get("reserve") == "uk" else None
        return Filters(
            area=self.get("reserve-area") if by_area else uk,
            with_neighbours=by_area and bool(self.get("reserve-neighbours")),
            size="small" if self.get("reserve-sme") else None,
            kind="vcse" if self.get("reserve-vcse") else None,
        )


def _area_error(councils: Councils, area: str, buyer: Area | None) -> str:
    if area.lower() in {"uk", "united kingdom"}:
        return ""
    try:
        require_area(area, councils, [buyer.councils] if buyer else ())
    except BadInput as error:
        message = str(error).removeprefix("area ")
        return message[:1].upper() + message[1:]
    return ""


def _pounds(text: str) -> float | None:
    plain = plain_amount(text)
    return float(plain) if re.fullmatch(r"\d{1,12}(\.\d{1,2})?", plain, re.ASCII) else None


def _with_unit(within: str | None) -> str:
    """A distance with its unit; a number alone, as the API takes it, is in kilometres."""
    return f"{within} km" if within and within[-1].isdigit() else within or ""


def _is_default(filters: Filters) -> bool:
    """Whether the filters name no place, so that the usual distance applies."""
    return not (filters.within or filters.area or filters.everyone)
