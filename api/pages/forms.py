"""Reads a form that a page sent, and checks that it came from one of these pages."""

from __future__ import annotations

import hmac
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from api.http.origins import is_foreign, own_origin
from api.pages.templating import TOKEN
from api.records.exposure import ListFilter
from matcher.core.amount_marks import without_spaces
from matcher.law.types import Purpose
from matcher.sources.documents.reader import LARGEST_FILE

_MOST_FIELDS = 3_000
_LONGEST_FIELD = 4_000_000
_LARGEST_REST = 8_000_000
"""Bytes that a form may have besides its file."""
_NOT_OURS = (
    "This form was not sent from a page of this service, or the page was open for too long. "
    "Go back, load the page again and send the form again. Nothing was changed."
)


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """A form that one of these pages sent."""

    data: FormData

    def text(self, name: str) -> str:
        """The value of a field, '' if the form has none of this name."""
        value = self.data.get(name)
        return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """The values of every field of this name."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def file(self, name: str) -> UploadFile | None:
        """The uploaded file, None if there is none."""
        value = self.data.get(name)
        return value if isinstance(value, UploadFile) and value.filename else None


def day_in(text: str) -> date | None:
    """A day as a form gives it, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ListFilterForm:
    """Which lists count, as the fields of a form: ISO days and a purpose, '' for all."""

    since: str = ""
    until: str = ""
    purpose: str = ""

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by field.  An unknown purpose is ignored."""
        return {
            name: "Enter a day such as 2026-04-01, or leave this empty"
            for name, text in (("since", self.since), ("until", self.until))
            if text and day_in(text) is None
        }

    def lists(self) -> ListFilter:
        """The lists that count; where there are errors, those of any day."""
        purpose = self.purpose if self.purpose in set(Purpose) else ""
        return ListFilter(day_in(self.since), day_in(self.until), purpose)


ListedWhen = Annotated[ListFilterForm, Depends()]


def plain_amount(text: str) -> str:
    """An amount without its pound sign, spaces and marks of thousands; what is none, as written.

    >>> plain_amount("£12,500.00"), plain_amount("12.500,00"), plain_amount("12,50")
    ('12500.00', '12500.00', '12,50')
    >>> plain_amount("12.500,000")  # marks that may be of either kind
    '12.500,000'
    """
    marked = without_spaces(text.replace("£", "").strip())
    whole, point, part = marked.partition(".")
    plain = re.sub(r",(?=\d{3}(?!\d))", "", whole) + point + part
    return plain if re.fullmatch(r"[\d.]+", plain, re.ASCII) else text


def number_in(text: str) -> int | None:
    """A whole number as a form gives it, None where it is none or has more digits than any here."""
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


async def submitted_form(request: Request) -> AsyncIterator[SubmittedForm]:
    """The form of a request that comes from one of these pages.

    Another site can make a browser send a form here. It cannot set the Origin and Sec-Fetch-Site
    headers, by which the browser says where a form is from.  A form with neither header must have
    the secret that matches the cookie.  So a person whose cookie was lost loses nothing.
    Raises HTTPException (403, 411, 413) otherwise.
    """
    _check_size(request)
    if is_foreign(request.headers):
        raise HTTPException(403, _NOT_OURS)
    is_own = request.headers.get("sec-fetch-site") == "same-origin" or own_origin(request.headers)
    limits = {"max_files": 1, "max_fields": _MOST_FIELDS, "max_part_size": _LONGEST_FIELD}
    async with request.form(**limits) as data:
        sent, expected = data.get(TOKEN), request.cookies.get(TOKEN, "")
        known = bool(expected) and isinstance(sent, str) and _equal(sent, expected)
        if not known and not is_own:
            raise HTTPException(403, _NOT_OURS)
        yield SubmittedForm(data)


def _equal(secret: str, other: str) -> bool:
    return hmac.compare_digest(secret.encode(), other.encode())


def _check_size(request: Request) -> None:
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit():
        raise HTTPException(411, "The form does not say how long it is.")
    if int(length) > LARGEST_FILE + _LARGEST_REST:
        raise HTTPException(
            413,
            f"The file is {int(length) / 1e6:,.0f} MB. "
            f"The largest allowed is {LARGEST_FILE / 1e6:,.0f} MB. "
            "Remove its pictures, or paste the part that says what you need.",
        )


Form = Annotated[SubmittedForm, Depends(submitted_form)]
