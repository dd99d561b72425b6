"""Makes org-ids (org-id.guide) from the numbers that registers and people write."""

from __future__ import annotations

import re

_SCHEMES = ("COH", "CHC", "SC", "NIC", "MPR", "LAE", "LANI", "LAS", "NHS", "UKPRN", "PPON", "EDU")
_ORG_ID = re.compile(rf"(GB-(?:{'|'.join(_SCHEMES)}))[-:](.+)", re.IGNORECASE)
# People type these where a form requires a number.
_PLACEHOLDERS = {"12345678", "11111111"}


def company(number: str) -> str:
    """The org-id of a company number as people write it; '' where it is not one."""
    return "" if _plain(number) in _PLACEHOLDERS else registered_company(number)


def registered_company(number: str) -> str:
    """The org-id of a company number, such as `GB-COH-01234567`; '' where it is not one.

    Corrects the changes that spreadsheets make: lost leading zeros (also after a prefix) and a
    trailing `.0`.
    """
    tidy = _plain(number)
    if tidy.isdigit():
        tidy = tidy.zfill(8)
    elif match := re.fullmatch(r"([A-Z]{2})(\d{1,6})", tidy):
        tidy = match[1] + match[2].zfill(6)
    return f"GB-COH-{tidy}" if re.fullmatch(r"(?=.*[1-9])[A-Z\d]{8}", tidy) else ""


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
    tidy = _plain(number)
    if re.fullmatch(r"SC\d{1,6}", tidy):
        return f"GB-SC-SC{tidy[2:].zfill(6)}"
    if match := re.fullmatch(r"(?:NIC?)?(1\d{5})", tidy):
        return f"GB-NIC-{match[1]}"
    return f"GB-CHC-{tidy}" if re.fullmatch(r"[2-9]\d{5}|1\d{6}", tidy) else ""


def tidy(org_id: str) -> str:
    """An org-id in its usual form, '' where its number is not valid; other ids unchanged."""
    text = org_id.strip()
    match = _ORG_ID.fullmatch(text)
    if not match:
        return text
    return from_scheme(match[1], match[2])


def from_scheme(scheme: str, number: str) -> str:
    """The org-id of a number under a scheme such as `GB-COH`; '' where it is not valid."""
    prefix, plain = scheme.strip().upper(), _plain(number)
    if prefix == "GB-COH":
        return company(plain)
    is_valid = prefix.removeprefix("GB-") in _SCHEMES and plain.strip("0")
    return f"{prefix}-{plain}" if is_valid else ""


def _plain(number: str) -> str:
    return re.sub(r"\s", "", number).removesuffix(".0").upper()
