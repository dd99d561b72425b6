"""Reads the buyer and the suppliers of an OCDS notice.

Contact details and street addresses are never stored; only the postcode of an address is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from matcher.core import org_ids
from matcher.core.identifiers import OF_A_NAME
from matcher.core.types import (
    Grade,
    Provider,
    Site,
    Size,
    Source,
)
from matcher.geo.postcode_parsing import find_in_text, tidy_postcode
from matcher.law.buyers import kind_of_buyer
from matcher.sources.formats.json_values import ident, mapping, mappings, text
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

_BUYER_ROLES = ("buyer", "procuringEntity")
_LAST_ROLES = ("leadBuyer", "payer", "centralPurchasingBody")
"""Roles of a party that is the buyer where no party has the role of one."""
_SIZES = {size.value: size for size in Size}


@lru_cache(maxsize=1 << 14)
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


def buyer_of(release: Mapping[str, object]) -> Buyer:
    """The buyer of a release by its reference or its role; else the procuring entity.

    Where a portal or an agent published the notice, the body that it names as the buyer.
    """
    published = _published_by(release)
    if name := _principal(release, published):
        parties = mappings(release.get("parties"))
        party = next((one for one in parties if _key_of(one) == name_key(name)), {})
        ids = _lasting_ids(party)
        id_ = ids[0] if ids else ident(party.get("id"))
        return Buyer(name, id_, _buyer_kind(name, party), _postcode_of(party))
    name = without_publisher(published.name)
    kind = kind_of_buyer(name) if name != published.name else None
    return replace(published, name=name, kind=str(kind or published.kind))


def _principal(release: Mapping[str, object], published: Buyer) -> str:
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


def _published_by(release: Mapping[str, object]) -> Buyer:
    named, wanted = _named_buyer(release), reference_of(release)
    parties, roles = mappings(release.get("parties")), (*_BUYER_ROLES, *_LAST_ROLES)
    referred = [party for party in parties if wanted and ident(party.get("id")) == wanted]
    in_role = (party for role in roles for party in parties if _has_role(party, role))
    key = _key_of(named)
    party = next(
        (party for party in referred if key and _key_of(party) == key),
        referred[0] if referred else next(in_role, {}),
    )
    name = ident(named.get("name")) or _name_of(party)
    ids = _lasting_ids(party)
    id_ = ids[0] if ids else wanted or ident(party.get("id"))
    return Buyer(name, id_, _buyer_kind(name, party), _postcode_of(party))


def reference_of(release: Mapping[str, object]) -> str:
    """The id by which a release refers to its buyer, '' where it gives none."""
    return ident(_named_buyer(release).get("id"))


def is_lasting(id_: str) -> bool:
    """Whether an id holds beyond its notice."""
    return bool(_LASTING.fullmatch(id_))


def buyers(release: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Every body that a release names as a buyer: in `buyers`, and the parties with that role."""
    return [*mappings(release.get("buyers")), *with_role(release, "buyer")]


def with_role(release: Mapping[str, object], role: str) -> list[Mapping[str, object]]:
    """The parties of a release that have that role, in any letter case."""
    return [one for one in mappings(release.get("parties")) if _has_role(one, role)]


def _named_buyer(release: Mapping[str, object]) -> Mapping[str, object]:
    """The reference to the buyer. Without one, that to the first body that may be the buyer.

    One whose party has the role of a buyer comes first; a procuring entity is the buyer only where
    no party has that role.
    """
    tender = mapping(release.get("tender"))
    buyers = [release.get("buyer"), tender.get("buyer"), *mappings(release.get("buyers"))]
    entities = [tender.get("procuringEntity"), *mappings(tender.get("procuringEntities"))]
    named, others = (
        [one for one in map(_reference, given) if ident(one.get("id")) or ident(one.get("name"))]
        for given in (buyers, entities)
    )
    if _reference(release.get("buyer")) in named:
        return named[0]
    parties = with_role(release, "buyer")
    is_buyer = (one for one in named + others if any(_refers(one, party) for party in parties))
    return next(is_buyer, next(iter([*named, *parties, *others]), {}))


def _reference(value: object) -> Mapping[str, object]:
    """A reference to a body, which some exports give as a name alone."""
    return {"name": value} if isinstance(value, str) and value.strip() else mapping(value)


def _refers(reference: Mapping[str, object], party: Mapping[str, object]) -> bool:
    """Whether a reference is to a party, by its id or else by its name."""
    id_, key = ident(reference.get("id")), _key_of(reference)
    return id_ == ident(party.get("id")) if id_ else key == _key_of(party)


def _has_role(party: Mapping[str, object], role: str) -> bool:
    roles = party.get("roles")
    held = roles if isinstance(roles, list) else [roles]
    return role.lower() in {one.lower() for one in held if isinstance(one, str)}


def _buyer_kind(name: str, party: Mapping[str, object]) -> str:
    types = [
        ident(each.get("id"))
        for each in mappings(mapping(party.get("details")).get("classifications"))
        if each.get("scheme") in ("UK_CA_TYPE", "TED_CA_TYPE")
    ]
    return str(kind_of_buyer(name, filter(None, types)) or "")


def _postcode_of(party: Mapping[str, object]) -> str:
    address = mapping(party.get("address"))
    return tidy_postcode(ident(address.get("postalCode"))) or (
        find_in_text(ident(address.get("streetAddress"))) or ""
    )


@dataclass(frozen=True, slots=True)
class Suppliers:
    """The suppliers of one release, found by the references in its awards.

    Some notices give one id to several organisations and describe only one of them.  `owners` is,
    by id, the name key of the organisation that the id stands for.
    """

    parties: Mapping[str, Sequence[Mapping[str, object]]]
    owners: Mapping[str, str]

    @classmethod
    def of(cls, release: Mapping[str, object]) -> Self:
        """Read the parties and the supplier references of a release."""
        parties: dict[str, list[Mapping[str, object]]] = {}
        for party in mappings(release.get("parties")):
            parties.setdefault(ident(party.get("id")), []).append(party)
        claims: dict[str, list[str]] = {}
        for award in mappings(release.get("awards")):
            for reference in mappings(award.get("suppliers")):
                if key := _key_of(reference):
                    claims.setdefault(ident(reference.get("id")), []).append(key)
        owners = {
            id_: next((key for key in map(_key_of, parties.get(id_, ())) if key in keys), keys[0])
            for id_, keys in claims.items()
        }
        return cls(parties, owners)

    def providers(self, references: object, source: Source) -> Iterator[Provider]:
        """The named suppliers that an award refers to, without duplicates.

        Where two names share an id, the second supplier gets an id made from its name.
        """
        taken: dict[str, str] = {}
        for reference in mappings(references):
            provider = self._provider(reference, source)
            key = name_key(provider.name)
            if taken.get(provider.id, key) != key:
                provider = replace(provider, id=name_id(key), ids=())
            if key and provider.id not in taken:
                taken[provider.id] = key
                yield provider

    def _provider(self, reference: Mapping[str, object], source: Source) -> Provider:
        party = self._party(reference)
        name = ident(reference.get("name")) or _name_of(party)
        ids = _lasting_ids(party) or (name_id(name_key(name)),)
        code = _postcode_of(party)
        legal = ident(mapping(party.get("identifier")).get("legalName"))
        return Provider(
            id=ids[0],
            name=name,
            source=source,
            ids=ids[1:],
            aliases=(legal,) if name_key(legal) not in ("", name_key(name)) else (),
            tags=_labels(party),
            sites=(Site(code, Grade.AWARD_ADDRESS),) if code else (),
            size=_size(party),
        )

    def _party(self, reference: Mapping[str, object]) -> Mapping[str, object]:
        """The party of a reference; an empty one where the shared id is another organisation's."""
        id_, key = ident(reference.get("id")), _key_of(reference)
        same = self.parties.get(id_, ()) if id_ else ()
        for party in same:
            if _key_of(party) == key:
                return party
        if key and self.owners.get(id_) != key:
            return {}
        return same[0] if same else {"id": id_}


def _name_of(party: Mapping[str, object]) -> str:
    """The name of a party, else its registered name."""
    legal = mapping(party.get("identifier")).get("legalName")
    return ident(party.get("name")) or ident(legal)


def _key_of(party: Mapping[str, object]) -> str:
    return name_key(ident(party.get("name")))


def name_id(key: str) -> str:
    """The id of a supplier without a lasting one, from the `name_key` of its name."""
    return f"{OF_A_NAME}{key}"


def _lasting_ids(party: Mapping[str, object]) -> tuple[str, ...]:
    """The distinct ids of a party that are valid outside its notice, its main identifier first."""
    identifiers = [mapping(party.get("identifier")), *mappings(party.get("additionalIdentifiers"))]
    ids = [_official_id(ident(each.get("scheme")), ident(each.get("id"))) for each in identifiers]
    ids.append(org_ids.tidy(ident(party.get("id"))))
    return tuple(dict.fromkeys(id_ for id_ in ids if _LASTING.fullmatch(id_)))


def _official_id(scheme: str, number: str) -> str:
    """The org-id of a number, or '' for "N/A", "none" and similar text."""
    has_digit = any(letter.isdecimal() for letter in number)
    return org_ids.from_scheme(scheme, number) if has_digit else ""


def _size(party: Mapping[str, object]) -> Size:
    """The declared size; `sme` is left as unknown, since it only means not large."""
    return _SIZES.get(ident(mapping(party.get("details")).get("scale")).lower(), Size.UNKNOWN)


def _labels(party: Mapping[str, object]) -> tuple[str, ...]:
    """Labels for what a supplier declared about itself; too weak to decide its kind."""
    details = mapping(party.get("details"))
    sme = details.get("scale") == "sme" or party.get("sme") is True
    vcse = details.get("vcse") is True or party.get("vco") is True
    ticked = {"sme (self-declared)": sme, "vcse (self-declared)": vcse}
    return tuple(label for label, given in ticked.items() if given)
