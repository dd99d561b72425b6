"""Describe what is needed: paste or upload it, then correct the lots that were found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import Form
from api.pages.lot_form import HIDDEN, MOST_LOTS, LotForm, submitted_lots
from api.pages.search_form import DEFAULTS, SearchForm
from api.pages.splits import compare_ways
from api.pages.templating import page, redirect
from api.service.services import Services
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.formatting import series
from matcher.law.types import Contract
from matcher.ranking.batch import Refusal
from matcher.ranking.shortlist import CpvSuggestion
from matcher.sources.documents.lot_extraction import ExtractedLot
from matcher.sources.documents.reader import KINDS, LARGEST_FILE, check_size
from matcher.sources.documents.sandbox import read_in_sandbox, read_text_in_sandbox
from matcher.sources.notices.single_lot import single_lot

router = APIRouter()
_ACCEPT = re.compile(r"cpv-(\d{1,3})-(\d{8})", re.ASCII)
"""The value of the button that accepts a suggested code for a lot."""


@router.get("/")
def specification(request: Request) -> Response:
    """The first page: what is needed?"""
    return _specification(request)


def _specification(
    request: Request, *, text: str = "", errors: Mapping[str, str] | None = None
) -> Response:
    return page(
        request,
        "specification.html",
        status=422 if errors else 200,
        text=text,
        errors=errors or {},
        file_types=", ".join(KINDS),
        megabytes=LARGEST_FILE // 1_000_000,
    )


@router.post("/need")
def read(request: Request, form: Form, services: AppServices) -> Response:
    """Show the lots found in the pasted text or the uploaded file."""
    text, upload = form.text("text"), form.file("file")
    if not text and upload is None:
        errors = {"text": "Paste what you need, or choose a file"}
        return _specification(request, errors=errors)
    try:
        found = _read_file(upload) if upload else read_text_in_sandbox(text, "What you pasted")
    except BadInput as error:
        field = "file" if upload else "text"
        return _specification(request, text=text, errors={field: str(error)})
    councils = services.matcher.register.councils
    buyer = next((extracted.lot.buyer for extracted in found if extracted.lot.buyer), "")
    lots = [LotForm.of(extracted, councils) for extracted in found]
    whole = max(extracted.whole.with_vat(services.matcher.rulebook.vat) for extracted in found)
    stated = f"{whole:,.0f}" if whole and len(found) > 1 else ""
    return _lots(request, services, lots, SearchForm({**DEFAULTS, "buyer": buyer, "whole": stated}))


def _read_file(upload: Any) -> list[ExtractedLot]:  # noqa: ANN401 - Starlette's upload
    name = _plain_name(upload.filename)
    check_size(upload.size or 0, name)
    upload.file.seek(0)
    return read_in_sandbox(upload.file.read(), name)


def _plain_name(name: str) -> str:
    """The last 100 characters of a file's name, without folders or invisible characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c if c.isprintable() else " " for c in last).strip()
    return plain[-100:] or "file"


@dataclass(frozen=True, slots=True)
class LotRefusal:
    """Why one or more lots got no list; `field` is the id of the field to correct."""

    field: str
    message: str
    offer: str


def _refusals(refused: Mapping[int, Refusal], total: int) -> Iterator[LotRefusal]:
    """The refusals of lots by their index, with equal ones told once."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for index, refusal in refused.items():
        offer = "" if refusal.offer in refusal.message else refusal.offer
        groups.setdefault((refusal.message, refusal.rule, offer), []).append(index)
    for (message, rule, offer), indexes in groups.items():
        numbers = series(str(index + 1) for index in indexes)
        one = len(indexes) == 1
        which = f"Lot {numbers}" if one else f"Lots {numbers}"
        who = f"{which} got no list" if one or len(indexes) < total else "No lot got a list"
        cited = f" ({rule})" if rule else ""
        field = f"lot-{indexes[0]}" if one else "purpose"
        yield LotRefusal(field, f"{who}: {message}{cited}", offer)


def _lots(
    request: Request,
    services: Services,
    lots: Sequence[LotForm],
    search: SearchForm,
    refused: Mapping[int, Refusal] | None = None,
    answered: Sequence[str] = (),
) -> Response:
    """The form of the lots. `answered` holds the ids of the lists that were made."""
    has_errors = bool(refused or search.errors or any(lot.errors for lot in lots))
    return page(
        request,
        "lots.html",
        status=422 if has_errors else 200,
        lots=lots,
        search=search,
        refusals=list(_refusals(refused or {}, len(lots))),
        answered=answered,
        purposes={row["purpose"]: row for row in _rows(services.register.rules()["purposes"])},
        has_errors=has_errors,
        contracts=[contract.value for contract in Contract],
        fair_share=any(ranker.fairness for ranker in services.matcher.bundle.rankers.values()),
        rule_packs=services.context.procedures,
        hidden_fields=HIDDEN,
        suggested=[_suggested_codes(services, lot, search.get("buyer")) for lot in lots],
    )


def _suggested_codes(services: Services, lot: LotForm, buyer: str) -> tuple[CpvSuggestion, ...]:
    """CPV codes for a lot that has none, from similar past awards."""
    matcher = services.matcher
    if lot.get("cpv") or not (lot.get("title") or lot.get("description")):
        return ()
    try:
        fields = lot.as_input(matcher.register.councils, buyer)
        return matcher.code_votes(single_lot(fields, "lot")).suggestions()
    except BadLot:
        return ()


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


@router.post("/lots")
def submit(request: Request, form: Form, services: AppServices) -> Response:
    """Make the shortlists, compare ways to split, or add or remove a lot."""
    lots, search = submitted_lots(form), SearchForm.submitted(form)
    do = form.text("do") or "ask"
    if do == "add" and len(lots) < MOST_LOTS:
        return _lots(request, services, [*lots, LotForm()], search)
    if do.startswith("remove-") and do[7:].isdecimal() and len(lots) > 1:
        rest = [lot for index, lot in enumerate(lots) if index != int(do[7:])]
        return _lots(request, services, rest, search)
    if accepted := _ACCEPT.fullmatch(do):
        with_code = [
            lot.with_code(accepted[2]) if index == int(accepted[1]) else lot
            for index, lot in enumerate(lots)
        ]
        return _lots(request, services, with_code, search)
    lots, search = _checked(services, lots or [LotForm()], search)
    if search.errors or any(lot.errors for lot in lots):
        return _lots(request, services, lots, search)
    if do == "splits":
        return _compare_ways(request, services, lots, search)
    return _ask(request, services, lots, search)


def _checked(
    services: Services, lots: Sequence[LotForm], search: SearchForm
) -> tuple[list[LotForm], SearchForm]:
    """The same forms, with the errors in each."""
    places, buyer = services.matcher.place_check, search.get("buyer")
    return [lot.checked(places, buyer) for lot in lots], search.checked(places.councils)


def _compare_ways(
    request: Request, services: Services, lots: Sequence[LotForm], search: SearchForm
) -> Response:
    """Compare the lots with one contract and with other ways to split it."""
    try:
        return compare_ways(services, lots, search)
    except (BadInput, NotLawful) as error:
        return _lots(request, services, lots, search.with_error("buyer", str(error)))


def _ask(
    request: Request, services: Services, lots: Sequence[LotForm], search: SearchForm
) -> Response:
    """Make the shortlists, and show the first; or the form again if a lot got none."""
    councils, buyer = services.matcher.register.councils, search.get("buyer")
    keyed: dict[str, object] = {
        str(index): lot.as_input(councils, buyer) for index, lot in enumerate(lots)
    }
    procedure = search.get("procedure")
    try:
        answered = services.shortlists.ask(
            keyed, search.request(), procedure=procedure, as_one=True
        )
    except BadInput as error:
        return _lots(request, services, lots, search.with_error("purpose", str(error)))
    ids = [answered.shortlists[key].id for key in keyed if key in answered.shortlists]
    if answered.errors:
        refused = {int(key.partition("/")[0]): error for key, error in answered.errors.items()}
        return _lots(request, services, lots, search, refused, ids)
    return redirect(f"/lists/{ids[0]}?lots={'.'.join(ids)}")
