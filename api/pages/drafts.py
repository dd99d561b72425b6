"""Forms that an officer has not finished, kept by the service so that Back and reload lose nothing.

A page sends its form, the service keeps it, and the browser is sent to an address that shows it.
The address has an id that nobody can guess, and which no log contains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Generic, TypeVar

import msgspec
from fastapi import Request

from api.http.people import Person
from api.pages.lot_form import LotForm
from api.pages.search_form import SearchForm
from api.pages.templating import TOKEN
from api.service.results import ReplayResult
from api.service.services import Services
from matcher.ranking.shortlist import CpvSuggestion

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode
"""It keeps the order of fields, and so that of the errors on a page."""
_MOST_LISTED = 5


@dataclass(frozen=True, slots=True)
class LotRefusal:
    """Why one or more lots got no list; `field` is the id of the field to correct."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class NeedDraft:
    """What an officer needs: the text as it was pasted, the lots found in it, and the search.

    `errors` are those of the first page, `refusals` those of the last attempt to get lists, and
    `answered` the ids of the lists that it gave.  `suggested` are CPV codes, by lot.
    """

    text: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    lots: tuple[LotForm, ...] = ()
    search: SearchForm = field(default_factory=SearchForm)
    refusals: tuple[LotRefusal, ...] = ()
    answered: tuple[str, ...] = ()
    suggested: tuple[tuple[CpvSuggestion, ...], ...] = ()

    @property
    def title(self) -> str:
        """The titles of the lots, or the beginning of the text."""
        titles = "; ".join(filter(None, (lot.get("title") for lot in self.lots)))
        return titles or self.text[:80] or "No title yet"


@dataclass(frozen=True, slots=True)
class RecordForm:
    """A form about one list that lacked something: its fields, and what is wrong, by field."""

    list: str
    fields: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, str]

    @property
    def values(self) -> dict[str, str]:
        """The first value of each field that has one."""
        return {name: value[0] for name, value in self.fields.items() if value}


@dataclass(frozen=True, slots=True)
class Replays:
    """What running lists again gave, by the id of each list."""

    results: Mapping[str, ReplayResult]


@dataclass(frozen=True, slots=True)
class ListedDraft:
    """A draft in a list of drafts."""

    id: str
    at: str
    title: str
    lots: int


class DraftKind(Generic[_T]):
    """Drafts of one kind, each kept as JSON."""

    def __init__(self, name: str, content: type[_T]) -> None:
        self._name = name
        self._decode = msgspec.json.Decoder(content).decode

    def keep(self, services: Services, request: Request, content: _T) -> str:
        """Keep a new draft, and return its id."""
        drafts = services.context.records.drafts
        return drafts.keep(self._name, _encode(content), _owner(request))

    def get(self, services: Services, id_: str) -> _T | None:
        """The draft with this id; None where it expired, was deleted or is another's."""
        found = services.context.records.drafts.get(self._name, id_)
        return self._read(found.body) if found else None

    def put(self, services: Services, request: Request, id_: str, content: _T) -> str:
        """Replace a draft and return its id; a new one where that draft is gone.

        What a person sent is never lost because a page was open for too long.
        """
        drafts = services.context.records.drafts
        if drafts.change(self._name, id_, _encode(content)):
            return id_
        return self.keep(services, request, content)

    def delete(self, services: Services, id_: str) -> bool:
        """Delete a draft; False where it was gone."""
        return services.context.records.drafts.delete(self._name, id_)

    def listed(self, services: Services, request: Request) -> Sequence[tuple[str, str, _T]]:
        """(id, last change, content) of the browser's last drafts, the newest first."""
        drafts = services.context.records.drafts
        kept = drafts.of_owner(self._name, _owner(request), _MOST_LISTED)
        read = ((draft, self._read(draft.body)) for draft in kept)
        return [(draft.id, draft.at, content) for draft, content in read if content is not None]

    def _read(self, body: bytes) -> _T | None:
        """The content; None where an earlier version of this software wrote it otherwise."""
        try:
            return self._decode(body)
        except msgspec.MsgspecError:
            return None


NEED: Final = DraftKind("need", NeedDraft)
DECISION: Final = DraftKind("decision", RecordForm)
SEARCH: Final = DraftKind("search", RecordForm)
OUTCOME: Final = DraftKind("outcome", RecordForm)
REPLAY: Final = DraftKind("replay", Replays)
TICKED: Final = DraftKind("ticked", tuple[str, ...])
"""The providers that are ticked: in an address, many would be more than a proxy takes."""


def form_about(
    kind: DraftKind[RecordForm], services: Services, id_: str, list_id: str
) -> RecordForm:
    """The form with this id; an empty one where there is none, or it is about another list."""
    sent = kind.get(services, id_) if id_ else None
    return sent if sent and sent.list == list_id else RecordForm(list_id, {}, {})


def listed_needs(services: Services, request: Request) -> list[ListedDraft]:
    """The browser's last descriptions of a need."""
    return [
        ListedDraft(id_, at, need.title, len(need.lots))
        for id_, at, need in NEED.listed(services, request)
    ]


def _owner(request: Request) -> str:
    """The signed-in person, or else the browser by its cookie, as a digest; '' without either."""
    person: Person | None = request.scope.get("person")
    owner = f"person {person.subject}" if person else request.cookies.get(TOKEN, "")
    return sha256(owner.encode()).hexdigest() if owner else ""
