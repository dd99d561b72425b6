"""Reads the sources once, writes their records to files, and keeps only numbers in memory."""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import chain, count, islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from matcher.core import workers
from matcher.core.arrays import Ints
from matcher.core.errors import RegisterError
from matcher.core.identifiers import fingerprint
from matcher.core.redaction import without_contacts
from matcher.core.types import Award, Payment, PlannedContract, Provider, Remark, Source, Tally
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.analysis import buyer_key
from matcher.register.build import known_records
from matcher.register.build.declared_sizes import DeclaredSizes
from matcher.register.build.intake_records import IntakeRecords, IntakeRecordsWriter
from matcher.register.build.known_records import KnownRecords
from matcher.register.build.known_rows import RowsBefore, RowsNow
from matcher.register.build.payments import SOURCE, PaymentIntake
from matcher.register.build.record_keys import collect, opener
from matcher.register.build.seen import Seen
from matcher.register.build.suppression_list import SUPPRESSED, Suppressions
from matcher.register.build.table_parts import (
    NOT_NAMED,
    NumberedPart,
    RecordMaker,
    as_kept,
    content_of,
)
from matcher.register.build.unplaced import RecordsOfSource
from matcher.register.linkage.named_pairs import PairsBefore
from matcher.register.linkage.one_number import all_with_own_ids, with_own_id
from matcher.register.linkage.resolve import Resolution, Rules, resolve
from matcher.register.past_award import PastAward
from matcher.register.record_file import RecordFile, RecordFileWriter
from matcher.sources.feed import Feed, Item, Progress, RowFeed

_PAYMENTS_SHOWN = 20_000
"""Payments after which the progress is shown again."""


class Intake:
    """Reads the feeds once into files, and collects what finding duplicates needs."""

    def __init__(
        self,
        folder: Path,
        rules: Rules,
        table: PostcodeTable,
        progress: Progress,
        *,
        suppressed: Suppressions | None = None,
        councils: Councils | None = None,
        known: RowsBefore | None = None,
    ) -> None:
        self._folder = folder
        self._suppressed = suppressed or Suppressions()
        self._rules = rules
        self._own_ids = rules.own_ids
        self.table = table
        self._progress = progress
        self._seen = Seen()
        self._known, self._rows = known, RowsNow()
        self._before, self._parts = array("i"), 0
        self.sources: dict[tuple[str, str], date] = {}
        """(source, licence) → the newest day of its records, `date.min` if none has one"""
        self.spans: list[RecordsOfSource] = []
        self._noted: Source | None = None
        self._award_days = array("q")
        self._award_ids = array("Q")
        self._suppliers = array("q")
        self._supplier_ends = array("q", [0])
        self._sizes = DeclaredSizes()
        self.councils = councils or Councils.open()
        self._payments = PaymentIntake(self.councils)
        self.planned: dict[str, PlannedContract] = {}
        """the contracts that are announced, by the id of their procurement"""
        self.remarks: list[Provider] = []
        """what describes organisations that the records name"""

    def read(self, feeds: Iterable[Feed]) -> tuple[Tally, ...]:
        """Read every feed to its end.  Returns their tallies.

        Raises RegisterError where no feed has a record to keep.
        """
        tallies, before = [], self._known.snapshot if self._known else None
        with (
            IntakeRecordsWriter(self._folder, before) as records,
            RecordFileWriter[PastAward](self._folder / "intake-awards") as awards,
        ):
            for tally, feed in feeds:
                first = len(records)
                if isinstance(feed, RowFeed):
                    self._read_parts(feed, tally, records)
                else:
                    self._read_items(feed, tally, records, awards)
                tallies.append(tally)
                self.spans.append(RecordsOfSource(tally, range(first, len(records))))
        self.payments = self._payments.finish()
        if self.payments:
            self.sources[SOURCE.name, SOURCE.licence] = date.min
        self.records = IntakeRecords(self._folder)
        self.awards: RecordFile[PastAward] = RecordFile(self._folder / "intake-awards", PastAward)
        if not len(self.records):
            raise RegisterError(
                "nothing to build from: no source held a usable provider or award. Is each file "
                "named with the option for its kind? What was set aside: "
                + "; ".join(map(_set_aside, tallies))
            )
        return tuple(tallies)

    def _read_items(
        self,
        feed: Iterable[Item],
        tally: Tally,
        records: IntakeRecordsWriter,
        awards: RecordFileWriter[PastAward],
    ) -> None:
        for item in feed:
            if isinstance(item, Provider):
                record = self.own(item)
                if not self._is_suppressed(record, tally):
                    self._record(record, records)
            elif isinstance(item, Award):
                source = item.suppliers[0].source.name if item.suppliers else tally.source
                suppliers = all_with_own_ids(item.suppliers, self._own_ids)
                award, removed = self._suppressed.without(replace(item, suppliers=suppliers))
                for _ in range(removed):
                    tally.drop(SUPPRESSED, NOT_NAMED)
                self._award(award, records, awards, source)
            else:
                self._add(item, tally)
                continue
            if (len(records) + len(awards)) % 500 == 0:
                self._progress(f"reading {tally.source}", tally.read, None)

    def _read_parts(self, feed: RowFeed, tally: Tally, records: IntakeRecordsWriter) -> None:
        """Read a table, part by part; rows that are known are not read."""
        maker = RecordMaker(
            self._folder.absolute(),
            self._known,
            self._suppressed,
            self._own_ids,
            self._rules.trust_ids,
        )
        parts = map(NumberedPart, count(self._parts), feed.parts())
        first = list(islice(parts, 2))
        jobs = workers.ALL_CORES if len(first) > 1 else 1
        for made in workers.in_order(maker, chain(first, parts), jobs):
            self._parts += 1
            feed.count(made.tally)
            if len(made.contents):
                self._note_source(made.source)
            is_new = self._seen.add_new(made.contents)
            records.add_part(made.lines, made.sizes, made.rows, is_new, made.source)
            self._rows.extend(made.digests[is_new], made.turns[is_new])
            self._before.frombytes(made.before[is_new].tobytes())
            self._progress(f"reading {tally.source}", tally.read, None)

    def _add(self, item: Payment | Remark | PlannedContract, tally: Tally) -> None:
        """Add what makes no record of its own: a payment, a remark or a planned contract."""
        if isinstance(item, PlannedContract):
            lot = item.lot
            texts = without_contacts(lot.title), without_contacts(lot.description)
            lot = replace(lot, title=texts[0], description=texts[1])
            self.planned[item.id] = replace(item, lot=lot)
            source = (item.source, "OGL-UK-3.0")
            self.sources[source] = max(self.sources.get(source) or date.min, item.day)
        elif isinstance(item, Payment):
            self._payments.add(item)
            if tally.read % _PAYMENTS_SHOWN == 0:
                self._progress(f"reading {tally.source}", tally.read, None)
        elif not self._is_suppressed(record := self.own(item.record), tally):
            self._note_source(record.source)
            self.remarks.append(record)

    def _is_suppressed(self, record: Provider, tally: Tally) -> bool:
        """Whether the record's organisation asked to be left out; if so, counts it in `tally`."""
        reason = self._suppressed.reason(record)
        if reason:
            tally.drop(reason, NOT_NAMED)
            tally.kept -= 1
        return bool(reason)

    def own(self, record: Provider) -> Provider:
        """The record, with an id of its own where a person says that its number is another's."""
        return with_own_id(record, self._own_ids)

    def covers(self, record: Provider) -> bool:
        """Whether the record's organisation asked to be left out."""
        return self._suppressed.cover(record)

    def _note_source(self, source: Source) -> None:
        if source is self._noted:
            return
        self._noted = source
        key = source.name, source.licence
        self.sources[key] = max(self.sources.get(key) or date.min, source.day or date.min)

    def _record(self, record: Provider, records: IntakeRecordsWriter) -> int:
        """Write a record, unless the same source had one with the same content; its number."""
        record = as_kept(record, trust_ids=self._rules.trust_ids)
        self._note_source(record.source)
        existing = self._seen.number_of(content_of(record))
        if existing is not None:
            return existing
        self._rows.add_none()
        self._before.append(-1)
        return records.add(record)

    def _award(
        self,
        award: Award,
        records: IntakeRecordsWriter,
        awards: RecordFileWriter[PastAward],
        source: str,
    ) -> None:
        title = without_contacts(award.lot.title)
        lot = replace(award.lot, title=title, description=without_contacts(award.lot.description))
        known = award.id, lot, award.day, award.value, source
        awards.add(PastAward(*known, award.ends, award.extends))
        self._award_days.append(award.day.toordinal())
        self._award_ids.append(fingerprint(award.id))
        for supplier in award.suppliers:
            self._suppliers.append(self._record(supplier, records))
            self._sizes.add(self._suppliers[-1], buyer_key(lot.buyer), supplier.tags)
        self._supplier_ends.append(len(self._suppliers))

    def resolve(self, before: KnownRecords | None = None) -> Resolution:
        """Decide which of the records are one organisation, by their `keys`, which are made.

        Records that the snapshot `before` had too are not read.
        """
        if not self._rules.trust_ids:
            known_records.start(self._folder, self._seen.contents())
            self._rows.save(self._folder, self._suppressed, self._own_ids)
        self._rows = RowsNow()
        self._seen = Seen()
        self.keys = collect(
            self._folder,
            trust_ids=self._rules.trust_ids,
            with_names=bool(self.remarks) or self.payments is not None,
            progress=self._progress,
            before=before,
            numbers=np.array(self._before, np.int32),
        )
        self._before = array("i")
        self._progress("resolving", 0, None)
        open_ = opener(self._folder)
        judged = before.judged() if before and not self._rules.trust_ids else None
        pairs = PairsBefore(judged, self.keys.before) if judged else None
        found = resolve(self.keys.keys, self._rules, open_, self._progress, pairs)
        if found.judged and not self._rules.trust_ids:
            found.judged.save(self._folder / known_records.FOLDER / known_records.PAIRS)
        return replace(found, judged=None)  # which holds much memory

    def oldest_first(self) -> npt.NDArray[np.int64]:
        """Award numbers by day, then by id; of awards with the same id, only the last read."""
        days, ids = np.array(self._award_days), np.array(self._award_ids, np.uint64)
        newest = np.lexsort((-np.arange(len(ids)), ids))
        first = np.ones(len(ids), bool)
        first[1:] = ids[newest][1:] != ids[newest][:-1]
        kept: npt.NDArray[np.int64] = np.sort(newest[first])
        return kept[np.lexsort((ids[kept], days[kept]))]

    def suppliers(self, award: int) -> array[int]:
        """The record numbers of an award's suppliers."""
        return self._suppliers[self._supplier_ends[award] : self._supplier_ends[award + 1]]

    def buyers_of_large(self, row_of_record: Ints) -> dict[int, int]:
        """Row → how many buyers do not call its organisation an SME, where that makes it large."""
        return self._sizes.large(row_of_record)

    def discard(self) -> None:
        """Remove the files of records and awards."""
        for path in self._folder.glob("intake-*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _set_aside(tally: Tally) -> str:
    """What a source had that could not be used, with how many of each."""
    reasons = [f"{reason}: {times:,}" for reason, times in tally.set_aside.items()]
    return f"{tally.source} ({'; '.join(reasons) or 'no rows'})"
