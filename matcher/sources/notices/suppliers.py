"""Reads the suppliers of an OCDS notice.

Contact details and street addresses are never stored; only the postcode of an address is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from matcher.core.identifiers import OF_A_NAME, fingerprint
from matcher.core.legal_kinds import kind_of_name
from matcher.core.types import NOT_SME, SME, VCSE, Grade, Provider, Site, Size, Source
from matcher.sources.formats.json_values import Fields, ident, mapping, mappings
from matcher.sources.notices.parties import (
    key_of,
    lasting_ids,
    name_key,
    name_of,
    organisations,
    postcode_of,
    with_role,
)
from matcher.sources.notices.supplier_notes import without_lots

_LONGEST_KEY, _BEGINNING = 200, 160
"""Characters of a name in an id, and how many of a longer one are in it."""
_SIZES = {size.value: size for size in (Size.MICRO, Size.SMALL, Size.MEDIUM)}


@dataclass(frozen=True, slots=True)
class Suppliers:
    """The suppliers of one release, found by the references in its awards.

    Some notices give one id to several organisations and describe only one of them.  `owners` is,
    by id, the name key of the organisation that the id stands for.  `named` are the parties that
    are suppliers, by their name key, as far as no two have one name.
    """

    parties: Mapping[str, Sequence[Fields]]
    named: Mapping[str, Fields]
    owners: Mapping[str, str]

    @classmethod
    def of(cls, release: Fields) -> Self:
        """Read the parties and the supplier references of a release."""
        parties: dict[str, list[Fields]] = {}
        for party in organisations(release):
            parties.setdefault(ident(party.get("id")), []).append(party)
        suppliers = with_role(release, "supplier")
        count = Counter(map(key_of, suppliers))
        named = {key: one for one in suppliers if (key := key_of(one)) and count[key] == 1}
        claims: dict[str, list[str]] = {}
        for award in mappings(release.get("awards")):
            for reference in mappings(award.get("suppliers")):
                if key := key_of(reference):
                    claims.setdefault(ident(reference.get("id")), []).append(key)
        owners = {
            id_: next((key for key in map(key_of, parties.get(id_, ())) if key in keys), keys[0])
            for id_, keys in claims.items()
        }
        return cls(parties, named, owners)

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

    def _provider(self, reference: Fields, source: Source) -> Provider:
        party = self._party(reference)
        name = without_lots(ident(reference.get("name")) or name_of(party))
        ids = lasting_ids(party) or (name_id(name_key(name)),)
        code = postcode_of(party)
        legal = without_lots(ident(mapping(party.get("identifier")).get("legalName")))
        return Provider(
            id=ids[0],
            name=name,
            source=source,
            ids=ids[1:],
            aliases=(legal,) if name_key(legal) not in ("", name_key(name)) else (),
            kind=kind_of_name(legal or name),
            tags=_labels(party),
            sites=(Site(code, Grade.AWARD_ADDRESS),) if code else (),
            size=_size(party),
        )

    def _party(self, reference: Fields) -> Fields:
        """The party of a reference; the reference itself where no party describes it.

        That has its own details in OCDS 1.0.  A shared id that is another organisation's is left
        out.
        """
        id_, key = ident(reference.get("id")), key_of(reference)
        if not id_:
            return self.named.get(key, reference)
        same = self.parties.get(id_, ())
        for party in same:
            if key_of(party) == key:
                return party
        if key and self.owners.get(id_) != key:
            return {**reference, "id": ""}
        return same[0] if same else reference


def name_id(key: str) -> str:
    """The id of a supplier without a lasting one, from the `name_key` of its name.

    Some notices write the names of many suppliers as one; such an id ends with a hash of all of it,
    so that a database of records can hold it.

    >>> name_id("kestrelcare"), len(name_id("kestrelcare" * 30))
    ('XX-NAME-kestrelcare', 185)
    """
    if len(key) <= _LONGEST_KEY:
        return f"{OF_A_NAME}{key}"
    return f"{OF_A_NAME}{key[:_BEGINNING]}-{fingerprint(key):016x}"


def _size(party: Fields) -> Size:
    """The declared size; `sme` is left as unknown, since it only means not large.

    So is `large`: notices only ask whether a supplier is an SME, and "no" is also what stands where
    nobody answered.  Six of seven suppliers with it are not among employers of 250 or more.
    """
    return _SIZES.get(ident(mapping(party.get("details")).get("scale")).lower(), Size.UNKNOWN)


def _labels(party: Fields) -> tuple[str, ...]:
    """Labels for what a supplier declared about itself; too weak to decide its kind."""
    details = mapping(party.get("details"))
    scale = ident(details.get("scale")).lower()
    sme = scale == "sme" or party.get("sme") is True
    vcse = details.get("vcse") is True or party.get("vco") is True
    ticked = {
        SME: sme,
        NOT_SME: scale == Size.LARGE.value,
        VCSE: vcse,
    }
    return tuple(label for label, given in ticked.items() if given)
