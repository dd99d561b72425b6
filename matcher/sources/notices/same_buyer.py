"""Tells whether two releases of one ocid are by one buyer, however its name is written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

from matcher.core.kept import kept
from matcher.geo.councils import Councils
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.formats.json_values import Fields, ident
from matcher.sources.notices.parties import (
    buyer_of,
    buyers,
    is_lasting,
    name_key,
    reference_of,
    with_buyer_of_awards,
)

_CACHED = 1 << 12  # names
_COUNCIL_WORDS = frozenset(
    {
        *("the", "of", "and", "council", "borough", "metropolitan", "city", "county", "district"),
        *("mbc", "bc", "dc", "cc", "lb", "lbc", "rb", "london", "royal", "unitary"),
        *("authority", "corporation", "cbc", "mdc", "cyngor", "bwrdeistref", "sirol", "sir"),
        *("dinas", "a", "y", "mayor", "aldermen", "burgesses"),
    }
)
_TIER_OF = {
    **{"sirol": "county", "sir": "county", "dinas": "city", "bwrdeistref": "borough"},
    **{"dc": "district", "mdc": "district", "bc": "borough", "mbc": "borough", "lb": "borough"},
    **{"lbc": "borough", "rb": "borough"},
}
"""Welsh words and abbreviations for the tiers.  CC is a county or a city."""
_TIERS = frozenset({"county", "city", "borough", "district", "metropolitan"})
"""Words that tell the council of a county from those within it: Durham has had both."""
_PART_OF_NAME = re.compile(r"\([^()]{1,200}\)|[.'’]")
_BEFORE_DEPARTMENT = re.compile(r"\s[-–—]\s|,\s|\s?[:|]\s|\s(?:t/a|trading as)\s", re.IGNORECASE)
_BUYERS_OWN = re.compile(
    r"(?:\w+ ){0,2}(?:procurement|purchasing|commissioning)(?: (?:team|unit|department|service))?",
    re.IGNORECASE,
)
"""A department that buys, and no body of its own."""
_SMALL_WORDS = re.compile(r"(?<!\S)(?:the|of|for|and|&)(?!\S)", re.IGNORECASE)
_SHORT_FORMS = {
    "NHS Trust": re.compile(r"\bNHS (?:Foundation Trust|F\.?T\b)", re.IGNORECASE),
    "ICB": re.compile(r"\bIntegrated Care Board\b", re.IGNORECASE),
    "CCG": re.compile(r"\bClinical Commissioning Group\b", re.IGNORECASE),
}
"""How bodies of the NHS are also written: a trust has its name also as a foundation."""
_LOST = re.compile(r"\ufffd{1,3}|(?<=\w)\?{1,3}(?=\w)")
"""Letters that a wrong encoding lost."""
_ONE_NUMBER = ("GB-EDU-", "GB-UKPRN-", "GB-COH-", "GB-CHC-", "GB-SC-", "GB-NIC-")
"""Registers that give a body one number."""
_MOST_LOST = 4
"""Places of a name in which letters may be lost."""
_IN_BRACKETS = re.compile(r"([^()]{3,200})\(([^()]{2,100})\)\s*")


@dataclass(frozen=True, slots=True)
class Identity:
    """What a release says of its buyer: the name, and the ids that refer to it.

    `joint` has the keys of the names of all, where several buy together.
    """

    name: str
    ids: frozenset[str]
    joint: frozenset[str]

    @classmethod
    def of(cls, release: Fields) -> Self:
        """The buyer of a release; where it names none, the only one that its awards name."""
        release = with_buyer_of_awards(release)
        buyer = buyer_of(release)
        every = frozenset(filter(None, (_key(ident(one.get("name"))) for one in buyers(release))))
        ids = frozenset(filter(None, (buyer.id, reference_of(release))))
        return cls(buyer.name, ids, every if len(every) > 1 else frozenset())

    def __bool__(self) -> bool:
        """Whether the release names a buyer."""
        return bool(self.name or self.ids)

    def is_same(self, other: Identity) -> bool:
        """Whether both are one buyer: by name or official id, or by any id if a name is missing.

        Two numbers of one register are of two bodies, whatever their names: two schools.
        """
        shared = self.ids & other.ids
        if not (self.name and other.name):
            return bool(shared)
        if any(is_lasting(one) for one in shared) or (self.joint and self.joint == other.joint):
            return True
        if self.has_another_number(other):
            return False
        same_name = _key(self.name) in _names(other.name) or _key(other.name) in _names(self.name)
        if same_name or _same_council(self.name, other.name):
            return True
        if _in_both_languages(self.name, other.name):
            return True
        return _with_lost_letters(self.name, other.name) or _with_lost_letters(
            other.name, self.name
        )

    def is_short_for(self, other: Identity) -> bool:
        """Whether its name is the short form in capitals that the other's has in brackets."""
        found = _IN_BRACKETS.fullmatch(other.name)
        if found is None or not found[2].isupper():
            return False
        return _key(found[2]) == _key(self.name)

    def has_another_number(self, other: Identity) -> bool:
        """Whether each has a number of a register that gives a body one, and not the same."""
        one, two = (
            {"-".join(id_.split("-", 2)[:2]): id_ for id_ in each.numbers} for each in (self, other)
        )
        return any(one[register] != two[register] for register in one.keys() & two.keys())

    @property
    def numbers(self) -> frozenset[str]:
        """Its numbers of registers that give a body one."""
        return frozenset(id_ for id_ in self.ids if id_.startswith(_ONE_NUMBER))

    def is_other_tier(self, other: Identity) -> bool:
        """Whether one is the council of a county and one a council of that name within it."""
        if self.is_same(other):
            return False
        one, two = _council_name(self.name), _council_name(other.name)
        return bool(one.words) and one.words == two.words and one.is_other_tier(two)


@dataclass(frozen=True, slots=True)
class _CouncilName:
    """The words of a council's name that tell it from others, and the tiers that it names."""

    words: frozenset[str]
    tiers: frozenset[str]

    def is_other_tier(self, other: _CouncilName) -> bool:
        """Whether one names a county and the other what lies within it.

        CC may stand for a county or a city council; beside the words for a city, borough or
        district it is a county's.
        """
        both = (self.tiers, other.tiers)
        of_county = any(each & _TIERS == {"county"} or "cc" in each for each in both)
        return of_county and any(each & _TIERS and "county" not in each for each in both)


@kept(_CACHED)
def _council_name(name: str) -> _CouncilName:
    """What stands in brackets, or after the name of a council, is a part of the council."""
    plain = _PART_OF_NAME.sub("", _folded(_whole_council(name)).lower())
    every = frozenset(re.findall(r"[^\W_]+", plain))
    tiers = frozenset(_TIER_OF.get(word, word) for word in every)
    return _CouncilName(every - _COUNCIL_WORDS, tiers)


def _same_council(one: str, other: str) -> bool:
    """Whether both are councils whose names differ only in words for a kind of council.

    The words may be English or Welsh.  A county council is not the council of the city or borough
    of its name.
    """
    first, second = _council_name(one), _council_name(other)
    if not first.words or first.words != second.words or first.is_other_tier(second):
        return False
    kinds = {kind_of_buyer(_whole_council(one)), kind_of_buyer(_whole_council(other))}
    return kinds == {BuyerKind.COUNCIL}


def _in_both_languages(one: str, other: str) -> bool:
    """Whether both are one council of Wales, whose name is in Welsh in one of them."""
    names = [_whole_council(name) for name in (one, other)]
    if sum(name.lower().startswith("cyngor ") for name in names) != 1:
        return False
    found = [_welsh_council(name) for name in names]
    return bool(found[0]) and found[0] == found[1]


@kept(_CACHED)
def _welsh_council(name: str) -> str:
    """The code of the principal council of Wales that has this name; '' for other names."""
    area = Councils.open().find(name) if kind_of_buyer(name) is BuyerKind.COUNCIL else None
    return area.code if area and area.code.startswith("W0") else ""


def _whole_council(name: str) -> str:
    """A council's name without its department: 'Leeds City Council - Housing'.

    Two bodies that buy together keep both names.
    """
    found = _BEFORE_DEPARTMENT.search(name)
    if not found:
        return name
    whole, part = name[: found.start()], name[found.end() :]
    is_department = kind_of_buyer(part) is None or _BUYERS_OWN.fullmatch(part)
    return whole if is_department and kind_of_buyer(whole) is BuyerKind.COUNCIL else name


def _with_lost_letters(name: str, other: str) -> bool:
    """Whether a name is another one with letters that were lost: 'Ynys M?n' for 'Ynys Môn'."""
    known = [re.escape(part) for part in _LOST.split(name.lower())]
    is_name = 1 < len(known) <= _MOST_LOST + 1
    return is_name and bool(re.fullmatch(r"\w{1,2}".join(known), other.lower()))


@kept(_CACHED)
def _names(name: str) -> frozenset[str]:
    """The keys of a name: of 'Eastern Purchasing (EPO)' also that of its short form in brackets.

    Of a name in Welsh and English, 'Cyngor Abertwyn / Abertwyn Council', those of both.  A short
    form is in capitals; other words in brackets may be those of many bodies.
    """
    found = _IN_BRACKETS.fullmatch(name)
    parts = [found[1], found[2]] if found and found[2].isupper() else []
    languages = re.split(r" ?[/|] ?", name)
    if any(one.lower().startswith("cyngor ") for one in languages):
        parts += languages
    return frozenset(_key(one) for one in (name, *parts))


@kept(_CACHED)
def _key(name: str) -> str:
    """The key of a buyer's name, without accents and small words that some leave out."""
    plain = _folded(name)
    for short, written in _SHORT_FORMS.items():
        plain = written.sub(short, plain)
    return name_key(_SMALL_WORDS.sub(" ", plain)) or name_key(name)


def _folded(name: str) -> str:
    """A name without accents: 'Ynys Mon'."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
