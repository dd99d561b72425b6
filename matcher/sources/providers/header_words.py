"""Tells what a column is about from the words of its header, where it has no others.

A longer header, such as "Name of your community group", means the same as a short one.  A word
that is not known may be of somebody or something else: "Contact name", "Membership status".
"""

from __future__ import annotations

import re
from collections.abc import Set

_BODIES = frozenset(
    {
        *("organisation", "organization", "org", "company", "charity", "provider", "supplier"),
        *("vendor", "contractor", "business", "group", "entity", "club", "society", "school"),
        *("nursery", "setting", "establishment", "service", "enterprise", "agency", "practice"),
        *("firm", "trust", "association", "account", "home", "vcse", "vcs", "vcfse", "grantee"),
        *("recipient", "bidder", "tenderer", "payee"),
        *("trader", "creditor", "subcontractor", "partner", "playgroup", "preschool", "pre", "sub"),
        *("centre", "shop"),
        *("organisations", "organizations", "providers", "suppliers", "companies", "charities"),
    }
)
"""Words for what a row of a table of providers is about."""
_ALONE = frozenset(
    {
        *("organisation", "organization", "org", "company", "charity", "club", "firm", "agency"),
        *("enterprise", "entity", "grantee", "recipient", "bidder", "tenderer", "payee"),
        *("provider", "supplier", "vendor", "contractor", "business"),
    }
)
"""Those whose column has names even where the header does not say it; "Service" has not."""
_NAME = frozenset({"name", "names", "title", "called"})
_WHICH = frozenset({"member", "applicant", "lead", "main", "full", "legal"})
_SORT = frozenset(
    {
        *("community", "voluntary", "social", "local", "care", "official", "registered", "trading"),
        *("delivery", "youth", "childcare", "sports"),
    }
)
"""What may be asked of an organisation as well: "Voluntary organisation" has yes and no."""
_SMALL = frozenset(
    {"the", "of", "your", "our", "this", "is", "s", "or", "and", "a", "an", "what", "r", "y", "yr"}
)
_STATUS_OF = frozenset(
    {
        *("register", "registration", "reg", "trading", "current", "operational", "operating"),
        *("house", "ch", "commission", "regulator", "oscr", "ccni", "ccew", "cqc", "ofsted"),
        *("record", "listing", "location", "premises", "at", "on", "with", "open", "active"),
    }
)
_THERE = frozenset({"active", "open", "live", "trading", "current", "registered"})
_GOING_ON = frozenset(
    {
        *("active", "open", "live", "operating", "running", "operational", "functioning"),
        *("exists", "exist", "existence", "operation", "going", "meeting"),
    }
)
_ASKS = frozenset({"still", "currently", "is"})
_BESIDE_GOING_ON = frozenset({*_ASKS, "are", "you", "does", "do", "in", "y", "n", "yes", "no"})
_GONE = frozenset(
    {
        *("removed", "dissolved", "deregistered", "closed", "ceased", "shut", "terminated"),
        *("deleted", "archived", "withdrawn", "suspended", "insolvent", "bankrupt", "liquidated"),
        *("gone", "deactivated", "disbanded", "defunct", "inactive", "stopped"),
    }
)
_OCCASIONS = frozenset(
    {
        *("removal", "dissolution", "deregistration", "closure", "cessation", "closing"),
        *("termination", "deactivation", "liquidation", "insolvency", "receivership"),
        *("left", "leaving", "close"),
    }
)
_WHEN = frozenset({"date", "day", "year", "when", "since", "on", "reason", "dyddiad"})
_BESIDE_GONE = frozenset(
    {
        *("of", "on", "the", "from", "list", "register", "for", "or", "and", "is", "was", "has"),
        *("been", "since", "trading", "operating", "to", "exist", "cio", "y", "n"),
    }
)
_ONE_WORD = (
    (re.compile(r"\bde (?=registered|registration)"), "de"),
    (re.compile(r"\b(?:struck off|wound up)\b"), "dissolved"),
    (re.compile(r"\b(?:strik(?:e|ing) off|winding up)\b"), "dissolution"),
    (re.compile(r"\bno longer \w+"), "inactive"),
    (re.compile(r"\bin (?:administration|liquidation|receivership|insolvency)\b"), "insolvent"),
)
"""Several words of a header that mean one thing."""
_WORK = frozenset(
    {
        *("service", "services", "activity", "activities", "specialism", "specialisms", "trade"),
        *("expertise", "provision", "trades"),
    }
)
"""Words for what organisations do, also where the header is nothing else."""
_OFFERED = _WORK | {"support", "work", "what", "products", "goods"}
_OFFERS = frozenset(
    {
        *("offer", "offers", "offered", "provide", "provides", "provided", "deliver", "delivers"),
        *("delivered", "run", "runs", "do", "does", "describe", "supplied", "supply"),
    }
)
_TEXTS = frozenset({"description", "desc", "summary", "overview", "profile"})
_BESIDE_OFFERS = frozenset(
    {
        *("please", "tell", "us", "about", "list", "briefly", "you", "it", "they", "main", "which"),
        *("brief", "short", "long", "full", "primary", "key", "details", "info", "information"),
        *("other", "additional", "secondary", "further"),
    }
)
_SORTS = frozenset({"type", "types", "category", "categories", "kind", "kinds", "sector"})
_LEGAL = frozenset({"legal", "structure", "form", "constitution"})
_WHOSE_ADDRESS = frozenset(
    {
        *("public", "trading", "principal", "head", "office", "site", "premises", "venue", "main"),
        *("registered", "correspondence", "contact", "postal", "full", "base", "location"),
    }
)
_CHARITY, _COMPANY = (
    {"charity", "charities", "oscr", "ccni", "ccew", "sc", "nic", "cio", "scio"},
    {"company", "companies", "co", "cic", "ch"},
)
_NUMBER = {"number", "numbers", "no", "nos", "num", "nr", "ref", "reference", "id"}
_BESIDE_NUMBERS = {
    *("house", "commission", "regulator", "registered", "registration", "register", "reg"),
    *("registrar", "limited", "ltd", "scottish", "uk", "the", "of"),
}
_COUNT = ("number of", "no of", "numbers of")
"""How a header of a number of things begins."""


def names_organisation(plain: str) -> bool:
    """Whether a header is of the names of organisations, and of nobody else's.

    >>> names_organisation("name of your community group"), names_organisation("contact name")
    (True, False)
    """
    words = set(plain.split()) - _SMALL - _WHICH
    if words & _NAME:
        return bool(words & _BODIES) and words <= _BODIES | _NAME | _SORT
    return bool(words & _ALONE) and words <= _BODIES


def tells_status(plain: str) -> bool:
    """Whether a header is of the status of organisations: 'school status', 'active or closed'."""
    words = set(plain.split())
    if "status" in words:
        others = words - {"status"} - _SMALL
        return bool(others) and others <= _BODIES | _STATUS_OF
    about = set(_in_one_word(plain).split()) - {"or", "and"}
    return about <= _THERE | _GONE and bool(about & _THERE) and bool(about & _GONE)


def asks_whether_active(plain: str) -> bool:
    """Whether a header asks if an organisation goes on: 'is the group still running'."""
    words = set(plain.split())
    asked = words & _ASKS and words & _GOING_ON
    return bool(asked) and words <= _GOING_ON | _BESIDE_GOING_ON | _BODIES | _SMALL


def tells_end(plain: str) -> bool:
    """Whether a header is of whether, when or why organisations ended: 'year dissolved'."""
    in_order = _in_one_word(plain).split()
    words = set(in_order)
    if not words <= _GONE | _OCCASIONS | _WHEN | _BESIDE_GONE | _BODIES:
        return False
    if words & _WHEN:
        return bool(words & (_GONE | _OCCASIONS))
    gone = [at for at, word in enumerate(in_order) if word in _GONE]
    return bool(gone) and _BODIES.isdisjoint(in_order[gone[0] :])  # not 'closed group'


def tells_what_it_does(plain: str) -> bool:
    """Whether a header is of what organisations do: 'what services do you offer', 'service desc'.

    >>> tells_what_it_does("please describe your services"), tells_what_it_does("what support")
    (True, False)
    >>> tells_what_it_does("do you offer support")  # yes or no
    False
    """
    words = set(plain.split())
    known = _OFFERED | _OFFERS | _TEXTS | _BESIDE_OFFERS | _BODIES | _NAME | _SMALL
    if plain.startswith(("do ", "does ")) or not words <= known:
        return False
    if words & _NAME:  # of a service, where another column has that of the organisation
        return bool(words & _WORK) and words <= _NAME | {"service", "activity"}
    is_asked = words & _OFFERED and words & (_OFFERS | _TEXTS)
    is_of_work = words & _WORK and words <= _OFFERED | _BESIDE_OFFERS | _SMALL - {"what"}
    return bool(is_asked or is_of_work or words & _TEXTS)


def tells_sort_of_work(plain: str) -> bool:
    """Whether a header is of labels for what organisations do: 'type of service'.

    >>> tells_sort_of_work("service category"), tells_sort_of_work("provider type")
    (True, False)
    """
    words = set(plain.split()) - _SMALL
    if "sector" in words and words - {"sector"} <= _BODIES:
        return True
    return bool(words & _SORTS and words & _OFFERED) and words <= _SORTS | _OFFERED | _OFFERS | {
        "main",
        "primary",
    }


def tells_kind(plain: str) -> bool:
    """Whether a header is of the kind of organisations: 'business type', 'legal structure'.

    >>> tells_kind("provider type"), tells_kind("business sector")  # construction, retail
    (True, False)
    """
    words = set(plain.split()) - _SMALL
    about = words & (_SORTS - {"sector"} | _LEGAL)
    is_said = len(words) > 1 and words - about <= _BODIES - _WORK
    return bool(about) and is_said


def tells_size(plain: str) -> bool:
    """Whether a header is of the size of organisations: 'company size'."""
    words = set(plain.split()) - _SMALL
    return "size" in words and words - {"size", "band", "category"} <= _BODIES


def is_address(plain: str) -> bool:
    """Whether a header is of the address of organisations: 'public address'."""
    words = set(plain.split())
    return (
        "address" in words and words - {"address"} <= (_BODIES - {"home"}) | _WHOSE_ADDRESS | _SMALL
    )


def is_charity_number(words: str) -> bool:
    """Whether a header has the words of the number of a charity, and no others."""
    return _is_number(words, _CHARITY)


def is_company_number(words: str) -> bool:
    """Whether a header has the words of the number of a company, and no others."""
    return _is_number(words, _COMPANY)


def _is_number(words: str, whose: Set[str]) -> bool:
    found = set(words.split())
    return (
        bool(found & _NUMBER)
        and bool(found & whose)
        and found <= whose | _NUMBER | _BESIDE_NUMBERS
        and not words.startswith(_COUNT)
    )


def _in_one_word(plain: str) -> str:
    for pattern, word in _ONE_WORD:
        plain = pattern.sub(word, plain)
    return plain
