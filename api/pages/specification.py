"""Describe what is needed: paste or upload it, then correct the lots that were found.

Each form is kept as a draft and the browser is sent to the draft's address, so that Back, reload
and a second click show or repeat the same, and send nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response

from api.errors import Missing
from api.http.routes.dependencies import AppServices, charge
from api.pages.drafts import NEED, LotRefusal, NeedDraft, listed_needs
from api.pages.forms import Form, number_in
from api.pages.labels import PURPOSES
from api.pages.lot_form import HIDDEN, MOST_LOTS, LotForm, notes_of_all, submitted_lots
from api.pages.search_form import DEFAULTS, SearchForm
from api.pages.shortlists import RelatedLists
from api.pages.splits import compare_ways
from api.pages.templating import page, redirect
from api.records.drafts import DAYS
from api.service.services import Services
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.formatting import series
from matcher.geo.geocoding import LotPlace
from matcher.law.types import Contract
from matcher.ranking.batch import Refusal
from matcher.ranking.shortlist import CpvSuggestion
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.reader import KINDS, LARGEST_FILE, check_size
from matcher.sources.documents.sandbox import read_in_sandbox, read_text_in_sandbox
from matcher.sources.notices.single_lot import single_lot

router = APIRouter()
_ACCEPT = re.compile(r"cpv-(\d{1,3})-(\d{8})", re.ASCII)
"""The value of the button that accepts a suggested code for a lot."""
_GONE = (
    f"this draft was deleted, or was not changed for {DAYS} days; lists made from it are still "
    "under Past shortlists"
)


@router.get("/")
def specification(request: Request, services: AppServices, deleted: str = "") -> Response:
    """The first page: what is needed?"""
    return _specification(request, services, "", NeedDraft(), deleted=bool(deleted))


@router.get("/need/{draft}")
def need(request: Request, draft: str, services: AppServices) -> Response:
    """The first page with what was pasted, and what is wrong with it."""
    return _specification(request, services, draft, _need(services, draft))


def _need(services: Services, draft: str) -> NeedDraft:
    """The draft with this id.  Raises Missing where it is gone."""
    found = NEED.get(services, draft)
    if found is None:
        raise Missing(_GONE)
    return found


def _specification(
    request: Request, services: Services, draft: str, kept: NeedDraft, *, deleted: bool = False
) -> Response:
    return page(
        request,
        "specification.html",
        text=kept.text,
        errors=kept.errors,
        draft=draft,
        corrected=len(kept.lots),
        drafts=[each for each in listed_needs(services, request) if each.id != draft],
        days=DAYS,
        deleted=deleted,
        file_types=", ".join(KINDS),
        megabytes=LARGEST_FILE // 1_000_000,
    )


@router.post("/need")
def read(request: Request, form: Form, services: AppServices) -> Response:
    """Keep the lots found in the pasted text or the uploaded file, and show them."""
    text, upload, draft = form.text("text"), form.file("file"), form.text("draft")
    if not text and upload is None:
        wrong = NeedDraft(errors={"text": "Paste what you need, or choose a file"})
        return redirect(f"/need/{NEED.put(services, request, draft, wrong)}")
    try:
        found = _read_file(upload) if upload else read_text_in_sandbox(text, "What you pasted")
        if len(found) > MOST_LOTS:
            raise BadLot(f"There are {len(found):,} lots in it; give at most {MOST_LOTS} at a time")
    except BadInput as error:
        wrong = NeedDraft(text, {"file" if upload else "text": str(error)})
        return redirect(f"/need/{NEED.put(services, request, draft, wrong)}")
    kept = _found(services, text, found)
    return redirect(f"/lots/{NEED.put(services, request, draft, kept)}")


def _found(services: Services, text: str, found: Sequence[ExtractedLot]) -> NeedDraft:
    """The draft of the lots that were found in a text."""
    councils = services.matcher.register.councils
    buyer = next((extracted.lot.buyer for extracted in found if extracted.lot.buyer), "")
    whole = max(extracted.whole.with_vat(services.matcher.rulebook.vat) for extracted in found)
    stated = f"{whole:,.0f}" if whole and len(found) > 1 else ""
    lots = [LotForm.of(extracted, councils) for extracted in found]
    places = services.matcher.place_check
    lots = [
        lot.checked(places, buyer) if extracted.unread else lot
        for lot, extracted in zip(lots, found, strict=True)
    ]
    search = SearchForm({**DEFAULTS, "buyer": buyer, "whole": stated})
    return _with_codes(services, NeedDraft(text, lots=tuple(lots), search=search))


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


@router.get("/lots/{draft}")
def lots(request: Request, draft: str, services: AppServices) -> Response:
    """The form of the lots, as it was left."""
    kept = _need(services, draft)
    if not kept.lots:
        return redirect(f"/need/{draft}")
    has_errors = bool(kept.refusals or kept.search.errors or any(x.errors for x in kept.lots))
    return page(
        request,
        "lots.html",
        draft=draft,
        lots=kept.lots,
        notes_of_all=notes_of_all(kept.lots),
        search=kept.search,
        refusals=kept.refusals,
        answered=kept.answered,
        related=RelatedLists(kept.answered, 0, draft) if kept.answered else None,
        purposes={row.purpose: row for row in services.register.rules().purposes},
        has_errors=has_errors,
        contracts=[contract.value for contract in Contract],
        fair_share=any(ranker.fairness for ranker in services.matcher.bundle.rankers.values()),
        rule_packs=services.context.procedures,
        hidden_fields=HIDDEN,
        suggested=kept.suggested,
        places=[_place_read(services, lot, kept.search.get("buyer")) for lot in kept.lots],
        instead=[_place_instead(services, lot, kept.search.get("buyer")) for lot in kept.lots],
        days=DAYS,
    )


def _place_read(services: Services, lot: LotForm, buyer: str) -> str:
    """Where a lot whose form names no place is taken to be, and why; '' where that is not known."""
    if lot.get("place") or not (lot.get("title") or lot.get("description")):
        return ""
    place = _place(services, lot, buyer)
    return place.source if place and place.spot and not place.unclear else ""


def _place_instead(services: Services, lot: LotForm, buyer: str) -> str:
    """The place in a lot's text that counts instead of its buyer's postcode; '' if none."""
    fields = {**lot.fields, "here": ""}
    place = _place(services, replace(lot, fields=fields), buyer) if lot.is_at_buyer else None
    return place.source.partition(" named in the text: ")[2] if place else ""


def _place(services: Services, lot: LotForm, buyer: str) -> LotPlace | None:
    """Where a lot is taken to be; None where its form is none of a lot."""
    try:
        return services.matcher.place(single_lot(lot.as_input(buyer), "lot"))
    except BadLot:
        return None


def _with_codes(services: Services, kept: NeedDraft) -> NeedDraft:
    """The draft with the CPV codes to suggest for each lot."""
    buyer = kept.search.get("buyer")
    codes = tuple(_suggested_codes(services, lot, buyer) for lot in kept.lots)
    return replace(kept, suggested=codes)


def _suggested_codes(services: Services, lot: LotForm, buyer: str) -> tuple[CpvSuggestion, ...]:
    """CPV codes for a lot that has none, from similar past awards."""
    matcher = services.matcher
    if lot.get("cpv") or not (lot.get("title") or lot.get("description")):
        return ()
    try:
        fields = lot.as_input(buyer)
        return matcher.code_votes(single_lot(fields, "lot")).suggestions()
    except BadLot:
        return ()


@router.post("/lots")
def submit(request: Request, form: Form, services: AppServices) -> Response:
    """Make the shortlists, compare ways to split, add or remove a lot, or delete the draft.

    What each does follows from the form alone, so that a form that is sent twice does the same.
    """
    draft, do = form.text("draft"), form.text("do") or "ask"
    if do == "delete":
        NEED.delete(services, draft)
        return redirect("/?deleted=yes")
    before = NEED.get(services, draft) or NeedDraft()
    sent = NeedDraft(
        before.text,
        lots=tuple(submitted_lots(form)) or (LotForm(),),
        search=SearchForm.submitted(form),
    )
    changed, anchor = _changed(sent, do)
    if changed is not None:
        kept = _with_codes(services, changed)
        return redirect(f"/lots/{NEED.put(services, request, draft, kept)}{anchor}")
    sent = _checked(services, sent)
    if not sent.search.errors and not any(lot.errors for lot in sent.lots):
        attempt = _compared if do == "splits" else _asked
        charge(request, len(sent.lots) * int(sent.search.get("limit")))
        sent, address = attempt(services, sent)
    else:
        address = ""
    kept_as = NEED.put(services, request, draft, _with_codes(services, sent))
    return redirect(f"{address}draft={kept_as}" if address else f"/lots/{kept_as}")


def _changed(sent: NeedDraft, do: str) -> tuple[NeedDraft | None, str]:
    """The draft with a lot or a code added or a lot removed, and the part of the page to show.

    (None, '') where the form asks for something else.
    """
    lots, number = sent.lots, len(sent.lots)
    if do == "add" and number < MOST_LOTS:
        return replace(sent, lots=(*lots, LotForm())), f"#lot-{number}"
    removed = number_in(do.removeprefix("remove-")) if do.startswith("remove-") else None
    if removed is not None and number > 1:
        rest = tuple(lot for index, lot in enumerate(lots) if index != removed)
        return replace(sent, lots=rest), ""
    if accepted := _ACCEPT.fullmatch(do):
        at = int(accepted[1])
        with_code = (lot.with_code(accepted[2]) if i == at else lot for i, lot in enumerate(lots))
        return replace(sent, lots=tuple(with_code)), f"#lot-{at}"
    return None, ""


def _checked(services: Services, sent: NeedDraft) -> NeedDraft:
    """The draft with the errors of each form."""
    places, buyer = services.matcher.place_check, sent.search.get("buyer")
    purpose = sent.search.get("purpose")
    checked = tuple(lot.checked(places, buyer, purpose) for lot in sent.lots)
    return replace(sent, lots=checked, search=sent.search.checked(places.councils))


def _compared(services: Services, sent: NeedDraft) -> tuple[NeedDraft, str]:
    """Compare the lots with one contract and with other ways to split it.

    Gives the draft as it is kept, and the address of the comparison, '' where there is none.
    """
    try:
        return sent, f"{compare_ways(services, sent.lots, sent.search)}?"
    except (BadInput, NotLawful) as error:
        return replace(sent, search=sent.search.with_error("buyer", str(error))), ""


def _asked(services: Services, sent: NeedDraft) -> tuple[NeedDraft, str]:
    """Make the shortlists.

    Gives the draft as it is kept, and the address of the first list, '' where a lot got none.
    """
    search = sent.search
    keyed: dict[str, object] = {
        str(index): lot.as_input(search.get("buyer")) for index, lot in enumerate(sent.lots)
    }
    try:
        answered = services.shortlists.ask(
            keyed, search.request(), procedure=search.get("procedure"), as_one=True
        )
    except BadInput as error:
        return replace(sent, search=search.with_error("purpose", str(error))), ""
    ids = tuple(answered.shortlists[key].id for key in keyed if key in answered.shortlists)
    if answered.errors:
        refused = {int(key.partition("/")[0]): error for key, error in answered.errors.items()}
        unmarked = any(lot.get("value") and not lot.get("gross") for lot in sent.lots)
        if unmarked and not search.get("whole"):
            vat = services.matcher.rulebook.vat
            refused = {index: with_vat_added(each, vat) for index, each in refused.items()}
        refusals = tuple(lot_refusals(refused, len(sent.lots)))
        return replace(sent, refusals=refusals, answered=ids), ""
    return sent, f"/lists/{ids[0]}?lots={'.'.join(ids)}&"


_ASK_FOR = re.compile(r"(?<!\s)\s*Ask for [^.]{0,300}\.?$")
"""The last sentence of a refusal, which names what is offered instead."""
_PURPOSE = re.compile(r"\bpurpose (engagement|invite|reserved)\b")


def lot_refusals(refused: Mapping[int, Refusal], total: int) -> Iterator[LotRefusal]:
    """The refusals of lots by their index, with equal ones told once."""
    groups: dict[str, list[int]] = {}
    for index, refusal in refused.items():
        groups.setdefault(_in_one_sentence(refusal), []).append(index)
    for message, indexes in groups.items():
        numbers = series(str(index + 1) for index in indexes)
        one = len(indexes) == 1
        which = f"Lot {numbers}: " if one else f"Lots {numbers}: "
        field = f"lot-{indexes[0]}" if one else "purpose"
        yield LotRefusal(field, message if len(indexes) == total else f"{which}{message}")


def with_vat_added(refusal: Refusal, vat: float) -> Refusal:
    """A refusal that says that VAT was added to what the form does not mark as including it."""
    added = f"(with {vat:.0%} VAT added where “This includes VAT” is not ticked)"
    told = refusal.message.replace(f"(with {vat:.0%} VAT added)", added)
    return replace(refusal, message=told.replace("(including VAT)", added))


def _in_one_sentence(refusal: Refusal) -> str:
    """A refusal as one sentence, with the way out first."""
    why = _ASK_FOR.sub("", refusal.message).rstrip(".")
    why = _PURPOSE.sub(lambda found: f"“{PURPOSES[found[1]]}”", why)
    cited = f"{why} ({refusal.rule})" if refusal.rule else why
    if refusal.offer in PURPOSES:
        return f"Choose “{PURPOSES[refusal.offer]}”, because {cited}"
    if refusal.offer:
        return f"Ask for {refusal.offer}, because {cited}"
    return cited[:1].upper() + cited[1:]
