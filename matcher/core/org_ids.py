"""Org-ids, as org-id.guide writes them, from the numbers that registers and people write."""

from __future__ import annotations

import re

_SCHEMES = ("COH", "CHC", "SC", "NIC", "MPR", "LAE", "LANI", "LAS", "NHS", "UKPRN", "PPON", "EDU")
_ORG_ID = re.compile(rf"(GB-(?:{'|'.join(_SCHEMES)}))[-:](.+)", re.IGNORECASE)
# 12345678 and 11111111 are what people type where a form insists on a number.
_PLACEHOLDERS = {"12345678", "11111111"}


def company(number: str) -> str:
    """`GB-COH-01234567` of a company number as people write it, or '' where it is none."""
    return "" if _plain(number) in _PLACEHOLDERS else of_register(number)


def of_register(number: str) -> str:
    """`GB-COH-01234567` of a company number, or '' where it is blank, zero or none.

    Mends what spreadsheets do to it: lost leading zeros (also after a prefix) and a
    trailing `.0`.
    """
    tidy = _plain(number)
    if tidy.isdigit():
        tidy = tidy.zfill(8)
    elif match := re.fullmatch(r"([A-Z]{2})(\d{1,6})", tidy):
        tidy = match[1] + match[2].zfill(6)
    return f"GB-COH-{tidy}" if re.fullmatch(r"(?=.*[1-9])[A-Z\d]{8}", tidy) else ""


def northern_irish_company(number: str) -> str:
    """The org-id of a company number that stands without its `NI`, as in the NI register."""
    tidy = _plain(number)
    if re.fullmatch(r"\d{1,6}", tidy):
        return company(f"NI{tidy}") if int(tidy) else ""
    return company(tidy)


def charity(number: str) -> str:
    """The org-id of a charity number of any UK register, or ''.

    Scotland's begin with SC, Northern Ireland's with NIC or are 1xxxxx, and the others are
    of England and Wales.
    """
    tidy = _plain(number)
    if re.fullmatch(r"SC\d{1,6}", tidy):
        return f"GB-SC-SC{tidy[2:].zfill(6)}"
    if match := re.fullmatch(r"(?:NIC?)?(1\d{5})", tidy):
        return f"GB-NIC-{match[1]}"
    return f"GB-CHC-{tidy}" if re.fullmatch(r"[2-9]\d{5}|1\d{6}", tidy) else ""


def tidy(org_id: str) -> str:
    """An org-id in its usual form; '' where its number is none; another id as it stands."""
    text = org_id.strip()
    match = _ORG_ID.fullmatch(text)
    if not match:
        return text
    return of_scheme(match[1], match[2])


def of_scheme(scheme: str, number: str) -> str:
    """The org-id of a number under a scheme such as `GB-COH`, or '' where it is none."""
    prefix, plain = scheme.strip().upper(), _plain(number)
    if prefix == "GB-COH":
        return company(plain)
    known = prefix.removeprefix("GB-") in _SCHEMES and plain.strip("0")
    return f"{prefix}-{plain}" if known else ""


def _plain(number: str) -> str:
    return re.sub(r"\s", "", number).removesuffix(".0").upper()
