"""Records that are alike: a person says whether they are one organisation or two."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.http.routes.dependencies import AppServices
from api.pages.forms import Form
from api.pages.templating import page, redirect
from api.service.services import Services

router = APIRouter()

PAGE_SIZE = 20
"""How many pairs the page shows."""
_ANSWERS = {"same": True, "apart": False}


@router.get("/same-or-not")
def same_or_not(request: Request, services: AppServices) -> Response:
    """The pairs that nobody has answered, the most doubtful first, and the answers given."""
    return _shown(request, services)


@router.post("/same-or-not")
def answer(request: Request, form: Form, services: AppServices) -> Response:
    """Write an answer, or take one back, and show the next pairs."""
    kept, merged, said = form.text("kept"), form.text("merged"), form.text("answer")
    if not kept or not merged or kept == merged or said not in {*_ANSWERS, "undo"}:
        wrong = "Select “one organisation” or “two organisations” beside one pair"
        return _shown(request, services, wrong)
    if said == "undo":
        services.register.undo_merge_decision(kept, merged)
    else:
        services.register.decide_merge(kept, merged, same=_ANSWERS[said])
    return redirect("/same-or-not")


def _shown(request: Request, services: Services, error: str = "") -> Response:
    pairs = services.register.doubtful()
    return page(
        request,
        "same_or_not.html",
        status=422 if error else 200,
        pairs=pairs[:PAGE_SIZE],
        left=len(pairs),
        answered=services.register.merge_decisions(),
        names=services.register.alike_names(),
        error=error,
    )
