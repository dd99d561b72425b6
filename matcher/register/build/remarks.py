"""Adds remarks to the organisations that they are about: employers, payees and other evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from matcher.core.types import BUYERS, Merge, Provider
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.intake import Intake
from matcher.register.build.layout import Layout
from matcher.register.build.payments import CollectedPayments, rows_of_payees
from matcher.register.build.record_keys import distance_in
from matcher.register.linkage.attach import SEVERAL
from matcher.register.linkage.resolve import Resolution
from matcher.register.payments import NOBODY
from matcher.sources.feed import Progress


@dataclass(frozen=True)
class Remarks:
    """The remarks on each row, the rows of payees, and how each remark joined."""

    of_row: Mapping[int, list[Provider]]
    payments: CollectedPayments | None
    payee_row: npt.NDArray[np.int32]
    merges: tuple[Merge, ...] = ()
    ambiguous: int = 0
    """payees and employers whose name several organisations have"""

    @classmethod
    def of(
        cls,
        intake: Intake,
        resolution: Resolution,
        layout: Layout,
        progress: Progress,
    ) -> Remarks:
        """Find the organisation of every remark and of every payee."""
        large = intake.buyers_of_large(layout.row_of_record)
        if not intake.remarks and intake.payments is None:
            of_row = defaultdict[int, list[Provider]](list)
            _add_large(of_row, large, intake, layout)
            return cls(of_row, None, np.empty(0, np.int32))
        joins = _Joins(intake, resolution, layout, _near(intake.councils, intake.table), progress)
        for remark in intake.remarks:
            joins.join(remark)
        payees, payments = np.empty(0, np.int32), intake.payments
        if payments is not None:
            every = map(intake.own, payments.remarks())
            suppressed = [n for n, payee in enumerate(every, 1) if intake.covers(payee)]
            payments = payments.hiding(suppressed) if suppressed else payments
            payees = rows_of_payees(payments, lambda payee: joins.join(intake.own(payee)))
        _add_large(joins.of_row, large, intake, layout)
        return cls(joins.of_row, payments, payees, tuple(joins.merges), joins.ambiguous)


@dataclass
class _Joins:
    """The remarks that have joined so far."""

    intake: Intake
    resolution: Resolution
    layout: Layout
    near: Callable[[Provider, Provider], bool]
    progress: Progress
    of_row: dict[int, list[Provider]] = field(default_factory=lambda: defaultdict(list))
    merges: list[Merge] = field(default_factory=list)
    ambiguous: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        read = lru_cache(maxsize=50_000)(self.intake.records.__getitem__)
        self._attacher = self.intake.keys.names.attacher(
            self.resolution.leaders, read, distance_in(self.intake.table), self.near
        )
        self._read = read

    def join(self, remark: Provider) -> int:
        """Add a remark to its organisation.  Returns that one's row, or NOBODY."""
        self.done += 1
        if self.done % 1000 == 0:
            self.progress("joining payees and employers", self.done, None)
        if not remark.name:
            return NOBODY
        found = self._attacher.attach(remark)
        if found.record is None:
            self.ambiguous += found.reason == SEVERAL
            return NOBODY
        record = self._read(found.record)
        row = int(self.layout.row_of_record[found.record])
        self.of_row[row].append(replace(remark, sites=(), areas=()))
        self.merges.append(Merge(record.id, remark.id, record.name, remark.name, found.reason))
        return row


def _add_large(
    of_row: dict[int, list[Provider]], large: Mapping[int, int], intake: Intake, layout: Layout
) -> None:
    """Remark on each row of `large` how many buyers do not call it an SME."""
    for row, buyers in large.items():
        record = intake.records[int(layout.members[layout.offsets[row]])]
        tag = f"not called an SME by {buyers} public buyers{BUYERS}"
        source = replace(record.source, name="award notices", day=None)
        of_row[row].append(Provider(record.id, record.name, source=source, tags=(tag,)))


def _near(councils: Councils, table: PostcodeTable) -> Callable[[Provider, Provider], bool]:
    """What tells whether a record is in or next to an area of a remark."""

    @lru_cache(maxsize=4096)
    def around(areas: tuple[str, ...]) -> frozenset[str]:
        own = {c for area in areas if (found := councils.find(area)) for c in found.councils}
        return frozenset(own).union(*(councils.borders.get(c, frozenset()) for c in own))

    def near(remark: Provider, record: Provider) -> bool:
        points = (table.find(site.postcode) for site in record.sites)
        wanted = around(remark.areas)
        return any(point is not None and point.council in wanted for point in points)

    return near


def remarks_on(rows: Mapping[int, list[Provider]], row: int) -> Iterator[Provider]:
    """The remarks on a row, in the order of their ids, so that files may come in any order."""
    yield from sorted(rows.get(row, ()), key=lambda r: (r.id, r.source.name, r.tags))
