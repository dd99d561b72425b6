"""The providers that an officer has ticked, named by an address without being in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from api.http.routes.dependencies import AppServices
from api.pages.drafts import TICKED
from api.pages.forms import SubmittedForm
from api.service.services import Services


@dataclass(frozen=True, slots=True)
class TickedProviders:
    """Providers that are ticked: those kept in a draft, and those that an address names itself."""

    draft: str = ""
    kept: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids, each once."""
        return tuple(dict.fromkeys((*self.kept, *self.named)))

    @property
    def query(self) -> str:
        """The part of an address that names them."""
        draft = f"&ticks={self.draft}" if self.draft else ""
        return draft + "".join(f"&{urlencode({'provider': id_})}" for id_ in self.named)


def ticked_providers(
    services: AppServices,
    provider: Annotated[list[str], Query(description="Providers that are ticked.")] = [],
    ticks: Annotated[str, Query(description="The draft that names more of them.")] = "",
) -> TickedProviders:
    """The providers that are ticked, as an address and the draft that it names have them."""
    kept = TICKED.get(services, ticks) if ticks else None
    draft, ids = ("", ()) if kept is None else (ticks, kept)
    return TickedProviders(draft, ids, tuple(dict.fromkeys(provider)))


def keep_ticked(services: Services, request: Request, form: SubmittedForm) -> TickedProviders:
    """Keep the providers that a form ticks, for the address of the next page."""
    ids = tuple(form.all("provider"))
    return TickedProviders(TICKED.keep(services, request, ids) if ids else "", ids)


Ticked = Annotated[TickedProviders, Depends(ticked_providers)]
