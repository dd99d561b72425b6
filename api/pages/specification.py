"""Describe the need: paste or upload it, then correct the lots that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import TheForm
from api.pages.lot_form import MOST_LOTS, USUAL, AskForm, LotForm, lots_sent
from api.pages.splits import lay
from api.pages.templating import onward, page
from api.service.services import Services
from matcher.core.errors import BadInput, NotLawful
from matcher.law.types import Contract
from matcher.ranking.batch import Refusal
from matcher.sources.documents.lot_extraction import ExtractedLot
from matcher.sources.documents.reader import KINDS, LARGEST_FILE, check_size, read_text
from matcher.sources.documents.sandbox import read_apart

router = APIRouter()


@router.get("/")
def need(request: Request) -> Response:
    """The first page: what is needed?"""
    return _need(request)


def _need(request: Request, *, said: str = "", errors: Mapping[str, str] | None = None) -> Response:
    status = 422 if errors else 200
    megabytes = LARGEST_FILE // 1_000_000
    return page(
        request,
        "need.html",
        status=status,
        said=said,
        errors=errors or {},
        kinds=", ".join(KINDS),
        megabytes=megabytes,
    )


@router.post("/need")
def read(request: Request, form: TheForm, services: AppServices) -> Response:
    """The lots found in what was pasted or uploaded, to be corrected."""
    said, upload = form.text("said"), form.file("file")
    if not said and upload is None:
        wrong = {"said": "Paste what you need, or choose a file"}
        return _need(request, errors=wrong)
    try:
        found = _from_file(upload) if upload else read_text(said, "What you pasted")
    except BadInput as wrong_file:
        where = "file" if upload else "said"
        return _need(request, said=said, errors={where: str(wrong_file)})
    councils = services.matcher.register.councils
    buyer = next((one.lot.buyer for one in found if one.lot.buyer), "")
    asked = AskForm({**USUAL, "buyer": buyer})
    return _lots(request, services, [LotForm.of(one, councils) for one in found], asked)


def _from_file(upload: Any) -> list[ExtractedLot]:  # noqa: ANN401 - Starlette's upload
    name = _plain_name(upload.filename)
    check_size(upload.size or 0, name)
    upload.file.seek(0)
    return read_apart(upload.file.read(), name)


def _plain_name(name: str) -> str:
    """A file's name without folders, marks that cannot be seen, and excess."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c if c.isprintable() else " " for c in last).strip()
    return plain[-100:] or "file"


def _lots(
    request: Request,
    services: Services,
    lots: Sequence[LotForm],
    asked: AskForm,
    refused: Mapping[int, Refusal] | None = None,
    made: Sequence[str] = (),
) -> Response:
    wrong = bool(refused or asked.errors or any(one.errors for one in lots))
    fair = any(sieve.fairness for sieve in services.matcher.bundle.sieves.values())
    return page(
        request,
        "lots.html",
        status=422 if wrong else 200,
        lots=lots,
        asked=asked,
        refused=refused or {},
        made=made,
        purposes={row["purpose"]: row for row in _rows(services.register.rules()["purposes"])},
        wrong=wrong,
        contracts=[each.value for each in Contract],
        fair=fair,
        packs=services.context.procedures,
        most=MOST_LOTS,
    )


def _rows(found: object) -> list[dict[str, Any]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


@router.post("/lots")
def ask(request: Request, form: TheForm, services: AppServices) -> Response:
    """Ask for the shortlists; or add or remove a lot and show the form again."""
    lots, asked = lots_sent(form), AskForm.sent(form)
    do = form.text("do") or "ask"
    if do == "add" and len(lots) < MOST_LOTS:
        return _lots(request, services, [*lots, LotForm()], asked)
    if do.startswith("remove-") and do[7:].isdecimal() and len(lots) > 1:
        left = [one for at, one in enumerate(lots) if at != int(do[7:])]
        return _lots(request, services, left, asked)
    if do == "splits":
        return _splits(request, services, lots or [LotForm()], asked)
    return _ask(request, services, lots or [LotForm()], asked)


def _splits(
    request: Request, services: Services, lots: Sequence[LotForm], asked: AskForm
) -> Response:
    """Lay the lots beside one contract and beside other ways to split it."""
    lots, asked = _checked(services, lots, asked)
    if asked.errors or any(one.errors for one in lots):
        return _lots(request, services, lots, asked)
    try:
        return lay(services, lots, asked)
    except (BadInput, NotLawful) as wrong:
        return _lots(request, services, lots, AskForm(asked.fields, {"buyer": str(wrong)}))


def _checked(
    services: Services, lots: Sequence[LotForm], asked: AskForm
) -> tuple[list[LotForm], AskForm]:
    """The same, with what is wrong in each."""
    councils, buyer = services.matcher.register.councils, asked.get("buyer")
    return [one.checked(councils, buyer) for one in lots], asked.checked(councils)


def _ask(request: Request, services: Services, lots: Sequence[LotForm], asked: AskForm) -> Response:
    councils, buyer = services.matcher.register.councils, asked.get("buyer")
    lots, asked = _checked(services, lots, asked)
    if asked.errors or any(one.errors for one in lots):
        return _lots(request, services, lots, asked)
    keyed: dict[str, object] = {str(at): one.given(councils, buyer) for at, one in enumerate(lots)}
    try:
        answered = services.shortlists.ask(
            keyed, asked.request(), procedure=asked.get("procedure"), as_one=True
        )
    except BadInput as wrong:
        return _lots(request, services, lots, AskForm(asked.fields, {"purpose": str(wrong)}))
    made = [answered.shortlists[key].id for key in keyed if key in answered.shortlists]
    if answered.errors:
        refused = {int(key.partition("/")[0]): one for key, one in answered.errors.items()}
        return _lots(request, services, lots, asked, refused, made)
    return onward(f"/lists/{made[0]}?lots={'.'.join(made)}")
