"""Reads the buyer of an OCDS notice, and what its parties have: names, roles, ids, postcodes.

Contact details and street addresses are never stored; only the postcode of an address is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from matcher.core import org_ids
from matcher.core.cell_words import is_blank
from matcher.core.kept import kept
from matcher.geo.councils import AreaKind, Councils
from matcher.geo.postcode_parsing import find_in_text, tidy_postcode
from matcher.law.buyers import kind_of_buyer
from matcher.law.types import BuyerKind
from matcher.sources.formats.json_values import (
    Fields,
    ident,
    is_contact,
    mapping,
    mappings,
    one_or_several,
    reference_id,
    text,
)
from matcher.sources.formats.quoted_json import held_in
from matcher.sources.notices.real_buyer import (
    is_adviser,
    is_portal,
    principal_in,
    principal_named,
    without_publisher,
)

# An id that is valid outside its notice; other ids ("1", "2") restart in each notice.
_LASTING = re.compile(r"[A-Z]{2}-[A-Z]{2,}-\S+")
_LEGAL_FORM = frozenset(
    {"cic", "co", "company", "inc", "limited", "llp", "lp", "ltd", "plc", "the", "uk"}
)

_OF_LETTERS, _CODE = {"GB-LAE", "GB-LAS", "GB-NHS"}, re.compile(r"[A-Z]{3}")
"""Registers of public bodies whose codes may have no digit: RRV, WLL."""
_BUYER_ROLES = ("buyer", "procuringEntity")
_SHIRE = "E10"
"""How the codes of counties with a council begin."""
_LAST_ROLES = ("contractingAuthority", "leadBuyer", "payer", "centralPurchasingBody")
"""Roles of a party that is the buyer where no party has the role of one."""


@kept(1 << 14)
def name_key(name: str) -> str:
    """A key that is equal for spellings of one name: letters and digits without the legal form."""
    words = re.findall(r"[^\W_]+", name.lower().replace("&", " and ").replace("'", ""))
    return "".join(word for word in words if word not in _LEGAL_FORM) or "".join(words)


@dataclass(frozen=True, slots=True)
class Buyer:
    """The buyer of a notice; `kind` is a `BuyerKind`, or '' if unknown."""

    name: str
    id: str
    kind: str
    postcode: str


def buyer_of(release: Fields) -> Buyer:
    """The buyer of a release by its reference or its role; else the procuring entity.

    Where a portal or an agent published the notice, the body that it names as the buyer.
    """
    published = _published_by(release)
    if name := _principal(release, published):
        parties = organisations(release)
        party = next((one for one in parties if key_of(one) == name_key(name)), {})
        ids = lasting_ids(party)
        id_ = ids[0] if ids else ident(party.get("id"))
        return Buyer(name, id_, _buyer_kind(name, party), postcode_of(party))
    name = without_publisher(published.name)
    kind = kind_of_buyer(name) if name != published.name else None
    return replace(published, name=name, kind=str(kind or published.kind))


def _principal(release: Fields, published: Buyer) -> str:
    """The body that a portal or an agent acts for, '' where it buys itself.

    The text of a notice is not searched where the notice says what kind of buyer published it: a
    council's service may be run 'on behalf of' a ministry.
    """
    name = published.name
    if by_name := principal_named(name):
        return by_name
    portal = is_portal(name) or is_adviser(name)
    if not name or (kind_of_buyer(name) is not None and not portal):
        return ""
    others = [
        ident(party.get("name"))
        for role in reversed(_BUYER_ROLES)
        for party in with_role(release, role)
    ]
    tender = mapping(release.get("tender"))
    others.insert(0, ident(_reference(tender.get("procuringEntity")).get("name")))
    named = (one for one in others if one and one != name and kind_of_buyer(one) is not None)
    if (principal := next(named, "")) or (published.kind and not portal):
        return principal
    return principal_in(ident(tender.get("title")), text(tender.get("description")), portal=portal)


def _published_by(release: Fields) -> Buyer:
    named, wanted = _named_buyer(release), reference_of(release)
    parties = [one for one in organisations(release) if not _is_nobody(one)]
    roles = (*_BUYER_ROLES, *_LAST_ROLES)
    referred = [party for party in parties if wanted and ident(party.get("id")) == wanted]
    in_role = (party for role in roles for party in parties if _has_role(party, role))
    key = key_of(named)
    if wanted and key:  # a party with another id and another name is another body
        in_role = (one for one in in_role if not ident(one.get("id")) or key_of(one) == key)
    of_buyer = [one for one in referred if any(_has_role(one, role) for role in roles)]
    party = next(
        (party for party in referred if key and key_of(party) == key),
        next(
            chain(of_buyer, referred, in_role, () if named else _only_one(release, parties)), named
        ),
    )
    name = ident(named.get("name")) or name_of(party)
    ids = lasting_ids(party)
    id_ = ids[0] if ids else wanted or ident(party.get("id"))
    return Buyer(name, id_, _buyer_kind(name, party), postcode_of(party))


def _only_one(release: Fields, parties: Sequence[Fields]) -> Sequence[Fields]:
    """The only party of a release that is no supplier, where no party has a role.

    It must be a public body by its name: another may be a person, or a supplier in other words.
    """
    awards = mappings(release.get("awards"))
    suppliers = [one for award in awards for one in mappings(award.get("suppliers"))]
    others = [one for one in parties if not any(_refers(each, one) for each in suppliers)]
    if len(others) != 1 or any(one.get("roles") for one in parties):
        return ()
    name = name_of(others[0])
    return others if _buyer_kind(name, others[0]) or _is_council(name) else ()


def reference_of(release: Fields) -> str:
    """The id by which a release refers to its buyer, '' where it gives none."""
    return ident(_named_buyer(release).get("id"))


def is_lasting(id_: str) -> bool:
    """Whether an id holds beyond its notice."""
    return bool(_LASTING.fullmatch(id_))


def buyers(release: Fields) -> list[Fields]:
    """Every body that a release names as a buyer: in `buyers`, and the parties with that role."""
    return [*mappings(release.get("buyers")), *with_role(release, "buyer")]


def buyers_in(holders: Iterable[Fields]) -> list[Fields]:
    """The buyers that awards or contracts name."""
    named = (one for each in holders for one in (each.get("buyer"), *mappings(each.get("buyers"))))
    return list(filter(None, map(_reference, named)))


def with_buyer_of_awards(release: Fields) -> Fields:
    """A release that names no buyer, with the only one that its awards and contracts name."""
    others = (mappings(release.get(key)) for key in ("awards", "contracts"))
    every = [buyer for each in others for buyer in buyers_in(each)]
    if len({key_of(one) or ident(one.get("id")) for one in every}) != 1:
        return release
    published = _published_by(release)
    return release if published.name or published.id else {**release, "buyer": every[0]}


def organisations(release: Fields) -> list[Fields]:
    """The parties of a release that are no contacts.

    One to which an award refers as its supplier is no contact, where nobody else has its id.
    """
    parties = mappings(release.get("parties"))
    others = [party for party in parties if not is_contact(party)]
    if len(others) == len(parties):
        return others
    known = {ident(party.get("id")) for party in others}
    suppliers = {
        ident(reference.get("id"))
        for award in mappings(release.get("awards"))
        for reference in mappings(award.get("suppliers"))
    } - known
    return [p for p in parties if not is_contact(p) or ident(p.get("id")) in suppliers]


def with_role(release: Fields, role: str) -> list[Fields]:
    """The parties of a release that have that role, however it is spelt."""
    return [one for one in mappings(release.get("parties")) if _has_role(one, role)]


def _named_buyer(release: Fields) -> Fields:
    """The reference to the buyer. Without one, that to the first body that may be the buyer.

    One whose party has the role of a buyer comes first; a procuring entity is the buyer only where
    no party has that role.
    """
    tender = mapping(release.get("tender"))
    buyers = [release.get("buyer"), tender.get("buyer"), *mappings(release.get("buyers"))]
    entities = [
        *(
            one
            for holder in (tender, release)
            for one in one_or_several(holder.get("procuringEntity"))
        ),
        *mappings(tender.get("procuringEntities")),
    ]
    nobody = {"", *(ident(p.get("id")) for p in mappings(release.get("parties")) if _is_nobody(p))}
    named, others = (
        [
            one
            for one in map(_reference, given)
            if ident(one.get("name")) or ident(one.get("id")) not in nobody
        ]
        for given in (buyers, entities)
    )
    if _reference(release.get("buyer")) in named:
        return named[0]
    parties = [one for one in with_role(release, "buyer") if not _is_nobody(one)]
    is_buyer = (one for one in named + others if any(_refers(one, party) for party in parties))
    return next(is_buyer, next(iter([*named, *parties, *others]), {}))


def _reference(value: object) -> Fields:
    """A reference to a body, which some exports give as a name alone, or in a list of one."""
    value = held_in(value)
    value = value[0] if isinstance(value, list) and len(value) == 1 else value
    found = {"name": value} if isinstance(value, str) and value.strip() else mapping(value)
    return {k: v for k, v in found.items() if k != "name"} if _is_nobody(found) else found


def _is_nobody(body: Fields) -> bool:
    """Whether the name of a body stands for none: 'N/A'."""
    name = ident(body.get("name"))
    return bool(name) and is_blank(name)


def _refers(reference: Fields, party: Fields) -> bool:
    """Whether a reference is to a party, by its id or else by its name."""
    id_, key = ident(reference.get("id")), key_of(reference)
    return id_ == ident(party.get("id")) if id_ else key == key_of(party)


def _has_role(party: Fields, role: str) -> bool:
    held = map(reference_id, one_or_several(party.get("roles")))
    named = (name for one in held if isinstance(one, str) for name in one.split(","))
    return role.lower() in {re.sub(r"[\s_-]", "", name).lower() for name in named}


def _buyer_kind(name: str, party: Fields) -> str:
    types = [
        ident(each.get("id")) or ident(each.get("description"))
        for each in mappings(mapping(party.get("details")).get("classifications"))
        if each.get("scheme") in ("UK_CA_TYPE", "TED_CA_TYPE")
    ]
    kind = kind_of_buyer(name, filter(None, types))
    if kind is BuyerKind.SUB_CENTRAL and kind_of_buyer(name) is None and _is_council(name):
        kind = BuyerKind.COUNCIL
    return str(kind or "")


@kept(1 << 10)
def _is_council(name: str) -> bool:
    """Whether a name is that of a council's area: 'Trafford', 'Kent'; not 'Merseyside'."""
    area = None if any(map(str.isdecimal, name)) else Councils.open().find(name)
    return area is not None and (area.kind is AreaKind.COUNCIL or area.code.startswith(_SHIRE))


def postcode_of(party: Fields) -> str:
    """The postcode in the address of a party, or ''."""
    return postcode_in(party.get("address"))


def postcode_in(address: object) -> str:
    """The postcode of an address, which may be given as a text, or ''."""
    if isinstance(address, str):
        return find_in_text(ident(address)) or ""
    fields = mapping(address)
    lines = (ident(fields.get(key)) for key in ("streetAddress", "locality", "region"))
    within = filter(None, map(find_in_text, lines))
    return tidy_postcode(ident(fields.get("postalCode"))) or next(within, "")


def name_of(party: Fields) -> str:
    """The name of a party, else its registered name."""
    legal = mapping(party.get("identifier")).get("legalName")
    return ident(party.get("name")) or ident(legal)


def key_of(party: Fields) -> str:
    """The `name_key` of a party."""
    return name_key(ident(party.get("name")))


def lasting_ids(party: Fields) -> tuple[str, ...]:
    """The distinct ids of a party that are valid outside its notice, its main identifier first."""
    identifiers = [mapping(party.get("identifier")), *mappings(party.get("additionalIdentifiers"))]
    ids = [_official_id(ident(each.get("scheme")), ident(each.get("id"))) for each in identifiers]
    ids.append(org_ids.tidy(ident(party.get("id"))))
    return tuple(dict.fromkeys(id_ for id_ in ids if _LASTING.fullmatch(id_)))


def _official_id(register: str, number: str) -> str:
    """The org-id of a number, or '' for "N/A", "none" and similar text."""
    scheme = org_ids.scheme_of(register)
    has_digit = any(letter.isdecimal() for letter in number)
    is_code = scheme.upper() in _OF_LETTERS and _CODE.fullmatch(number)
    return org_ids.from_scheme(scheme, number) if has_digit or is_code else ""
