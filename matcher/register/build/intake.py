"""Reading the sources once, into spools on disk, noting only numbers for what comes after."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from operator import attrgetter
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.errors import RegisterError
from matcher.core.identifiers import fingerprint
from matcher.core.redaction import without_contacts, without_provider_contacts
from matcher.core.types import (
    Award,
    Provider,
    Source,
    Tally,
)
from matcher.geo import national_grid
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.suppression_list import Suppressions, without_names
from matcher.register.columns import SQUARE
from matcher.register.linkage.resolve import Resolution, Resolver
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.register.register import PastAward
from matcher.sources.feed import Feed, Progress

_encode = msgspec.json.Encoder().encode
_but_its_day = attrgetter(
    *(field.name for field in fields(Provider) if field.name != "source"),
    *(f"source.{field.name}" for field in fields(Source) if field.name != "day"),
)
"""All that a record says, but not when."""


class Intake:
    """Reads the feeds once into spools, noting what resolution will need."""

    def __init__(
        self,
        folder: Path,
        resolver: Resolver,
        table: PostcodeTable,
        progress: Progress,
        suppressed: Suppressions | None = None,
    ) -> None:
        self._folder = folder
        self._suppressed = suppressed or Suppressions()
        self._resolver = resolver
        self._table = table
        self._progress = progress
        self._square_x, self._square_y = array("h"), array("h")
        self._seen: dict[int, int] = {}
        self.sources: dict[tuple[str, str], date] = {}
        """newest day of each (source, licence) that records name; the first day where none"""
        self._award_days = array("q")
        self._award_ids = array("Q")
        self._suppliers = array("q")
        self._supplier_ends = array("q", [0])

    def read(self, feeds: Iterable[Feed]) -> tuple[Tally, ...]:
        """Read every feed to its end; the complete tallies.

        Raises RegisterError where there was nothing to keep.
        """
        tallies = []
        with (
            RecordFileWriter[Provider](self._folder / "intake-records") as records,
            RecordFileWriter[PastAward](self._folder / "intake-awards") as awards,
        ):
            for tally, feed in feeds:
                for item in feed:
                    if isinstance(item, Award):
                        source = item.suppliers[0].source.name if item.suppliers else tally.source
                        self._award(self._without(item, tally), records, awards, source)
                    elif not self._is_suppressed(item, tally):
                        self._record(item, records)
                    if (len(records) + len(awards)) % 500 == 0:
                        self._progress(f"reading {tally.source}", tally.read, None)
                tallies.append(tally)
        self.records: RecordFile[Provider] = RecordFile(self._folder / "intake-records", Provider)
        self.awards: RecordFile[PastAward] = RecordFile(self._folder / "intake-awards", PastAward)
        if not len(self.records):
            raise RegisterError(
                "nothing to build from: no source held a usable provider or award; "
                "see what was set aside: "
                + "; ".join(f"{t.source}: {t.set_aside or 'no rows'}" for t in tallies)
            )
        return tuple(tallies)

    def _is_suppressed(self, record: Provider, tally: Tally) -> bool:
        """Whether an organisation asked to be left out; it is counted, and not named."""
        covered = self._suppressed.cover(record)
        if covered:
            tally.drop("suppressed at its own request", "not named")
            tally.kept -= 1
        return covered

    def _without(self, award: Award, tally: Tally) -> Award:
        """The award without suppliers that asked to be left out, nor their names in its text."""
        gone = [one for one in award.suppliers if self._suppressed.cover(one)]
        if not gone:
            return award
        title, description = award.lot.title, award.lot.description
        for one in gone:
            tally.drop("suppressed at its own request", "not named")
            title, description = without_names(one, title), without_names(one, description)
        kept = tuple(one for one in award.suppliers if one not in gone)
        return replace(
            award,
            lot=replace(award.lot, title=title, description=description),
            suppliers=kept,
        )

    def _record(self, record: Provider, records: RecordFileWriter[Provider]) -> int:
        """Spool a record unless the same source has said the same before."""
        record = without_provider_contacts(record)
        source = (record.source.name, record.source.licence)
        self.sources[source] = max(
            self.sources.get(source) or date.min, record.source.day or date.min
        )
        said = fingerprint(_encode(_but_its_day(record)).decode())
        known = self._seen.get(said)
        if known is not None:
            return known
        self._seen[said] = number = records.add(record)
        self._resolver.add(record)
        x, y = self.square(record)
        self._square_x.append(x)
        self._square_y.append(y)
        return number

    def _award(
        self,
        award: Award,
        records: RecordFileWriter[Provider],
        awards: RecordFileWriter[PastAward],
        source: str,
    ) -> None:
        title = without_contacts(award.lot.title)
        lot = replace(award.lot, title=title, description=without_contacts(award.lot.description))
        awards.add(PastAward(award.id, lot, award.day, award.value, source))
        self._award_days.append(award.day.toordinal())
        self._award_ids.append(fingerprint(award.id))
        for supplier in award.suppliers:
            self._suppliers.append(self._record(supplier, records))
        self._supplier_ends.append(len(self._suppliers))

    def square(self, provider: Provider) -> tuple[int, int]:
        """The square of its first site that is on the map; -1 where none is."""
        find = self._table.find
        spot = next((p for s in provider.sites if (p := find(s.postcode))), None)
        return (spot.east // SQUARE, spot.north // SQUARE) if spot else (-1, -1)

    def squares(self) -> npt.NDArray[np.int64]:
        """(records, 2) the square of each record taken by itself."""
        return np.stack([self._square_x, self._square_y], axis=1).astype(np.int64)

    def resolve(self) -> Resolution:
        """Find which of the records read are one organisation."""
        self._progress("resolving", 0, None)
        self._seen.clear()
        table = self._table

        def km(a: str, b: str) -> float | None:
            here, there = table.find(a), table.find(b)
            if here is None or there is None:
                return None
            return national_grid.km(here.east, here.north, there.east, there.north)

        return self._resolver.resolve(self.records.__getitem__, km)

    def oldest_first(self) -> npt.NDArray[np.int64]:
        """Award numbers by day, then by id; the last of those with the same id only."""
        days, ids = np.array(self._award_days), np.array(self._award_ids, np.uint64)
        newest = np.lexsort((-np.arange(len(ids)), ids))
        first = np.ones(len(ids), bool)
        first[1:] = ids[newest][1:] != ids[newest][:-1]
        kept: npt.NDArray[np.int64] = np.sort(newest[first])
        return kept[np.lexsort((ids[kept], days[kept]))]

    def suppliers(self, award: int) -> array[int]:
        """Record numbers of the suppliers of an award."""
        return self._suppliers[self._supplier_ends[award] : self._supplier_ends[award + 1]]

    def discard(self) -> None:
        """Remove the spools."""
        for path in self._folder.glob("intake-*"):
            path.unlink()
