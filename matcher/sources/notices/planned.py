"""Contracts that are announced before their tender: pipelines, plans and early engagement.

Find a Tender has pipeline notices (UK1), preliminary market engagement notices (UK2) and planned
procurement notices (UK3); Contracts Finder has future opportunities.  A procurement is planned as
long as its newest notice is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from matcher.core.types import PlannedContract, Tally
from matcher.sources.formats.json_values import Fields, day, ident, listed, mapping, mappings
from matcher.sources.notices.merging import tags_of
from matcher.sources.notices.periods import contract_ends
from matcher.sources.notices.procurements import Procurement
from matcher.sources.notices.tender import Notice

REPLACED = "planned contract replaced by a newer notice"
_PLANNED = {"planned", "planning"}
_STAGES = {"planning", "planningupdate"}
_OVER = {"cancelled", "withdrawn", "unsuccessful", "complete"}
_WORDS = {
    "plannedProcurementNotice": "future opportunity",
    "marketEngagementNotice": "market engagement",
}


def is_planned(procurement: Procurement) -> bool:
    """Whether the newest notice of a procurement announces it, and nothing was awarded."""
    releases = [one.fields for one in procurement.releases]
    if any(listed(one.get("awards")) or listed(one.get("contracts")) for one in releases):
        return False
    newest = releases[-1]
    status = ident(mapping(newest.get("tender")).get("status")).lower()
    return status not in _OVER and (status in _PLANNED or not _STAGES.isdisjoint(tags_of(newest)))


def planned_contract(
    procurement: Procurement, portal: str, tallies: Sequence[Tally]
) -> Iterator[PlannedContract]:
    """The planned contract of a procurement, which counts in the file of its newest notice.

    Yields nothing, and counts the reason, where it has no date, title or description.
    """
    for one in procurement.releases[:-1]:
        tallies[one.file].reject(REPLACED, procurement.id)
    tally = tallies[procurement.releases[-1].file]
    tally.read += 1
    published = procurement.newest_day
    if published is None:
        tally.drop("planned contract without a date", procurement.id)
        return
    release = procurement.merged()
    notice = Notice.of(release)
    for lot in notice.lot("", tally):
        tally.kept += 1
        starts, ends = _period(release)
        yield PlannedContract(
            id=procurement.id,
            lot=lot,
            day=published,
            notice=_kind(procurement.releases[-1].fields),
            source=portal,
            tender=_tender_day(release),
            starts=starts,
            ends=ends,
        )


def _kind(release: Fields) -> str:
    """The kind of notice: UK1, or its name where it has no such code."""
    planning, tender = mapping(release.get("planning")), mapping(release.get("tender"))
    documents = [*mappings(planning.get("documents")), *mappings(tender.get("documents"))]
    codes = (ident(one.get("noticeType")) for one in documents)
    words = (_WORDS.get(ident(one.get("documentType")), "") for one in documents)
    return next(filter(None, codes), "") or next(filter(None, words), "") or "planning notice"


def _tender_day(release: Fields) -> date | None:
    """The day on which the buyer means to publish the tender, or to go to the market."""
    tender = mapping(release.get("tender"))
    told = mapping(tender.get("communication")).get("futureNoticeDate")
    return day(told) or day(mapping(tender.get("tenderPeriod")).get("startDate"))


def _period(release: Fields) -> tuple[date | None, date | None]:
    """The first day and the last of the contract and of its lots."""
    tender = mapping(release.get("tender"))
    holders = [tender, *mappings(tender.get("lots"))]
    periods = [mapping(one.get("contractPeriod")) for one in holders]
    starts = [first for one in periods if (first := day(one.get("startDate")))]
    first = min(starts, default=None)
    if first is None:
        return None, max((e for one in periods if (e := day(one.get("endDate")))), default=None)
    ends = [end for one in periods if (end := contract_ends([one], first)[0])]
    return first, max(ends, default=None)
