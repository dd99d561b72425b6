"""Tells what the columns of a table mean from their headers, however people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from matcher.sources.providers import header_words
from matcher.sources.providers.welsh_headers import in_english

_OF_ORGANISATION = (
    *("organisation name", "organization name", "org name", "name of organisation"),
    *("name of organization", "name of your organisation", "name of your organization"),
    *("name of the organisation", "organisation s name", "organization s name"),
)
"""Headers that count before "Name", which is a person's beside them, as in answers to a form."""
_OF_A_PERSON = {"surname", "last name", "family name", "forename", "first name", "given name"}
"""Headers beside which "Name" is a person's."""
_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "name": (
        *(*_OF_ORGANISATION, "name", "provider name"),
        *("supplier name", "company name", "charity name", "business name", "group name"),
        *("name of provider", "name of group"),
        *("organisation", "organization", "provider", "supplier", "business", "recipient org name"),
        *(
            "provided by",
            "delivered by",
            "company",
            "charity",
            "vendor",
            "vendor name",
            "contractor",
            "contractor name",
        ),
        *("service provider", "service provider name", "provider organisation", "legal name"),
        *("registered name", "name of charity", "name of company", "name of supplier"),
        *("name of business", "name of service provider", "organisations", "providers"),
        *("your organisation", "trading name", "official name"),
        *("display name", "group", "groups"),
    ),
    "id": ("id", "org id", "organisation id", "organization id", "recipient org identifier"),
    "ids": ("ids", "other ids", "org ids", "identifier", "identifiers"),
    "charity_number": (
        *("charity number", "charity no", "charity num", "charity nr", "charity registration"),
        *("charity registration number", "charity registration no", "charity reg no"),
        *("registered charity number", "registered charity no", "registered charity"),
        *("reg charity number", "reg charity no", "charity reg number", "charity id"),
        *("charity commission number", "charitynumber", "charityno", "charity numbers"),
        *("scottish charity number", "oscr number", "registered charity num"),
        *("ccew number", "ccew no", "rcn", "regno"),
    ),
    "company_number": (
        *("company number", "company no", "company num", "company id", "company registration"),
        *("company registration number", "company registration no", "company reg no"),
        *("company reg number", "registered company number", "registered company no"),
        *("companies house number", "companies house no", "company house number", "crn"),
        *("companynumber", "companyno", "company numbers", "registered number", "cic number"),
        *("co reg no", "co reg number", "co number", "co no", "companies house reg no"),
        *("company reg", "companies house", "companies house registration"),
    ),
    "kind": (
        *("kind", "type", "organisation type", "organization type", "org type", "legal form"),
        *("type of organisation", "type of organization", "provider type", "legal status"),
    ),
    "profile": (
        *("profile", "about", "about us", "what they do", "what it does", "what we do"),
        *("summary", "services", "services provided", "service description", "services offered"),
        *("organisation description", "what you do", "overview"),
        *("what do you do", "what do they do", "description of work", "nature of business"),
    ),
    "activities": ("activities", "main activities", "charity activities"),
    "description": ("description", "descriptions", "desc", "description of services"),
    "objects": ("objects", "charitable objects"),
    "tags": ("tags", "labels", "categories", "category", "keywords", "sector", "sectors"),
    "aliases": (
        *("aliases", "other names", "other name", "also known as", "known as", "aka"),
        *("trading as", "trading name", "trading names", "former names", "previous names"),
        *("former name", "previous name", "working name", "working names", "alternate name"),
        *("alternate names", "alternative name", "alternative names"),
    ),
    "postcode": (
        *("postcode", "post code", "postal code", "postcodes", "post codes", "postal codes"),
        *("zip", "zip code", "zip postcode", "postcode zip", "zip postal code", "pcode"),
        *("post zip code", "postalcode", "postcode s", "outward code", "inward code", "outcode"),
        *("incode", "postcode 1", "postcode 2", "postcode part 1", "postcode part 2"),
        *("postcode first part", "postcode second part", "postcode first half"),
        *("postcode second half", "postcode outward", "postcode inward", "postcode district"),
        *("p code", "post cd", "pcd", "pcds", "post code 1", "post code 2"),
    ),
    "areas": (
        *("areas", "operates in", "area", "area served", "areas served", "areas covered"),
        *("area covered", "area of operation", "areas of operation", "coverage", "where they work"),
    ),
    "income": (
        *("income", "annual income", "yearly income", "latest income", "total income"),
        *("gross income", "turnover", "annual turnover", "income last year"),
    ),
    "size": ("size", "size band", "organisation size", "organization size"),
    "status": (*("status", "charity registration status", "state", "current state"),),
    "active": (
        *("active", "is active", "active y n", "currently active", "still active", "trading"),
        *("still trading", "is registered", "currently trading", "still open", "live", "is live"),
        *("current", "is current", "is open", "currently open", "is trading", "still operating"),
        *("currently operating", "is operating", "in operation", "open", "operational"),
        *("functioning", "exists", "in existence"),
    ),
    "ended": (
        *("ended", "date ended", "ended date", "ended on", "ended since", "is ended", "end date"),
        *("date of end", "ending date", "date of ending", "location end date", "wedi cau"),
        *("location hsca end date", "dyddiad cau"),
    ),
    "address": (
        *("address", "addresses", "registered office"),
        *(f"address{how}{line}" for how in (" ", "", " line ") for line in range(1, 7)),
    ),
    "website": ("website", "web site", "web", "url", "web address", "website address", "homepage"),
    "source_date": ("source date", "last updated", "date updated"),
    "licence": ("licence", "license"),
    "fictional": ("fictional",),
}
"""Meaning → headers, in small letters without marks.  Earlier ones come first."""

_HEADERS = {header for headers in _MEANINGS.values() for header in headers}
_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]{0,80}[)\]]$")
_SEVERAL = {
    *("ids", "charity_number", "company_number", "tags", "aliases", "postcode", "areas"),
    *("status", "active", "ended", "address", "profile"),
}
"""Meanings that several columns of a table may have."""
_ENDINGS = ("postcode", "charity_number", "company_number", "website", "income")
"""Meanings that a longer header may end in, such as "Registered office: postcode"."""
_ENDING_WORDS = 2
_WHOLE = {"registered number", "companies house"}
"""Headers that mean something else at the end of a longer one: 'CQC registered number'."""
_POSTCODE_OF = re.compile(
    r"(?:what is (?:\w{1,20} ){1,4}?)?(?:post ?codes?|postal codes?)"
    r" (?:of|for|at|where|you) ."
)
_BESIDE_POSTCODE = re.compile(
    r"[(\[]\s*(?:post ?code|postal code)\s*[)\]]\W*$"
    r"|^\W*(?:post ?code|postal code)\W{1,3}(?:main|head|registered|office|site|hq|own)\b",
    re.IGNORECASE,
)
"""A header that ends in "(postcode)", or goes on with the organisation's own place."""
_ELSEWHERE = re.compile(
    r"cover|serv|deliver|operat|catchment|benefi|user|client|\bwork(?:s|ing)? in\b|\blives?\b"
)
"""Words of a place that is not the organisation's own."""
_DELIVERY = re.compile(r"\b(?:deliver(?:y|ed|ies)?|covered|coverage|catchment)\b")
"""Words before a postcode that is not the organisation's own."""
_OF_ANOTHER = re.compile(
    r"\b(?:fund(?:er|ers|ing|raising)?|clients?|users?|beneficiar(?:y|ies)|catchment|patients?"
    r"|pupils?|learners?|residents?)\b"
)
"""Words of whose number or place it is, if not the organisation's own."""
_EITHER_NUMBER = {"charity", "company"}
_BY_WORDS: Mapping[str, Callable[[str], bool]] = {
    "name": header_words.names_organisation,
    "profile": header_words.tells_what_it_does,
    "tags": header_words.tells_sort_of_work,
    "kind": header_words.tells_kind,
    "size": header_words.tells_size,
    "status": header_words.tells_status,
    "active": header_words.asks_whether_active,
    "ended": header_words.tells_end,
    "address": header_words.is_address,
}
_NUMBERS: Mapping[str, Callable[[str], bool]] = {
    "charity_number": header_words.is_charity_number,
    "company_number": header_words.is_company_number,
}
_QUESTION = re.compile(r"^(?:q(?:uestion)? ?)?\d{1,2} ?[.):] ?|q\d{1,2} ", re.IGNORECASE)
_REPEATED = frozenset(
    {
        *("profile", "description", "activities", "objects", "tags", "aliases", "areas"),
        *("ids", "charity_number", "company_number", "website"),
    }
)
"""Meanings that several columns may have, with a number each: 'Category 1', 'Category 2'."""
_LONGEST_NUMBER = 2
"""Digits of such a number; more are a year."""
_YEAR = re.compile(r"(?: fy)? (20\d\d)(?: (?:20)?\d\d)?$")
"""The year of an income: 'Turnover 2024/25'."""
_PART_OF_INCOME = re.compile(
    r"\b(?:month(?:ly)?|week(?:ly)?|quarter(?:ly)?|daily|ytd|to date|net|grants?|restricted"
    r"|unrestricted|investment|donat\w{2,4}|fundrais\w{1,4}|rent(?:al)?|contracts?|other)\b"
)
"""What a header says of an income that is not that of a year, or not all of it."""
_ADDED = re.compile(r"(?<=\w)__p?c$")
"""What Salesforce adds to the name of a custom field."""
_POSITION = re.compile(r"/\d+/")
"""The number of an object in a list, as tables made from JSON have it."""


_FACTS = frozenset({"postcode", "website", "company_number", "charity_number"})


def is_header(cell: str) -> bool:
    """Whether a cell alone is known as the header of a column."""
    plain = _plain(cell)
    return plain in _HEADERS or header_words.names_organisation(plain)


def is_of_facts(cell: str) -> bool:
    """Whether a cell alone is the header of a column for facts that no organisation is named by.

    >>> is_of_facts("Post code"), is_of_facts("Services"), is_of_facts("Acorn")
    (True, False, False)
    """
    return cell.casefold() == "description" or column_meanings((cell,))[0].get(cell) in _FACTS


@lru_cache(maxsize=1024)
def column_meanings(columns: tuple[str, ...]) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """The meaning of each column that is known by its header, and the columns that are not used.

    Of several columns for a fact that is one, such as the name, the usual header counts.

    >>> column_meanings(("Organisation", "Name", "Post-Code", "Fax"))
    ({'Name': 'name', 'Post-Code': 'postcode'}, ('Organisation', 'Fax'))
    """
    found: dict[str, str] = {}
    plain = {column: _plain(column) for column in dict.fromkeys(columns) if column.strip()}
    for meaning, headers in _MEANINGS.items():
        ranked = [column for header in headers for column in plain if plain[column] == header]
        if meaning == "name":
            asked = (column for column in plain if _asks_for_organisation(plain[column]))
            ranked = list(dict.fromkeys([*asked, *ranked]))
            if not _OF_A_PERSON.isdisjoint(plain.values()):
                ranked = [column for column in ranked if plain[column] != "name"]
        more = [c for c in plain if c not in ranked and _means(c, plain[c], meaning, headers)]
        ranked += sorted(more, key=lambda c: _year_in(plain[c]), reverse=True)
        free = [column for column in ranked if column not in found]
        own = [column for column in free if not plain[column].startswith("contact ")]
        free = own if meaning == "postcode" and own else free
        found |= dict.fromkeys(free if meaning in _SEVERAL else free[:1], meaning)
        if meaning in _REPEATED:
            again = (c for c in plain if _without_number(plain[c]) in headers and c not in found)
            found |= dict.fromkeys(again, meaning)
    in_order = {column: found[column] for column in plain if column in found}
    return in_order, tuple(column for column in plain if column not in found)


def _year_in(plain: str) -> str:
    """The year with which a header ends, '' for none: of two incomes the later one counts."""
    found = _YEAR.search(plain)
    return found[1] if found else ""


def _without_number(plain: str) -> str:
    """A header without the number that tells it from others like it; '' where it has none."""
    words, _, number = plain.rpartition(" ")
    return words if number.isdecimal() and len(number) <= _LONGEST_NUMBER else ""


def _asks_for_organisation(plain: str) -> bool:
    """Whether a header asks for it, such as 'What is the name of your organisation?'."""
    is_question = plain.startswith("what ") and plain.endswith(_OF_ORGANISATION)
    return is_question or plain in _OF_ORGANISATION


def _means(column: str, plain: str, meaning: str, headers: tuple[str, ...]) -> bool:
    """Whether a header that is not among `headers` is a longer one for the same."""
    if meaning in _BY_WORDS:
        return _BY_WORDS[meaning](plain)
    if _OF_ANOTHER.search(plain) or (meaning == "income" and _PART_OF_INCOME.search(plain)):
        return False
    whole = _YEAR.sub("", plain) if meaning == "income" else plain
    if meaning in _ENDINGS and (whole in headers or _ends_in(whole, headers)):
        return meaning != "postcode" or not _DELIVERY.search(plain)
    if meaning == "postcode":
        is_asked = _POSTCODE_OF.match(plain) or _BESIDE_POSTCODE.search(column)
        return bool(is_asked) and not _ELSEWHERE.search(plain)
    if meaning in _NUMBERS:
        return _NUMBERS[meaning](_plain(column.replace("(", " ").replace(")", " ")))
    return False


def _plain(header: str) -> str:
    """A header in small letters, without marks, its number and brackets at its end."""
    if header.startswith("#") and (commented := _plain(header[1:])) in _HEADERS:
        return commented
    whole = _ADDED.sub("", header.strip())
    bare = _QUESTION.sub("", _POSITION.sub(" ", whole), count=1) if header else header
    numbered = bare.replace("#", " number ").replace("№", " number ")
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _IN_BRACKETS.sub("", numbered.strip()))
    return in_english(" ".join(re.findall(r"[^\W_]+", spaced.lower())))


def _ends_in(header: str, endings: tuple[str, ...]) -> bool:
    if set(header.split()) >= _EITHER_NUMBER:
        return False  # 'Charity/company no': whose number it is cannot be told
    return any(
        header.endswith(f" {ending}")
        for ending in endings
        if len(ending) > _ENDING_WORDS and ending not in _WHOLE
    )
