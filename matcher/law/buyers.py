"""What kind of public buyer a body is, by its declared type and by its name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from matcher.core.kept import kept
from matcher.law.types import BuyerKind
from models import text

_TYPES = {
    "publicauthoritycentralgovernment": BuyerKind.CENTRAL,
    "centralgovernment": BuyerKind.CENTRAL,
    "ministry": BuyerKind.CENTRAL,
    "privateutility": BuyerKind.UTILITY,
    "publicundertaking": BuyerKind.UTILITY,
    "utilities": BuyerKind.UTILITY,
}
"""Codes of UK_CA_TYPE and TED_CA_TYPE, without case or marks, that settle the kind. Of the
other codes, 'sub-central' and 'regional authority' cover councils and others alike."""

_SUB_CENTRAL = re.compile("subcentral|regional|local")
"""What the codes of bodies that are not central have; others ('BODY_PUBLIC') leave it open."""

_LOCAL = re.compile("regional|local")
"""What the codes of bodies of one area have."""

_INITIALS = re.compile(r"\b(?:[A-Za-z]\.){2,}(?:[A-Za-z]\b)?")
"""Initials with points: 'M.B.C.'."""
_SPACED = re.compile(r"\b[A-Z](?: [A-Z]\b){1,4}")
"""Initials with spaces: 'M B C'."""
_BESIDE = re.compile(
    r"/|\son behalf of\b|\s[-–—]\s|\s(?:and|&)\s|\((?=[^()]{0,200}\)\W{0,3}$)", re.IGNORECASE
)
"""Between the name of a council and that of a company which stands beside it."""
_MOST_BESIDE = 20
_OWNED = re.compile(
    r"\((?=[^()]{0,200}\)\W{0,3}$)|\b(?:trading as |which is |part |an? |the ){0,3}"
    r"(?:(?:wholly|fully|jointly)[- ])?(?:owned|controlled|subsidiary|arm|company)\b",
    re.IGNORECASE,
)
"""Between the name of a company and that of the council that owns it."""
_OWNED_BY = re.compile(r"\b(?:(?:owned|controlled) by|(?:subsidiary|arm) of)\b", re.IGNORECASE)
"""Before the name of a council that owns what stands before it."""
_ON_BEHALF = re.compile(
    r"\b(?:on behalf|behalf of|acting (?:for|as)|agents? (?:for|of)|c/o)\b|\(for\b", re.IGNORECASE
)
"""Before the name of a council for which a company only acts."""
_WHOLE_COUNCIL = re.compile(
    r"\b(?:councils?|[mdclr]?bc|mdc|cc|dc|borough)$"
    r"|^(?:cyngor|comhairle|city|(?:london|royal) borough)\b"
)
"""A name that is complete as that of a council."""


def kind_of_buyer(name: str, types: Iterable[str] = ()) -> BuyerKind | None:
    """The kind of buyer, or None where neither its types nor its name tell.

    `types` are codes of UK_CA_TYPE or TED_CA_TYPE as the notice gives them. They come first;
    the name decides what they leave open. A body with a type whose name says nothing is
    sub-central, so that nothing meant for councils alone is offered to it.

    >>> str(kind_of_buyer("Walsall MBC"))
    'council'
    >>> str(kind_of_buyer("Arts Council England", ["publicAuthoritySubCentralGovernment"]))
    'sub-central'
    """
    return _kind(name, tuple(re.sub(r"[\W_]", "", code.lower()) for code in types))


@kept(1 << 13)
def _kind(name: str, codes: Sequence[str]) -> BuyerKind | None:
    for code in codes:
        if code in _TYPES:
            return _TYPES[code]
    plain = _plain(name)
    by_name = _by_name(plain) or _by_name(_as_local(plain, codes))
    if by_name is BuyerKind.COUNCIL and _is_company(name):
        by_name = BuyerKind.SUB_CENTRAL
    if by_name is None:
        return BuyerKind.SUB_CENTRAL if any(codes) else None
    if by_name is not BuyerKind.COUNCIL and any(map(_SUB_CENTRAL.search, codes)):
        return BuyerKind.SUB_CENTRAL
    return by_name


def nation_of_name(name: str) -> str:
    """The nation that a body's name says it works in, or '' where it names none or several.

    >>> nation_of_name("NHS National Services Scotland")
    'Scotland'
    >>> nation_of_name("Youth Justice Board for England and Wales")
    ''
    """
    plain = _beside_words("no_nation").sub("", _plain(name))
    found = [nation for nation, pattern in _nations().items() if pattern.search(plain)]
    return found[0] if len(found) == 1 else ""


def is_department(name: str) -> bool:
    """Whether a name is that of a department, and not of the body that it belongs to.

    >>> is_department("Adults' Social Care & Health"), is_department("Wallbrook Social Care")
    (True, False)
    """
    words = text.plain(name.replace("'", "").replace("’", "").replace("&", " and ")).split()
    known = _table()["departments"]["words"]
    is_own = any(map(str.isalpha, words)) and all(w in known or w.isdigit() for w in words)
    return is_own and kind_of_buyer(name) is not BuyerKind.CENTRAL  # Department for Education


def _by_name(plain: str) -> BuyerKind | None:
    return next((kind for kind, pattern in _rules() if pattern.search(plain)), None)


def _as_local(plain: str, codes: Iterable[str]) -> str:
    """A name that ends in 'TC' or 'PC', in full, if the name or a type says that it is local.

    '' for other names: there the letters may stand for a tennis club or a computer.
    """
    head, _, last = plain.rpartition(" ")
    full = _table()["local_endings"].get(last) if head else None
    if not full:
        return ""
    says_local = _beside_words("local").search(head) or any(map(_LOCAL.search, codes))
    return f"{head} {full}" if says_local else ""


def _is_company(name: str) -> bool:
    """Whether a name with the words of a council is a company's, with no council beside it."""
    owned = None if _ON_BEHALF.search(name) else _OWNED.search(name)
    before = name[: owned.start()].rstrip(" ,(–-") if owned else ""
    if before and _OWNED_BY.search(name) and _by_name(_plain(before)) is not BuyerKind.COUNCIL:
        return True
    return _ends_as_company(before) or _ends_as_company(name)


def _ends_as_company(name: str) -> bool:
    """Whether a name ends in the form of a company, and no part before is a whole council."""
    if "," in name or not _plain(name).endswith(_company_forms()):
        return False
    heads = (
        _plain(name[: found.start()]) for found in islice(_BESIDE.finditer(name), _MOST_BESIDE)
    )
    return not any(
        _WHOLE_COUNCIL.search(head) and _by_name(head) is BuyerKind.COUNCIL for head in heads
    )


def _plain(name: str) -> str:
    joined = _INITIALS.sub(lambda found: found[0].replace(".", "") + " ", name)
    joined = _SPACED.sub(lambda found: found[0].replace(" ", ""), joined)
    plain = text.plain(joined.replace("'", "").replace("’", "").replace("&", " and "))
    table = _table()
    words = [table["spellings"].get(word, word) for word in plain.split()]
    if len(words) > 1 and words[0] in table["names_first"]["words"]:
        words = words[1:]
    if len(words) > 1 and words[-2] not in table["no_endings"].get(words[-1], ()):
        words[-1] = table["endings"].get(words[-1], words[-1])
    whole = " ".join(words)
    if "pcc" in words and _beside_words("churches").search(whole):
        whole = re.sub(r"\bpcc\b", "parochial church council", whole)
    return whole


@cache
def _rules() -> tuple[tuple[BuyerKind, re.Pattern[str]], ...]:
    return tuple((BuyerKind(rule["kind"]), _whole(rule["words"])) for rule in _table()["rules"])


@cache
def _beside_words(table: str) -> re.Pattern[str]:
    return _whole(_table()[table]["words"])


@cache
def _company_forms() -> tuple[str, ...]:
    """What a company's name ends with, and the space before it."""
    rules = (rule for rule in _table()["rules"] if rule.get("company"))
    return tuple(f" {word}" for rule in rules for word in rule["words"])


@cache
def _nations() -> Mapping[str, re.Pattern[str]]:
    return {nation: _whole(words) for nation, words in _table()["nations"].items()}


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).with_name("buyers.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
