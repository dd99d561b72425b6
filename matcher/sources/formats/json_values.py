"""Reads single values of JSON.  A value of the wrong type counts as missing, not as an error."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from matcher.core.amount_marks import is_in_doubt, without_spaces
from matcher.core.kept import SHORT, kept
from matcher.sources.formats.days import A_DAY, days_in
from matcher.sources.formats.line_breaks import with_line_breaks
from matcher.sources.formats.markup import visible, without_markup
from matcher.sources.formats.quoted_json import held_in

_AMOUNT = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CUT = re.compile(r"@\{|System\.(?:Object|Collections)\b")
"""How PowerShell writes an object that lies deeper than it was asked to write."""
_NET_DAY = re.compile(r"/Date\((-?\d{1,14})([+-]\d{4})?\)/", re.ASCII)
"""A moment as .NET writes it: milliseconds since 1970, and the local time zone where it says it."""
_UK_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ ,].*)?", re.ASCII)
_OTHER_DAY = re.compile(
    rf"(?:[a-z]{{3,9}},? )?(?:{A_DAY}"
    r"|\d{4}[/.-]\d\d?[/.-]\d\d?|(?:19|20)\d{6}|[34]\d{4})(?:[ ,T].*)?",
    re.IGNORECASE,
)
"""10 April 2026, 10-Apr-26, 10.04.2026, 2026/4/10, 20260410, or as a spreadsheet counts it (46122).

A day of the week may stand before it and a time after it."""
_LARGEST_WHOLE = 10**15
"""Below it a number with a fraction holds every whole number."""
_FIRST_SERIAL, _LAST_SERIAL = 30_000, 49_999
"""Days as spreadsheets count them, from 1982 to 2036."""
_CONTACTS = frozenset(
    {"email", "emails", "telephone", "phone", "phones", "phonenumber", "mobile", "fax", "faxnumber"}
)
_OF_A_CONTACT = _CONTACTS | {"id", "name", "title", "jobtitle"}


Fields: TypeAlias = Mapping[str, object]
"""A JSON object."""


def mapping(value: object) -> Fields:
    """The value if it is an object, or a text of JSON that holds one; else an empty one."""
    given = held_in(value) if isinstance(value, str) else value
    return given if isinstance(given, dict) else {}


def mappings(value: object) -> list[Fields]:
    """The objects in a list, or one alone, as PowerShell writes a list of one; else none."""
    given = _list_in(value)
    found = one_or_several(given)
    return [item for item in found if isinstance(item, dict) and (item or found is given)]


def listed(value: object) -> list[Fields]:
    """As `mappings`, but with an empty object for each item of a list that is not an object."""
    given = _list_in(value)
    return [mapping(item) for item in given] if isinstance(given, list) else mappings(given)


def one_or_several(value: object) -> list[object]:
    """The items of a list; a value that is none as the only item."""
    return value if isinstance(value, list) else [value]


def _list_in(value: object) -> object:
    """A list that is written as an object or as a text of JSON, as a list; others unchanged.

    PHP writes {"0": …, "2": …}; others name each object by its id: {"a": {"id": "a", …}, …}, also
    where the id stands nowhere else.
    """
    value = held_in(value)
    if isinstance(value, list) and any(isinstance(one, str) for one in value):
        return [held_in(one) for one in value]
    if not isinstance(value, dict) or not value:
        return value
    if all(str(key).isdecimal() for key in value):
        return list(value.values())
    return [{"id": key, **one} for key, one in value.items()] if _is_by_id(value) else value


def _is_by_id(value: Fields) -> bool:
    """Whether each field of an object is an object whose id is the name of the field.

    One that has no id, but a title or a name, has it only there.  Somebody to ask, whom an object
    has beside other facts, is none of a list.
    """
    if any("contact" in key.casefold() or is_contact(mapping(one)) for key, one in value.items()):
        return False
    return all(
        isinstance(one, dict) and one.get("id", key if _is_named(one) else None) == key
        for key, one in value.items()
    )


def _is_named(one: Fields) -> bool:
    return any(isinstance(one.get(key), str) for key in ("title", "name"))


def reference_id(value: object) -> object:
    """An identifier; of an object, such as {"id": "1"}, its id."""
    return value.get("id") if isinstance(value, dict) else value


def idents(value: object) -> list[str]:
    """The identifiers in a list, or one alone; each may be given as an object with an id."""
    return [ident(reference_id(one)) for one in one_or_several(value)]


def text(value: object) -> str:
    """A string as plain text: without blank lines, repeated spaces and invisible characters.

    HTML is taken out, and line breaks that a feed wrote as `rn` are restored.
    """
    if not value or not isinstance(value, str):
        return ""
    return _plain(value) if len(value) <= SHORT else _long_plain(value)


@kept(1 << 13)  # a notice's texts are asked for again and again, and names recur in others
def _plain(value: str) -> str:
    if _CUT.match(value):
        return ""
    plain = with_line_breaks(without_markup(value))
    if plain.isprintable():
        return " ".join(plain.split())
    lines = (" ".join(line.split()) for line in visible(plain).splitlines())
    return "\n".join(filter(None, lines))


_long_plain = kept(1 << 4, longest=100_000)(_plain)


def ident(value: object) -> str:
    """An identifier, which a feed may give as text or as a whole number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_WHOLE:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return text(value).replace("\n", " ")


def is_contact(record: Fields) -> bool:
    """Whether an object is somebody to ask: a name and an e-mail address or a telephone number.

    One with anything else, such as a role, an address or a website, is an organisation.

    >>> is_contact({"id": "7", "name": "Pat Example", "email": "pat@example.org"})
    True
    """
    said = {key.lower() for key, value in record.items() if value}
    return said <= _OF_A_CONTACT and not said.isdisjoint(_CONTACTS)


def number(value: object) -> float | None:
    """A finite number, also from a string ("12,000", "12 000"), or None, also where it is in doubt.

    >>> number("12,500"), number("12.50"), number("12.500")  # or is it 12,500?
    (12500.0, 12.5, None)
    """
    if isinstance(value, str):
        value = without_spaces(value.strip().removeprefix("£"))
        is_clear = _AMOUNT.fullmatch(value) and not is_in_doubt(value)
        value = float(value.replace(",", "")) if is_clear else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def with_usual_date(text_: str) -> str:
    """A moment as .NET writes it, in the usual form; another text unchanged.

    Without a time zone it is in UK time, in which a day in summer begins at 23:00 UTC.

    >>> with_usual_date("/Date(1767261600000+0100)/"), with_usual_date("2026-01-01")
    ('2026-01-01T11:00:00+01:00', '2026-01-01')
    """
    found = _NET_DAY.fullmatch(text_.strip())
    if not found:
        return text_
    try:
        zone = datetime.strptime(found[2], "%z").tzinfo if found[2] else ZoneInfo("Europe/London")
        return (_EPOCH + timedelta(milliseconds=int(found[1]))).astimezone(zone).isoformat()
    except (OverflowError, ValueError):
        return ""


def day(value: object) -> date | None:
    """The date of a date or time as written, whatever its time zone, or None.

    Reads 2026-04-10, 2026-04-10T10:50:13+01:00, 10/04/2026, /Date(1775814613000)/ and other forms
    of a whole day.  Feeds use years outside 1900 to 2199 for no date.
    """
    if not value:
        return None
    is_serial = type(value) is int and _FIRST_SERIAL <= value <= _LAST_SERIAL
    written = str(value) if is_serial or isinstance(value, str) else ""
    value_text = with_usual_date(written).strip()
    if iso := _ISO_DAY.fullmatch(value_text):
        year, month, day_ = map(int, iso.groups())
    elif british := _UK_DAY.fullmatch(value_text):
        day_, month, year = map(int, british.groups())
    else:
        days = days_in(value_text) if _OTHER_DAY.fullmatch(value_text) else None
        return days[0] if days and days[0] == days[1] and days[0].year < 2200 else None
    try:
        return date(year, month, day_) if 1900 <= year < 2200 else None
    except ValueError:
        return None
