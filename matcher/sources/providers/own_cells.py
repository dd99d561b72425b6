"""Reads the cells of your own table: statuses, postcodes, numbers, and what is no provider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice

from matcher.core import org_ids
from matcher.core.cell_words import answer, is_blank, shown
from matcher.core.types import Status
from matcher.geo.postcode_parsing import all_in_text, find_in_text, tidy_postcode
from matcher.sources.formats.days import A_DAY, days_in, has_passed
from matcher.sources.formats.markup import restored, visible
from matcher.sources.formats.statuses import status_of

_AS_TEXT = re.compile(r"^'(?=[^\W_]{2}[^']*$)")
"""The sign that makes a spreadsheet keep what follows as text."""
_CURLY = re.compile(r"“([^“”]*)”")
"""A cell in quotes as word processors write them."""
_A_DAY, _NOT_ZERO = re.compile(rf"\b{A_DAY}", re.IGNORECASE), re.compile("[1-9]")
_OUTWARD = re.compile(r"[A-Z]{1,2}[0-9O][A-Z0-9]?", re.IGNORECASE)
_INWARD = re.compile(r"[0-9O][A-Z]{2}", re.IGNORECASE)
_MANY = (
    r"(?:providers|organi[sz]ations|members|groups|suppliers|charities|companies|rows?(?:\(s\))?"
    r"|records|entries)"
)
_TOTALS = re.compile(
    rf"(?:(?:grand |sub[ -]?|overall )?totals?|sum|counta?|average|mean|median|minimum|maximum)"
    rf"(?:(?: |\W{{1,3}}(?:\d{{1,9}} )?)(?:(?:number|no\.?|nr\.?) )?(?:(?:of|for) )?(?:all )?"
    rf"(?:the )?{_MANY})?"
    rf"|(?:total )?(?:number|no\.?|nr\.?) of {_MANY}"
    rf"|(?:(?:total|count|showing|sum)\W{{1,3}})?(?:\d{{1,9}} (?:to|of) )*\d{{1,9}} {_MANY}"
    rf"(?: (?:found|returned|listed|shown|affected|in total))?"
    rf"|{_MANY}(?: (?:found|returned|in total))?"
    r"|end of (?:the )?(?:report|list|table|file|data)"
)
_MADE = r"(?:updated|printed|produced|generated|exported|extracted|created|run|correct)"
_GONE_BESIDE = re.compile(
    r"(?:[(\[]| [-–—] |\*)\s?((?:(?:now|has|been|is|permanently|company|charity) ){0,3}"
    r"(?:closed|dissolved|de-?registered|removed|defunct|liquidated|ceased(?: trading)?|wound up"
    r"|struck off|shut|in (?:liquidation|administration|receivership)"
    r"|no longer (?:active|trading|operating)|archived|inactive|not active|stopped trading"
    r"|liquidation|merged(?: (?:with|into) [^()\[\]]{1,60})?)"
    r"(?: (?:down|in|on|from|since|as of|permanently|now)){0,2}[\d\s/.-]{0,12}"
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} ?\d{0,4})?)[)\]*]?$"
    r"|(?-i:(\s(?:CLOSED|DISSOLVED|DEREGISTERED|INACTIVE|DEFUNCT)|(?<=[a-z])\s(?:ARCHIVED|REMOVED)))$",
    re.IGNORECASE,
)
"""What stands after the name of one that is gone."""
_GONE_BEFORE = re.compile(
    r"^(?:[(\[*]{1,3}(?:now |permanently )?(closed|dissolved|de-?registered|removed|defunct"
    r"|inactive|archived|ceased|no longer (?:active|trading|operating))[)\]*]{1,3}"
    r"|(?-i:(CLOSED|DISSOLVED|DEREGISTERED|REMOVED|DEFUNCT|INACTIVE|ARCHIVED|CEASED)) ?[-–—:])\s",
    re.IGNORECASE,
)
"""What stands before it: '[INACTIVE] Acorn', 'CLOSED - Acorn'."""
_TOO_NARROW = re.compile(r"#{3,}")
"""How a spreadsheet shows a day in a column that is too narrow for it."""
_SUBTOTAL = re.compile(r"(.+) (?:sub-?total|total|count|average|sum)")
_EXAMPLE = re.compile(
    r"[(\[]?(?:e\.g\.?|eg[.:,])\s|[(\[]?example(?: row| entry| only)?[)\]]?\s?[:–—-]\s",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"[(\[<]?(?:(?:free |short |long )?text|string|numbers?|numeric|integer|date|required|mandatory"
    r"|optional|if (?:any|known|applicable)|yes ?/ ?no|y ?/ ?n|dd/mm/yy(?:yy)?|drop ?down|select"
    r"|max(?:imum)? \d{1,5} (?:characters|words))[)\]>]?",
    re.IGNORECASE,
)
"""What a cell below a header says of its column."""
_ASIDE = re.compile(r"\([^()]{1,200}\)|\[[^\[\]]{1,200}\]|<[^<>]{1,200}>")
_YES = re.compile(r"\W{0,3}(?:yes|y|true)\b", re.IGNORECASE)
_NO_DAY = re.compile(
    r"0{1,2}\W(?:0?1|jan\w*)\W(?:19)?00|1900\W0?1\W00|(?:.{0,12}\W)?(?:0\d|1[678])\d\d(?:\W.*)?",
    re.IGNORECASE,
)
"""How spreadsheets and databases write the day of an empty cell."""
_MONTH_FIRST = re.compile(r"^(\d\d?)[/.-](\d\d?)[/.-](?=\d{4})")
"""A day as Americans write it."""
_FIRST_DAY = date(1900, 2, 1)
"""Days before it are those of empty cells."""
_MARKING = re.compile(
    r"(?:uk )?(?:official|restricted|protect|confidential|unclassified|not protectively marked)"
    r"(?:[ :–-]++(?:sensitive|commercial|personal|in confidence))*",
    re.IGNORECASE,
)
"""A protective marking, such as OFFICIAL-SENSITIVE."""
_FOOTNOTE = re.compile(
    r"[*†‡]+\s*(?:(?-i:[a-z])"
    r"|[^*]{0,60}\b(?:as at|based on|excludes?|denotes?|indicates?|includes?|means?|shows?|is|are"
    r"|was|were|has|have|not|please)\b)|©|copyright (?:\(c\)|©|\d{4})"
    r"|(?:for|with) (?:any |all |more |further |other ){0,2}"
    r"(?:queries|questions|enquiries|information|details|corrections)\b"
    r"|[*†‡]*\s*(?:source|notes?|nb|disclaimer|key|data|figures|page|last|contacts?|e-?mail|version"
    r"|(?:compiled|maintained|prepared|supplied)(?: by)?|legend|glossary|abbreviations"
    rf"|(?:last )?{_MADE}(?: by| on| at)?|(?:applied )?filters?(?: applied)?)\s*:"
    r"|page \d+(?: of \d+)?$"
    rf"|report {_MADE} (?:by|on|at|for|from|\d)"
    rf"|(?:data|figures|last|as at|{_MADE})"
    rf"(?: (?:last|is|are|as|on|at|of|by|in|to|for|from|{_MADE})){{0,4}}:? {A_DAY}",
    re.IGNORECASE,
)
_BEFORE_ADDRESS = re.compile(r"[|,\r\n]")
_GOES_ON = re.compile(
    r"[^|,\r\n]{0,80}(?:\s(?:and|&)\s|\b(?:ltd|limited|llp|plc|cic)\b|\))", re.IGNORECASE
)
"""What of a name may stand after one of its `_MOST_COMMAS`: 'Ash and Elm', 'Ltd'."""
_MOST_COMMAS = 4


def plain(value: object) -> str:
    """The text of a cell; '' for what stands for nothing.

    >>> plain('="01234567"'), plain(" #N/A"), plain(1150079), plain(None), plain("'0123")
    ('01234567', '', '1150079', '', '0123')
    """
    if not isinstance(value, str):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        value = str(value) if is_number else ""
    text = _AS_TEXT.sub("", shown(visible(restored(value)).strip()))
    if text.startswith("“") and (inside := _CURLY.fullmatch(text)):
        text = inside[1].strip()
    return "" if is_blank(text) else text


def is_example(name: str) -> bool:
    """Whether a name is that of an example of how to fill in a row: 'e.g. Anytown Club'."""
    return _EXAMPLE.match(name) is not None


def no_provider(name: str, cells: Iterable[str], previous: str = "") -> str:
    """Why a row is not of a provider: a total or a footnote; '' where it is one.

    It is one where any of its other `cells` has words.  `previous` is the name above it, which a
    subtotal repeats.
    """
    inside = name[1:-1] if name.startswith("(") and name.endswith(")") else name
    words = _without_numbers(inside).casefold()
    subtotal = _SUBTOTAL.fullmatch(name.casefold())
    if _TOTALS.fullmatch(" ".join(words.split())) or (
        subtotal and previous and subtotal[1] == previous.casefold()
    ):
        reason = "row of totals"
    elif _FOOTNOTE.match(name) or _MARKING.fullmatch(name.strip()):
        reason = "footnote"
    else:
        return ""
    return "" if any(re.search(r"[^\W\d_]", plain(cell)) for cell in cells) else reason


def _without_numbers(name: str) -> str:
    """A name without the numbers, signs and brackets that it ends with: 'Total (2025): 14'."""
    words = _to_last_letter(name)
    before, bracket, inside = words.rpartition("(")
    closed = bracket and ")" not in inside and ")" in name[len(words) :]
    return _to_last_letter(before) if closed else words


def _to_last_letter(text: str) -> str:
    end = len(text)
    while end and not text[end - 1].isalpha():
        end -= 1
    return text[:end]


def describes_columns(row: Mapping[str, str]) -> bool:
    """Whether each cell of a row says what to write into its column: 'Text', '(required)'.

    So do cells that all stand in brackets.
    """
    filled = list(filter(None, row.values()))
    return len(filled) > 1 and all(_HINT.fullmatch(one) or _ASIDE.fullmatch(one) for one in filled)


def repeats_header(row: Mapping[str, str]) -> bool:
    """Whether a row has the headers once more, as where tables were joined."""
    filled = [(column, cell) for column, cell in row.items() if cell and column]
    return bool(filled) and all(a.casefold() == b.casefold() for a, b in filled)


def status(
    words: Iterable[str],
    active: Iterable[str],
    ended: Iterable[str],
    today: date | None = None,
) -> Status:
    """The status by every column about it: gone where one of them says so.

    `words` are statuses, `active` answers to whether it is active, and `ended` the day on which it
    ended, or whether it did.  A year or a month alone counts from its first day.
    """
    found = [status_of(text, today) for text in words]
    found += [_whether_active(text, today) for text in active]
    found += [Status.REMOVED for text in ended if has_ended(text, today)]
    gone = next((one for one in found if not one.may_rank), None)
    return gone or (Status.ACTIVE if Status.ACTIVE in found else Status.UNKNOWN)


def status_beside(name: str) -> str:
    """What stands beside a name of an organisation that is gone: 'Acorn (closed 2024)'; else ''."""
    match = _GONE_BESIDE.search(name) or _GONE_BEFORE.match(name)
    return (match[1] or match[2]).strip() if match else ""


def _whether_active(text: str, today: date | None) -> Status:
    yes = _YES.match(text)
    said = status_of(f"active {text[yes.end() :]}" if yes else text, today)
    if not said.may_rank or said is Status.ACTIVE:
        return said
    return {"no": Status.REMOVED, "yes": Status.ACTIVE}.get(answer(text), said)


def has_ended(text: str, today: date | None = None) -> bool:
    """Whether a cell of a column about an end says that it came: yes, a day or a word for it.

    A day that the calendar does not have, such as 31 June, counts as one that came, and so does one
    that a narrow column hid; the day of an empty cell, such as 00/01/1900, does not.
    """
    return _end_in(text, today) is True


def tells_whether_ended(text: str, today: date | None = None) -> bool:
    """Whether a cell of a column about an end says that it came, or that it did not.

    >>> tells_whether_ended("still open"), tells_whether_ended("when the lease ends")
    (True, False)
    """
    return _end_in(text, today) is not None


def _end_in(text: str, today: date | None) -> bool | None:
    """Whether an end came; None where the text does not say."""
    said = status_of(text, today)
    if not said.may_rank:
        return True
    if said is Status.ACTIVE or re.match(r"(?:no|not|never|still)\b", text, re.IGNORECASE):
        return False
    if _TOO_NARROW.fullmatch(text):
        return True
    if days := days_in(text) or days_in(_MONTH_FIRST.sub(r"\2/\1/", text)):
        return days[0] >= _FIRST_DAY and has_passed(days[0], today)
    found = _A_DAY.findall(text)
    if any(_NOT_ZERO.search(day) for day in found if not _NO_DAY.fullmatch(day)):
        return True
    said_so = answer(text)
    return said_so == "yes" if said_so or found else None


def postcodes(cells: Sequence[str], beside: str, addresses: Sequence[str]) -> list[str]:
    """The postcodes of a row: several in a cell, in two cells, or else those of an address.

    `beside` is the cell without a header, which has the second half where the header is merged.
    """
    found: list[str] = []
    for cell in (*cells, *([beside] if _INWARD.fullmatch(beside) else [])):
        if found and _INWARD.fullmatch(cell) and _OUTWARD.fullmatch(found[-1]):
            found[-1] = f"{found[-1]} {cell}"
        else:
            several = all_in_text(cell)
            found += several if len(several) > 1 else [cell]
    tidy = [code for code in map(tidy_postcode, found) if code]
    return tidy or [code for address in addresses if (code := find_in_text(address))]


def is_half_postcode(cell: str) -> bool:
    """Whether a cell has the second half of a postcode, whose first one is in another."""
    return _INWARD.fullmatch(cell) is not None


def numbers(
    cells: Iterable[str], org_id_of: Callable[[str], str], bad: Callable[[], None]
) -> Iterator[str]:
    """The org-ids of the numbers in some cells; `bad` is called for each number that is not valid.

    A cell may have several numbers: "1150079 / SC012345".
    """
    for cell in cells:
        if found := org_ids.several(org_id_of, cell):
            yield from found
        elif org_ids.is_shortened(cell) or re.search("[1-9]", cell):
            bad()


def without_address(name: str) -> tuple[str, list[str]]:
    """A name without the address after a bar, a comma or a line; the address with a postcode."""
    for mark in islice(_BEFORE_ADDRESS.finditer(name), _MOST_COMMAS):
        before, after = name[: mark.start()].strip("[ "), name[mark.end() :].strip("] ")
        if not before or not find_in_text(after):
            break
        if mark[0] != "," or not _GOES_ON.match(after):
            return before, [after]
    return name, []
