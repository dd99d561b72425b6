"""Awards and plans in OCDS notices of Find a Tender, Contracts Finder and the devolved portals.

Reads what `matcher.sources.notices.releases` finds: the releases of one ocid, by one buyer, are
one procurement, and the newest word on each award stands.  Unknown keys are ignored; a part of
the wrong type counts as absent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from matcher.core.types import Award, PlannedContract, Tally
from matcher.sources.formats.json_files import TOO_DEEP, documents
from matcher.sources.formats.json_values import Fields, mapping
from matcher.sources.notices import finder_table, json_cells
from matcher.sources.notices.award_statements import no_award, statements_of, with_suppliers
from matcher.sources.notices.awarding import Awarding
from matcher.sources.notices.planned import is_planned, planned_contract
from matcher.sources.notices.procurements import PlacedRelease, Procurement, by_buyer
from matcher.sources.notices.release_spool import ReleaseSpool
from matcher.sources.notices.releases import is_release, releases_in

NO_NOTICE = "no OCDS notice: it has no ocid, tender or award"
EMPTY = "file without a notice"
_PORTALS = {
    "ocds-h6vhtk": "Find a Tender",
    "ocds-b5fd17": "Contracts Finder",
    "ocds-r6ebe6": "Public Contracts Scotland",
    "ocds-kuma6s": "Sell2Wales",
}


@dataclass(frozen=True, slots=True)
class AwardSource:
    """One file or store of notices: its documents, each with where it was found, and its tally."""

    tally: Tally
    documents: Iterable[tuple[str, object]]

    @classmethod
    def file(cls, path: Path) -> Self:
        """The notices in a file, which is opened when they are read."""
        tally = Tally(path.name)
        return cls(tally, _or_counted(_reader(path)(path, tally), tally))


def _reader(path: Path) -> Callable[[Path, Tally], Iterator[tuple[str, object]]]:
    """What reads the documents of a file, by its content."""
    if path.is_file() and finder_table.is_table(path):
        return finder_table.rows
    if path.is_file() and json_cells.has_json_cells(path):
        return json_cells.documents
    return documents


def _or_counted(found: Iterable[tuple[str, object]], tally: Tally) -> Iterator[tuple[str, object]]:
    """The documents of a file; one that has none is counted, so that it is said."""
    is_empty = True
    for one in found:
        is_empty = False
        yield one
    if is_empty and not tally.set_aside:
        tally.reject(EMPTY, tally.source)


def read_awards(paths: Sequence[Path]) -> Iterator[tuple[Tally, Iterator[Award]]]:
    """As `merged_awards`, of files.  Raises BadSource, on the first award, for a missing file."""
    yield from merged_awards([AwardSource.file(path) for path in paths])


def merged_awards(sources: Sequence[AwardSource]) -> Iterator[tuple[Tally, Iterator[Award]]]:
    """A tally of each source; the awards of all sources come with the first.

    The releases of one ocid are merged across all sources, files and stores alike, and the awards
    come in the order of their newest releases, so that no split into sources changes a register.
    An award is counted where its newest word is.
    """
    for number, source in enumerate(sources):
        yield source.tally, iter(()) if number else _awards_of_all(sources)


def merged_notices(
    sources: Sequence[AwardSource],
) -> Iterator[tuple[Tally, Iterator[Award | PlannedContract]]]:
    """As `merged_awards`, and also the contracts that are announced and not yet tendered."""
    for number, source in enumerate(sources):
        yield source.tally, iter(()) if number else _of_all(sources, planned=True)


def _awards_of_all(sources: Sequence[AwardSource]) -> Iterator[Award]:
    for found in _of_all(sources, planned=False):
        if isinstance(found, Award):
            yield found


def _of_all(sources: Sequence[AwardSource], *, planned: bool) -> Iterator[Award | PlannedContract]:
    spool, tallies = ReleaseSpool(), [source.tally for source in sources]
    for number, source in enumerate(sources):
        _fill(spool, source.documents, number, source.tally)
    for ocid, found in spool.groups(by_moment=True):
        for procurement in _procurements(ocid, found, tallies):
            if planned and is_planned(procurement):
                yield from planned_contract(procurement, _portal(procurement.id), tallies)
            else:
                yield from _of_procurement(procurement, tallies)


def _fill(
    spool: ReleaseSpool, found: Iterable[tuple[str, object]], file: int, tally: Tally
) -> None:
    for where, document in found:
        for release in _releases(document, where, tally):
            spool.add(PlacedRelease(release, where, file), tally)


def _releases(document: object, where: str, tally: Tally) -> Iterable[Fields]:
    """The releases in a document, which may also be a row of Contracts Finder's own table."""
    if not finder_table.is_row(document):
        return releases_in(document, where, tally)
    release = finder_table.release_of(mapping(document))
    if release is None:
        tally.reject(finder_table.OTHER_ROW, where)
    return [] if release is None else [release]


def _procurements(
    ocid: str, found: Sequence[PlacedRelease], tallies: Sequence[Tally]
) -> Sequence[Procurement]:
    """The procurements of one ocid; releases without an ocid are set aside."""
    if ocid:
        return by_buyer(ocid, found, tallies)
    for one in found:
        tallies[one.file].read += 1
        reason = "notice without an ocid" if is_release(one.fields) else NO_NOTICE
        tallies[one.file].drop(reason, one.where)
    return ()


def _portal(ocid: str) -> str:
    if ocid.startswith(finder_table.PREFIX):
        return "Contracts Finder"
    return _PORTALS.get(ocid[:11].lower(), "OCDS notice")


def _of_procurement(procurement: Procurement, tallies: Sequence[Tally]) -> Iterator[Award]:
    """The awards of a procurement, each counted in the file that has its newest word."""
    statements = statements_of(procurement, tallies)
    if not statements:
        return
    try:
        release = procurement.merged([one.fields for one in statements])
    except RecursionError:
        for one in statements:
            one.tally.drop(TOO_DEEP, procurement.id)
        return
    awarding = Awarding.of(release, procurement.id, _portal(procurement.id), procurement.newest_day)
    for one in statements:
        contracts = awarding.contracts_of(one.fields)
        one.fields = with_suppliers(one.fields, contracts, release, only=len(statements) == 1)
        id_ = f"{procurement.id}/{one.id}"
        if reason := no_award(one.fields, contracts):
            one.tally.drop(reason, id_)
            continue
        for award in awarding.award(one.fields, id_, one.day, one.tally):
            one.tally.kept += 1
            yield award
