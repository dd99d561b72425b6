"""Makes org-ids (org-id.guide) from the numbers that registers and people write."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from matcher.core.cell_words import whole_number

_SCHEMES = ("COH", "CHC", "SC", "NIC", "MPR", "LAE", "LANI", "LAS", "NHS", "UKPRN", "PPON", "EDU")
_ORG_ID = re.compile(rf"(GB-(?:{'|'.join(_SCHEMES)}))(?:[-:_/\s]+|(?=\d))(.+)", re.IGNORECASE)
_CHARITY_REGISTERS = {"GB-CHC": "", "GB-SC": "SC", "GB-NIC": "NIC"}
"""The charity registers, with what their numbers begin with."""
_BY_NAME = {
    **dict.fromkeys(("companies house", "company number", "uk companies house"), "GB-COH"),
    **dict.fromkeys(
        ("charity commission", "charity commission for england and wales", "ccew"), "GB-CHC"
    ),
    **dict.fromkeys(("oscr", "scottish charity regulator"), "GB-SC"),
    **dict.fromkeys(("ccni", "charity commission for northern ireland"), "GB-NIC"),
}
"""The schemes of registers, by their names in small letters."""
_LABEL = re.compile(
    r"^(?:(?:reg(?:istered)?|registration|charity|company|co|crn|rcn|number|num|no|england|wales"
    r"|scotland|scottish|oscr|companies|house|commission|uk)\b[\s.:#]*|#\s*)+",
    re.IGNORECASE,
)
_QUOTES = " \t\r\n'\"`´‘’“”="
"""What stands around a number that a spreadsheet holds as text."""
_APART = re.compile(r"[;,&|\n]|\band\b")
"""What stands between several numbers in one cell, beside a slash."""
_LINKED = re.compile(r"\s*\d{6,7}\s*/\s*[1-9]\d{0,2}\s*")
"""A charity that is linked to another, and has its number with one of its own: 235098/23."""
_DASHES = {**dict.fromkeys(map(ord, "‐‑‒–—"), "-"), **dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))}
"""Other dashes, as hyphens; signs without a width are left out."""
_EXPONENT = re.compile(r"\d\.(\d{1,8})E\+?0?(\d)")
"""A number as a narrow column shows it: its last digits are lost where it has too few."""
_SHORTENED = re.compile(r"\d(?:[.,]\d{1,8})?E\+\d{1,2}", re.IGNORECASE)
_ASKED = re.compile(
    r"[?&](?:regid|regno|number|(?:charity|company)_?(?:number|no|id))=([a-z]{0,3}\d{3,8})(?=[&#]|$)",
    re.IGNORECASE,
)
"""The number for which an address asks the page of a register."""
_NO_YEAR = re.compile(r"\d{5}")
"""What a number in the path of an address has, and a year or a version has not."""
_LINKED_ASKED = re.compile(r"[?&]subid=0*[1-9]", re.IGNORECASE)
_COMPANY = re.compile(r"(?=.*[1-9])(?:\d{8}|0\d{6}C|0\d{5}CS|R\d{7}|[A-Z]{2}(?=\d)[A-Z\d]{6})")
"""A company's number, or that of a society or credit union as lists of them write it: 0000753C."""
_NOT_APPLICABLE = re.compile(r"\bn/a\b", re.IGNORECASE)
_COUNTED = ("123456789", "987654321")
"""Digits that people type where a form requires a number, as they type one digit eight times."""
_NO_NUMBER = {
    "NA",
    "NONE",
    "NIL",
    "NULL",
    "TBC",
    "TBA",
    "TBD",
    "UNKNOWN",
    "PENDING",
    "EXEMPT",
    "NOTKNOWN",
}
"""What people write where there is no number; a code of the NHS or a council may be all letters."""


def company(number: str) -> str:
    """The org-id of a company number as people write it; '' where it is not one.

    >>> company("gb-coh-1234567"), company("Company No. SC1234"), company("12345678")
    ('GB-COH-01234567', 'GB-COH-SC001234', '')
    """
    found = registered_company(number)
    digits = found.removeprefix("GB-COH-")
    is_typed = len(set(digits)) == 1 or any(digits in counted for counted in _COUNTED)
    return "" if is_typed else found


def registered_company(number: str) -> str:
    """The org-id of a company number, such as `GB-COH-01234567`; '' where it is not one.

    Corrects the changes that spreadsheets make: lost leading zeros (also after a prefix) and a
    trailing `.0`.
    """
    if len(number) == 8 and number.isascii() and number.isdigit() and number.strip("0"):
        return f"GB-COH-{number}"
    if match := _ORG_ID.fullmatch(_usual(number)):
        number = match[2] if match[1].upper() == "GB-COH" else ""
    tidy = _plain(number)
    if tidy.isdigit():
        tidy = tidy.zfill(8)
    elif match := re.fullmatch(r"([A-Z]{2})(\d{1,6})", tidy):
        tidy = match[1] + match[2].zfill(6)
    elif match := re.fullmatch(r"([A-Z]{2})(\d{1,5})([A-Z])", tidy):
        tidy = match[1] + match[2].zfill(5) + match[3]
    return f"GB-COH-{tidy}" if _COMPANY.fullmatch(tidy) else ""


def northern_irish_company(number: str) -> str:
    """The org-id of a company number without its `NI`, as in the Northern Ireland register."""
    tidy = _plain(number)
    if re.fullmatch(r"\d{1,6}", tidy):
        return company(f"NI{tidy}") if int(tidy) else ""
    return company(tidy)


def charity(number: str) -> str:
    """The org-id of a charity number of any UK register; '' where it is not one.

    Numbers in Scotland begin with SC. Numbers in Northern Ireland begin with NIC or are 1xxxxx.
    Other numbers are from England and Wales.
    """
    if match := _ORG_ID.fullmatch(_usual(number)):
        is_charity = match[1].upper() in _CHARITY_REGISTERS
        return charity(_CHARITY_REGISTERS[match[1].upper()] + match[2]) if is_charity else ""
    tidy = re.sub(r"^(?:SC)+[O-]?(?=\d)", "SC", re.sub(r"^(?:NIC)+(?=NIC)", "", _plain(number)))
    if re.fullmatch(r"SC(?=\d*[1-9])\d{1,6}", tidy):
        return f"GB-SC-SC{tidy[2:].zfill(6)}"
    if match := re.fullmatch(r"(?:NIC?-?)?(1\d{5})", tidy):
        return f"GB-NIC-{match[1]}"
    match = re.fullmatch(r"(?:(?:CHC|CCEW|CC)-?)?0{0,2}([2-9]\d{5}|1\d{6})(?:-0)?", tidy)
    return f"GB-CHC-{match[1]}" if match else ""


def several(org_id_of: Callable[[str], str], cell: str) -> tuple[str, ...]:
    """The org-ids of the numbers in a cell, each of which `org_id_of` reads; () where it has none.

    The number of a linked charity is not that of the main one.

    >>> several(charity, "1150079 / SC012345"), several(charity, "235098/23")
    (('GB-CHC-1150079', 'GB-SC-SC012345'), ())
    """
    if whole := org_id_of(cell):
        return (whole,)
    parts = [
        part for part in _APART.split(_NOT_APPLICABLE.sub(" ", cell)) if not _LINKED.fullmatch(part)
    ]
    found = (org_id_of(each) for part in parts for each in part.split("/"))
    return tuple(dict.fromkeys(filter(None, found)))


def tidy(org_id: str) -> str:
    """An org-id in its usual form, '' where its number is not valid; other ids unchanged."""
    text = _usual(org_id)
    match = _ORG_ID.fullmatch(text)
    if not match:
        return text
    return from_scheme(match[1], match[2])


def scheme_of(register: str) -> str:
    """The scheme that the code or the name of a register means; another text unchanged.

    >>> scheme_of("COH"), scheme_of("Companies House"), scheme_of("GB-VAT")
    ('GB-COH', 'GB-COH', 'GB-VAT')
    """
    words = " ".join(re.findall(r"[a-z]+", register.lower()))
    code = words.removeprefix("gb ").upper()
    return f"GB-{code}" if code in _SCHEMES else _BY_NAME.get(words, register)


def is_shortened(number: str) -> bool:
    """Whether a spreadsheet wrote a number as a power of ten and lost digits of it.

    >>> is_shortened("1.15E+06"), is_shortened("1.150079E+06"), is_shortened("1150079")
    (True, False, False)
    """
    text = _usual(number)
    return bool(_SHORTENED.fullmatch(text)) and _plain(text).upper() == text.upper()


def from_scheme(scheme: str, number: str) -> str:
    """The org-id of a number under a scheme such as `GB-COH`; '' where it is not valid.

    The number may repeat its scheme.
    """
    if _ORG_ID.fullmatch(number.strip()):
        return tidy(number)
    prefix, plain = scheme.strip().upper(), _plain(number)
    if prefix == "GB-COH":
        return company(plain)
    if prefix in _CHARITY_REGISTERS:
        own = charity(_CHARITY_REGISTERS[prefix] + plain)
        return own if own.startswith((prefix, "GB-SC")) else ""
    letters = re.sub(r"[\W_]", "", plain)
    is_number = letters.strip("0") and letters not in _NO_NUMBER
    is_valid = prefix.removeprefix("GB-") in _SCHEMES and is_number
    return f"{prefix}-{plain}" if is_valid else ""


def in_address(text: str) -> str:
    """The part of a web address that may be an id, else its last; other texts unchanged.

    >>> in_address("https://org-id.guide/GB-CHC-1150079"), in_address("Kestrel Food Bank")
    ('GB-CHC-1150079', 'Kestrel Food Bank')
    >>> in_address("https://oscr.example/charity-details?number=12345")
    'SC012345'
    """
    _, is_address, address = text.strip().rstrip("/").partition("://")
    if not is_address:
        return text
    if asked := _ASKED.search(address):
        return "" if _LINKED_ASKED.search(address) else _numbered(address, asked[1])
    path = re.split("[?#]", address)[0].rstrip("/").split("/")
    numbers = [part for part in reversed(path[1:]) if forms(part)]
    with_scheme = (part for part in numbers if _ORG_ID.fullmatch(_usual(part)))
    without = (part for part in numbers if _NO_YEAR.search(part))
    return next(with_scheme, None) or next(without, path[-1])


def _numbered(address: str, number: str) -> str:
    """A number in an address, with the letters that its register shows and the address lacks."""
    host = address.partition("/")[0].lower()
    if not number.isdigit():
        return number
    if "oscr" in host:
        return f"SC{number.zfill(6)}"
    return f"NIC{number}" if "charitycommissionni" in host else number


_IRISH_COMPANY = re.compile(r"NI\d{6}")
"""A number of Companies House; that of a charity in Northern Ireland begins with NIC."""


def forms(number: str) -> tuple[str, ...]:
    """Every org-id that a number without a scheme may stand for, charities first.

    >>> forms("NIC100123"), forms("212481"), forms("NI100123")
    (('GB-NIC-100123',), ('GB-CHC-212481', 'GB-COH-00212481'), ('GB-COH-NI100123',))
    """
    if _ORG_ID.fullmatch(_usual(number)):
        return (found,) if (found := tidy(number)) else ()
    if _IRISH_COMPANY.fullmatch(_plain(number)):
        return tuple(filter(None, [company(number)]))
    return tuple(dict.fromkeys(filter(None, (charity(number), company(number)))))


_FORMS_OF_COMPANY = {
    "incorporated charity": {"CE", "CS", "CN"},
    "royal charter": {"RC"},
    "overseas": {"FC", "OE", "SF", "NF"},
    "branch": {"BR", "FE"},
}
_FORM = {prefix: form for form, prefixes in _FORMS_OF_COMPANY.items() for prefix in prefixes}
_SOCIETY = re.compile(r"GB-(COH|MPR)-(RS|IP|SP|NP|SR)?0{0,12}(\d{1,12})([A-Z]{0,3})")
_LEAST_OLD = 10_000
"""The Mutuals Public Register's numbers without a letter are below this: those from it on are old
ones, of industrial and provident societies, and end in R."""
_MOST_IRISH = 999
"""The highest number of a society in Northern Ireland, whose prefix can also be IP."""


def equivalents(org_id: str) -> tuple[str, ...]:
    """Other org-ids that the same registration has.

    Companies House repeats the numbers of the Mutuals Public Register, with its own prefix.  The
    letters at the end tell series apart: 7632 and 7632R are two societies.  CBS and CS do not.
    Credit unions of Northern Ireland have one number after CU and NO.

    >>> equivalents("GB-COH-RS007632"), equivalents("GB-COH-IP28116R"), equivalents("GB-MPR-7632R")
    (('GB-MPR-7632',), ('GB-MPR-28116R',), ())
    """
    if org_id[7:8].isdigit() and org_id.startswith("GB-COH-"):
        return ()
    if org_id.startswith("GB-COH-CU"):
        return (f"GB-COH-NO{org_id[9:]}",)
    match = _SOCIETY.fullmatch(org_id)
    if match is None or (match[1] == "COH" and not match[2]):
        return ()
    number = int(match[3])
    usual = f"GB-MPR-{number}{_series(match[2] or '', number, match[4])}"
    return (usual,) if usual != org_id else ()


def _series(prefix: str, number: int, letters: str) -> str:
    """The letters that end a society's number in the Mutuals Public Register."""
    if letters:
        return letters.removesuffix("CBS").removesuffix("CS")
    if prefix == "NP" or (prefix == "IP" and number <= _MOST_IRISH):
        return "IP"
    if prefix == "SP":
        return "RS"
    return "R" if prefix == "IP" or number >= _LEAST_OLD else ""


def form_of(org_id: str) -> str:
    """The register and the kind of registration: two numbers of one are of two organisations.

    A society that became a company, or an overseas company with a branch, has numbers of two kinds.

    >>> form_of("GB-COH-01234567"), form_of("GB-COH-SC123456"), form_of("GB-COH-RS007632")
    ('GB-COH company', 'GB-COH company', 'GB-MPR')
    """
    org_id = (*equivalents(org_id), org_id)[0]
    register = "-".join(org_id.split("-", 2)[:2])
    if register != "GB-COH":
        return register
    return f"GB-COH {_FORM.get(org_id[7:9], 'company')}"


def _usual(number: str) -> str:
    """A number with usual hyphens, without quotes around it."""
    return number.translate(_DASHES).strip(_QUOTES)


def _plain(number: str) -> str:
    """A number in capitals, without spaces, labels and what spreadsheets add to it."""
    usual = unicodedata.normalize("NFKC", _usual(number))
    text = _LABEL.sub("", re.sub(r"\([^()]*\)", "", usual).strip())
    text = re.sub(r"\s", "", text).upper()
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+", text):
        text = text.replace(",", "")
    if (
        (found := _EXPONENT.fullmatch(text))
        and len(found[1]) >= int(found[2])
        and float(text).is_integer()
    ):
        text = str(round(float(text)))
    return whole_number(text)
