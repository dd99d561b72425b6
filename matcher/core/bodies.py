"""What sort of body a provider is: a school, a club, a grant-maker, or one that sells services."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from matcher.core.types import Provider


class Body(StrEnum):
    """The sort of a body, as far as its name and labels show it."""

    OTHER = ""
    SCHOOL = "school, college or nursery"
    PARENTS = "parents' or friends' association"
    RELIGIOUS = "religious body"
    GRANTS = "grant-maker"
    CLUB = "club or society"
    PUB = "public house or bar"
    MEMBERS = "membership or umbrella body"

    @property
    def seldom_sells(self) -> bool:
        """Whether such bodies seldom do work for others, as graded lists show."""
        return self in {Body.SCHOOL, Body.PARENTS, Body.GRANTS, Body.MEMBERS}


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})\b")


_SELLS = _any("services", "solutions", "contractors?", "consultancy", "catering", "training")
"""Words in a name that show that it sells services, whatever else it is."""
_WORKS_FOR_OTHERS = _any(
    *("(?:after|before|out of|out-of|pre and post)[- ]?schools?", "klubs?", "schools? clubs?"),
    *("(?:breakfast|holiday|kids'?|homework|play) clubs?", "wrap ?around", "play ?schemes?"),
    *("rural community council", "community council of"),
)
"""Names of clubs outside school hours, and of the charities that support a county's villages."""
_A_SCHOOL = re.compile(
    r"\b(?:school|schools|academy|academies|college|university|nursery|playgroup|preschool)\b"
    r" ?(?:$|[^\w\s]|(?:ltd|limited|plc|cic|cio|trust|trustees|foundation|charity|governors|fund"
    r"|governing|federation|and|of|for|in|at|the|school|nursery|playgroup|college|academy|pre"
    r"|preschool|multi)\b)"
)
"""How the name of a school goes on: a builder may be called "The School Roofing Company"."""
_A_PROFESSION = _any(
    r"royal college of (?:general|occupational|speech|veterinary|emergency|paediatrics|nursing"
    r"|midwives|podiatry|organists|physicians|surgeons|anaesthetists|obstetricians"
    r"|[a-z]{4,12}ologists|[a-z]{4,12}iatrists)"
)
"""Names of bodies of a profession: "college" in them is no school."""
_SERVES = _any("provides services", "care provider")
"""Labels that show the same."""
_NAMED = {
    Body.PARENTS: _any(
        *("f?pta", r"p\.t\.a", "pt[fs]a", "parents?'?,? (?:and |& )?(?:teachers?|staff|friends)"),
        "schools? (?:(?:parents?'?|friends?'?|home[- ]school) association|hsa|pfa|psa)",
        "friends of",
    ),
    Body.SCHOOL: _any(
        *("pre-?school", "schools?", "academy", "academies", "college", "university"),
        *("nursery", "playgroup"),
    ),
    Body.RELIGIOUS: _any(
        *("church", "churches", "parish", "parochial", "chapel", "diocese", "diocesan"),
        *("cathedral", "methodist", "baptist", "congregational", "congregation", "evangelical"),
        *("mosque", "masjid", "synagogue", "gurdwara", "mandir", "gospel", "ministries"),
    ),
    Body.CLUB: _any(
        *("clubs?", "cricket", "rugby", "bowls", "golf", "anglers", "angling", "yacht", "scouts?"),
        *("guides", "brownies", "masonic", "legion", "choir", "choral", "orchestra", "operatic"),
        "horticultural society",
    ),
    Body.GRANTS: _any(
        *("relief in need", "almshouses?", "bequest", "will trust", "endowment"),
        "benevolent fund",
    ),
    Body.MEMBERS: _any(
        *("association of", "federation", "confederation", "chamber of", "guild of"),
        *("institute of", "council for voluntary", "voluntary action", "residents'? association"),
        "community council",
    ),
}
_WORD = re.compile(r"\w+")
_BEGIN = frozenset(
    {
        *("services", "solutions", "contractor", "contractors", "consultancy", "catering"),
        *("training", "pta", "ptfa", "ptsa", "parent", "parents", "friends", "pre", "preschool"),
        *("school", "schools", "academy", "academies", "college", "university", "nursery"),
        *("playgroup", "church", "churches", "parish", "parochial", "chapel", "diocese"),
        *("diocesan", "cathedral", "methodist", "baptist", "congregational", "congregation"),
        *("evangelical", "mosque", "masjid", "synagogue", "gurdwara", "mandir", "gospel"),
        *("ministries", "club", "clubs", "cricket", "rugby", "bowls", "golf", "anglers"),
        *("angling", "yacht", "scout", "scouts", "guides", "brownies", "masonic", "legion"),
        *("choir", "choral", "orchestra", "operatic", "horticultural", "relief", "almshouse"),
        *("almshouses", "bequest", "will", "endowment", "benevolent", "association"),
        *("federation", "confederation", "chamber", "guild", "institute", "council"),
        *("voluntary", "resident", "residents", "community", "klub", "klubs", "wraparound"),
        *("wrap", "play", "playscheme", "playschemes", "afterschool", "afterschools"),
        *("beforeschool", "beforeschools", "ofschool", "ofschools", "fpta", "p"),
    }
)
"""The words that the patterns of names begin with: most names have none of them."""
_LABELLED = {
    Body.RELIGIOUS: _any("icnptso:i[19]0", "rl302"),
    Body.GRANTS: _any("icnptso:h10", "ca20[12]", "makes grants"),
    Body.CLUB: _any(
        *("sic:93120", "sic:94920", "sic:56301", "icnptso:a21", "icnptso:g13"),
        "sector:membership associations",
    ),
    Body.PUB: _any("sic:56302"),
}


def body_of(provider: Provider) -> Body:
    """The sort of body that `provider` is; `Body.OTHER` where nothing shows that it is one.

    Its name tells first, then its labels.  Its legal form does not count.
    """
    name = provider.name.lower()
    sells, labelled = _of_labels(provider.tags)
    if not _BEGIN.isdisjoint(_WORD.findall(name)):
        if _SELLS.search(name) or _WORKS_FOR_OTHERS.search(name):
            return Body.OTHER
        named = next((body for body, words in _NAMED.items() if words.search(name)), None)
        if named is Body.SCHOOL and _A_PROFESSION.search(name):
            named = Body.MEMBERS
        elif named is Body.SCHOOL and not _A_SCHOOL.search(name):
            named = None
        labelled = named or labelled
    return Body.OTHER if sells else labelled


@lru_cache(1 << 14)
def _of_labels(tags: tuple[str, ...]) -> tuple[bool, Body]:
    """Whether labels say that a body sells services, and the body that they show otherwise."""
    labels = " | ".join(tags).lower()
    labelled = (body for body, words in _LABELLED.items() if words.search(labels))
    return _SERVES.search(labels) is not None, next(labelled, Body.OTHER)
