"""Finds the notices and lots in JSON documents, and groups releases of one procurement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from matcher.core.parser_words import as_written
from matcher.core.types import Tally
from matcher.sources.formats.json_files import TOO_DEEP
from matcher.sources.formats.json_values import Fields
from matcher.sources.notices.plain_notice import is_plain_notice, no_lots, unwrapped
from matcher.sources.notices.procurements import PlacedRelease, by_buyer
from matcher.sources.notices.release_spool import ReleaseSpool
from matcher.sources.notices.releases import is_package, is_search, releases_in
from matcher.sources.notices.tender import Notice

REPLACED = "notice replaced by a newer release of it"
REPEATED = "lot repeated"
UNUSABLE = "lot cannot be used"
A_LOT = "give its fields, an OCDS tender, or plain text"
_OCDS = ("releases", "records", "compiledRelease", "versionedRelease")
_OCDS_RELEASE = ("tender", "parties", "tag", "awards")


def placed_in(parsed: Iterable[tuple[str, object]], tally: Tally) -> Iterator[PlacedRelease]:
    """Each release, and each lot or plain notice, with its position."""
    for document_where, document in parsed:
        for where, part in _parts(document_where, document, tally):
            if has_releases(part):
                for release in releases_in(part, where, tally):
                    yield PlacedRelease(release, where)
            else:
                plain = unwrapped(part)
                for fault in no_lots(plain):
                    tally.reject(UNUSABLE, f"{where}: {fault}")
                yield PlacedRelease(plain, where, alone=True)


def spooled(
    waiting: Iterable[PlacedRelease], spool: ReleaseSpool, tally: Tally
) -> Iterator[tuple[str, list[PlacedRelease]]]:
    """The releases grouped by ocid, once all of them wait in `spool`."""
    for one in waiting:
        spool.add(one, tally)
    yield from spool.groups()


def notices_of(ocid: str, group: list[PlacedRelease], tally: Tally) -> list[Notice]:
    """The notices of one ocid: its releases merged.

    A release that a newer one replaces or repeats is counted.
    """
    if not ocid:
        return [Notice.of(one.fields) for one in group]
    notices = []
    for procurement in by_buyer(ocid, group, [tally]):
        for one, next_one in pairwise(procurement.releases):
            tally.reject(REPEATED if one.fields == next_one.fields else REPLACED, one.where)
        try:
            notices.append(Notice.of(procurement.merged()))
        except RecursionError:
            tally.reject(TOO_DEEP, ocid)
    return notices


def _parts(where: str, document: object, tally: Tally) -> Iterator[tuple[str, Fields]]:
    """The objects of a document, with their positions; what is none is set aside."""
    placed = (
        [(f"{where}/{place}", part) for place, part in enumerate(document, 1)]
        if isinstance(document, list)
        else [(where, document)]
    )
    for part_where, part in placed:
        if isinstance(part, Mapping):
            yield part_where, part
        else:
            tally.reject(UNUSABLE, f"{part_where}: {as_written(part)} is not a lot; {A_LOT}")


def has_releases(part: Fields) -> bool:
    """Whether an object holds OCDS releases."""
    is_release = any(key in part for key in (*_OCDS, *_OCDS_RELEASE))
    return is_release or is_package(part) or is_search(part)


def with_ocid(content: Fields, made_id: str) -> Fields:
    """A bare release without an ocid with one: its id, or else `made_id`; others unchanged."""
    is_bare = not any(key in content for key in _OCDS) and not (
        is_package(content) or is_search(content)
    )
    if content.get("ocid") or not is_bare:
        return content
    return {**content, "ocid": content.get("id") or made_id}


def is_notice(fields: Fields) -> bool:
    """Whether an object is an OCDS notice or a plain one, and no single lot."""
    return has_releases(fields) or is_plain_notice(fields)
