"""What a page's form sends: who sent it, and what it says."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.pages.templating import TOKEN
from matcher.sources.documents.reader import LARGEST_FILE

_MOST_FIELDS = 3_000
_LONGEST_FIELD = 4_000_000
_AROUND = 8_000_000
"""Bytes of a form beside its file."""
_STALE = (
    "This form was not sent from a page of this service, or the page was open for too long. "
    "Go back, load the page again and send it once more. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form that one of our own pages sent."""

    data: FormData

    def text(self, name: str) -> str:
        """What a field says, '' where it is absent."""
        value = self.data.get(name)
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """All that the fields of one name say."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    def file(self, name: str) -> UploadFile | None:
        """A file that was given, None where none was."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


async def sent(request: Request) -> AsyncIterator[SubmittedForm]:
    """The form of a request, once it is sure to come from one of our own pages.

    A page elsewhere can make a browser send a form here.  It cannot make it say that it comes
    from here, nor does it know the secret that our forms carry beside the cookie.
    """
    _check_size(request)
    _check_origin(request)
    limits = {"max_files": 1, "max_fields": _MOST_FIELDS, "max_part_size": _LONGEST_FIELD}
    async with request.form(**limits) as data:
        carried, kept = data.get(TOKEN), request.cookies.get(TOKEN, "")
        if not kept or not isinstance(carried, str) or not _same(carried, kept):
            raise HTTPException(403, _STALE)
        yield SubmittedForm(data)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _check_size(request: Request) -> None:
    said = request.headers.get("content-length", "")
    if not said.isascii() or not said.isdigit():
        raise HTTPException(411, "The form does not say how long it is.")
    if int(said) > LARGEST_FILE + _AROUND:
        raise HTTPException(
            413,
            f"The file is {int(said) / 1e6:,.0f} MB; a file may have {LARGEST_FILE / 1e6:,.0f} MB."
            " Leave its pictures out, or paste the part that says what is wanted.",
        )


def _check_origin(request: Request) -> None:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if elsewhere or site not in {None, "same-origin", "none"}:
        raise HTTPException(403, _STALE)


TheForm = Annotated[SubmittedForm, Depends(sent)]
