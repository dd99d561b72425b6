"""The organisations that asked to be left out, as digests, so that no build includes them again.

REG/suppressed.json    digests of their ids, of their names with a postcode, and of rare names
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.core import atomic
from matcher.core.cell_words import BLANKS
from matcher.core.errors import RegisterError
from matcher.core.identifiers import (
    MADE_UP,
    OF_A_NAME,
    OWN,
    PAYEE,
    is_row_number,
    made_up,
    scheme,
    with_place,
    without_number,
    without_place,
)
from matcher.core.types import Award, Provider
from matcher.register.linkage.name_similarity import distinctive, normalise
from matcher.register.linkage.one_number import own_id_of
from matcher.register.unfinished import Removal

LIST = "suppressed.json"
_FORM = re.compile(r"(?<![\s,])[\s,]++(?:ltd|limited|llp|plc|cic|c\.i\.c)\.?$", re.IGNORECASE)
_OF_NAMES = (MADE_UP, OF_A_NAME, OWN, PAYEE)
"""The prefixes of ids that are made from names."""
_BY_NAME = "name"
_SHORT = 3  # names of so few letters may be other words, and stay in texts
NAME = "(suppressed at its own request)"
SUPPRESSED = "suppressed at its own request"
SAME_NUMBER = (
    "an earlier version suppressed a row with this number (if this is another organisation, "
    "give it another id)"
)


@dataclass(frozen=True, slots=True)
class Suppressions:
    """The digests of suppressed organisations (`marks_of`)."""

    marks: frozenset[str] = frozenset()

    @classmethod
    def open(cls, register: Path) -> Suppressions:
        """The list of the register in folder `register`; empty if it has none.

        What a removal has that was interrupted is on it.
        Raises RegisterError where the list cannot be read.
        """
        path = register / LIST
        begun = cls(frozenset(Removal.of(register).marks))
        if not path.exists():
            return begun
        try:
            return begun.with_marks(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise RegisterError(
                f"--register {register}: {LIST} cannot be read ({error}); without it, "
                "organisations that asked to be left out would come in again"
            ) from error

    def cover(self, record: Provider) -> bool:
        """Whether `record` is of a suppressed organisation."""
        return bool(self.reason(record))

    def reason(self, record: Provider) -> str:
        """Why `record` is left out, as the tally of its source says it; '' where it is not.

        Lists of earlier versions may have the plain number of a row, which does not tell whose it
        was: every row with this number stays out, and its reason says so.
        """
        if not self.marks:
            return ""
        place = record.sites[0].postcode if record.sites else ""
        bare, placed = without_place(record.id), with_place(record.id, place)
        forms = [bare, placed, *_earlier_ids(record), *_names_in_districts(record)]
        if scheme(record.id):
            forms.append(own_id_of(record))
        if bare == placed:
            forms.append(_nowhere(without_number(bare)[0]))
        if says_no_number(record):
            forms += _rare_names(record)
        if not self.marks.isdisjoint((*_own_marks(record), *map(digest_of, forms))):
            return SUPPRESSED
        return "" if self.marks.isdisjoint(map(digest_of, _row_numbers(record))) else SAME_NUMBER

    def without(self, award: Award) -> tuple[Award, int]:
        """The award without suppressed suppliers and their names, and how many these were."""
        removed = [supplier for supplier in award.suppliers if self.cover(supplier)]
        if not removed:
            return award, 0
        title, description = award.lot.title, award.lot.description
        for supplier in removed:
            title = without_names(supplier, title)
            description = without_names(supplier, description)
        lot = replace(award.lot, title=title, description=description)
        kept = tuple(supplier for supplier in award.suppliers if supplier not in removed)
        return replace(award, lot=lot, suppliers=kept), len(removed)

    def with_marks(self, marks: Iterable[str]) -> Suppressions:
        """The list with `marks` added."""
        return Suppressions(self.marks | frozenset(marks))

    def save(self, register: Path) -> None:
        """Write the list into folder `register` in one step."""
        atomic.write_text(register / LIST, json.dumps(sorted(self.marks), indent=1) + "\n")


def pseudonym(org_id: str) -> str:
    """The id of an organisation once it is suppressed."""
    return f"suppressed-{digest_of(org_id)[:16]}"


def says_no_number(record: Provider) -> bool:
    """Whether a record says by its name alone who it is."""
    return record.id.startswith(_OF_NAMES) and not record.ids


def names_alone(records: Iterable[Provider]) -> frozenset[str]:
    """The names of an organisation by which it is known where nothing else is said.

    They are so rare that two organisations are unlikely to share them; in the spelling that is
    compared.
    """
    every = (name for record in records for name in (record.name, *record.aliases))
    return frozenset(normalise(name) for name in every if distinctive(name)) - {""}


def marks_of(record: Provider) -> Iterator[str]:
    """The digests of a record's ids, of each of its names with each postcode, and of rare names.

    A rare name counts alone in records that say nothing else of who it is: a supplier or a payee
    without a number.
    """
    yield from _own_marks(record)
    yield from map(digest_of, _rare_names(record))


def _rare_names(record: Provider) -> list[str]:
    """The texts whose digests mark an organisation by its rare names."""
    return list(map(_by_name, sorted(names_alone([record]))))


def _by_name(name: str) -> str:
    return f"{_BY_NAME}\n{name}"


def without_marks_of(marks: Iterable[str], names: Iterable[str]) -> set[str]:
    """The marks without those of these names alone, which others have too."""
    return set(marks) - {digest_of(_by_name(name)) for name in names}


def _own_marks(record: Provider) -> Iterator[str]:
    """The digests of a record's ids, and of each of its names with each postcode.

    An id made from a distinctive name counts without its place and the number of its row too, as
    both may change.  One made from a common name counts at its own place, and where a record says
    no place: nothing tells apart two rows with one name, no place and numbers that may change.
    """
    own = _id_of(record)
    yield from map(digest_of, (own, *record.ids))
    bare = without_number(without_place(own))[0]
    if distinctive(record.name):
        yield digest_of(bare)
    elif bare != own:
        yield digest_of(_nowhere(bare))
    for name in _names_of(record):
        yield from (digest_of(f"{name}\n{site.postcode}") for site in record.sites)


def where_no_place_is_said(marks: Iterable[str], org_id: str) -> set[str]:
    """The marks, of which that of an id made from a name counts only in records without a place.

    Others have that name at their places, and stay.
    """
    every = set(marks)
    if digest_of(org_id) not in every:
        return every
    return every - {digest_of(org_id)} | {digest_of(_nowhere(org_id))}


def _id_of(record: Provider) -> str:
    """The id of a record; one made from its name and places where it is a plain number."""
    if not is_row_number(record.id):
        return record.id
    return made_up(record.name, [site.postcode for site in record.sites])


def _names_of(record: Provider) -> set[str]:
    return {normalise(name) for name in (record.name, *record.aliases)} - {""}


def _names_in_districts(record: Provider) -> Iterator[str]:
    """Each name with the district of each whole postcode, which the suppressed may have alone."""
    districts = {site.postcode.partition(" ")[0] for site in record.sites}
    yield from (f"{name}\n{district}" for name in _names_of(record) for district in districts)


def _earlier_ids(record: Provider) -> Iterator[str]:
    """The ids that earlier builds may have given a row of a table.

    They read neither postcodes in addresses nor that "N/A" stands for nothing.
    """
    if not record.id.startswith(MADE_UP):
        return
    yield without_number(record.id)[0]
    yield made_up(record.name)
    yield made_up(record.name, [site.postcode for site in record.sites])
    yield from (made_up(record.name, [blank]) for blank in sorted(BLANKS))


def _row_numbers(record: Provider) -> Iterator[str]:
    """The plain numbers that earlier builds may have taken for the id of a row."""
    if number := without_number(record.id)[1]:
        yield from (number, f"{number}.0")


def _nowhere(org_id: str) -> str:
    """The text whose digest marks an id made from a name in records that say no place."""
    return f"{org_id}\n"


def by_rare_names(record: Provider, shared: Collection[str] = ()) -> Provider | None:
    """The record with only its rare names, but for those `shared` with others; None without one."""
    names = (record.name, *record.aliases)
    rare = [name for name in names if distinctive(name) and normalise(name) not in shared]
    return replace(record, name=rare[0], aliases=tuple(rare[1:])) if rare else None


def written_names(record: Provider) -> list[str]:
    """The names of an organisation, with and without legal form, the longest first."""
    names = {n for name in (record.name, *record.aliases) for n in (name, _FORM.sub("", name))}
    return sorted((n for n in names if len(n) > _SHORT), key=lambda n: (-len(n), n))


def without_names(record: Provider, text: str) -> str:
    """`text` with '[supplier]' in place of the organisation's names, with or without legal form."""
    for name in written_names(record):
        text = re.sub(re.escape(name), "[supplier]", text, flags=re.IGNORECASE)
    return text


def digest_of(text: str) -> str:
    """SHA-256 of an id or a name."""
    return hashlib.sha256(text.encode()).hexdigest()
