"""Collects the payments of all files while they are read, and writes them into a snapshot.

Only sums are kept: one cell for each payee, purpose and month.  Cells are collected in blocks, each
of which is sorted and summed, so that ten million lines need little more memory than their cells.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from matcher.core.arrays import Ints, run_starts, starts_of
from matcher.core.identifiers import PAYEE, fingerprint
from matcher.core.redaction import without_contacts
from matcher.core.types import PAID_FOR, Payment, Provider, Source
from matcher.geo.councils import Councils
from matcher.register.analysis import buyer_key
from matcher.register.columns import save
from matcher.register.index_writer import TextIndexWriter
from matcher.register.linkage.name_similarity import normalise
from matcher.register.manifest import PaymentTotals
from matcher.register.payments import LEFT_OUT, NOBODY, Body, Payee, Purpose
from matcher.register.record_file import write_records
from models import text

SOURCE = Source("Payments of public bodies", None, "OGL-UK-3.0")
_BLOCK = 2_000_000
_PURPOSE_BITS, _MONTH_BITS = 24, 15
_MOST_LABELS = 40
"""Categories of a payee that tell what it does."""


class PaymentIntake:
    """The payments read so far."""

    def __init__(self, councils: Councils) -> None:
        self._councils = councils
        self._payees: dict[tuple[str, str], int] = {("", ""): LEFT_OUT}
        self._written: dict[tuple[str, str], int] = {("", ""): LEFT_OUT}
        """payee and number as written → the number of the payee"""
        self._names: list[tuple[str, str]] = [("", "")]
        self._purposes: dict[tuple[str, str, str, str], int] = {}
        self._areas: dict[str, str] = {}
        """body → the code of its area, where its files give one"""
        self._new_block()
        self._keys = np.empty(0, np.int64)
        self._pence = np.empty(0, np.int64)
        self._count = np.empty(0, np.int64)
        self.lines = 0

    def _new_block(self) -> None:
        self._block_keys, self._block_pence = array("q"), array("q")
        self._block_counts = array("q")

    def add(self, payment: Payment) -> None:
        """Add a payment to the sum of its cell."""
        body, payee, number, department, service, category, month, pence, count, area = payment
        if area:
            self._areas.setdefault(body, area)
        who = self._written.get((payee, number))
        if who is None:
            who = self._payee(payee, number)
        what = (body, department, service, category)
        purpose = self._purposes.get(what)
        if purpose is None:
            purpose = self._purposes[what] = len(self._purposes)
        self._block_keys.append(
            (who << (_PURPOSE_BITS + _MONTH_BITS)) | (purpose << _MONTH_BITS) | month
        )
        self._block_pence.append(pence)
        self._block_counts.append(count)
        self.lines += count
        if len(self._block_keys) >= _BLOCK:
            self._sum_block()

    def _payee(self, written: str, number: str) -> int:
        """The number of a payee: one for all spellings that normalise to the same name."""
        same = (normalise(written) or written.casefold(), number)
        who = self._payees.setdefault(same, len(self._names))
        if who == len(self._names):
            self._names.append((without_contacts(written), number))
        self._written[written, number] = who
        return who

    def _sum_block(self) -> None:
        keys = np.concatenate([self._keys, np.frombuffer(self._block_keys, np.int64)])
        pence = np.concatenate([self._pence, np.frombuffer(self._block_pence, np.int64)])
        count = np.concatenate([self._count, np.frombuffer(self._block_counts, np.int64)])
        self._new_block()
        self._keys = self._pence = self._count = np.empty(0, np.int64)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = run_starts(keys)
        keys = keys[first]
        if len(first):
            pence = np.add.reduceat(pence[order], first)
            count = np.add.reduceat(count[order], first)
        self._keys, self._pence, self._count = keys, pence, count

    def finish(self) -> CollectedPayments | None:
        """All payments, summed; None where there was none."""
        if len(self._block_keys):
            self._sum_block()
        if not len(self._keys):
            return None
        bodies = list(dict.fromkeys(body for body, *_ in self._purposes))
        number = {body: at for at, body in enumerate(bodies)}
        purpose = (self._keys >> _MONTH_BITS) & ((1 << _PURPOSE_BITS) - 1)
        purpose_body = np.array([number[body] for body, *_ in self._purposes], np.int32)
        order = np.argsort(purpose_body[purpose], kind="stable")
        keys = self._keys[order]
        return CollectedPayments(
            bodies=tuple(self._body(name) for name in bodies),
            payees=tuple(Payee(name, number) for name, number in self._names),
            purposes=tuple(Purpose(*what) for _, *what in self._purposes),
            purpose_body=purpose_body,
            payee=(keys >> (_PURPOSE_BITS + _MONTH_BITS)).astype(np.int32),
            purpose=purpose[order].astype(np.int32),
            month=(keys & ((1 << _MONTH_BITS) - 1)).astype(np.int32),
            pence=self._pence[order],
            count=self._count[order].astype(np.int32),
            lines=self.lines,
        )

    def _body(self, name: str) -> Body:
        area = self._councils.find(self._areas.get(name, "")) or self._councils.named_in(name)
        return Body(name, area.code if area else "", buyer_key(name))


@dataclass(frozen=True)
class CollectedPayments:
    """All payments of a build, by cells; columns are as in `matcher.register.payments`."""

    bodies: tuple[Body, ...]
    payees: tuple[Payee, ...]
    purposes: tuple[Purpose, ...]
    purpose_body: npt.NDArray[np.int32]
    payee: npt.NDArray[np.int32]
    purpose: npt.NDArray[np.int32]
    month: npt.NDArray[np.int32]
    pence: Ints
    count: npt.NDArray[np.int32]
    lines: int

    def remarks(self) -> Iterator[Provider]:
        """Each payee but payee 0 as a remark: its name, what it was paid for, and where.

        What it was paid for is in the order of the alphabet, whatever the amounts.
        """
        for number, (labels, codes) in enumerate(zip(*self._of_payees(), strict=True)):
            if number != LEFT_OUT:
                payee = self.payees[number]
                name = normalise(payee.name) or payee.name
                yield Provider(
                    id=f"{PAYEE}{fingerprint(f'{name}|{payee.number}'):016x}",
                    name=payee.name,
                    source=SOURCE,
                    ids=(payee.number,) if payee.number else (),
                    tags=tuple(PAID_FOR + label for label in labels[:_MOST_LABELS]),
                    areas=codes,
                )

    def _of_payees(self) -> tuple[list[list[str]], list[tuple[str, ...]]]:
        """The different categories of each payee, and the codes of the bodies that paid it."""
        pairs = np.unique(self.payee.astype(np.int64) << 32 | self.purpose)
        labels: list[set[str]] = [set() for _ in self.payees]
        codes: list[set[str]] = [set() for _ in self.payees]
        whos, whats = (pairs >> 32).tolist(), (pairs & 0xFFFFFFFF).tolist()
        for who, what in zip(whos, whats, strict=True):
            if label := self.purposes[what].category:
                labels[who].add(label)
            if code := self.bodies[self.purpose_body[what]].code:
                codes[who].add(code)
        return [_distinct(one) for one in labels], [tuple(sorted(one)) for one in codes]

    def hiding(self, numbers: Sequence[int]) -> CollectedPayments:
        """These payments without the names of some payees, whose amounts count as left out."""
        hidden = frozenset(numbers)
        nobody = Payee("", "")
        payees = (nobody if n in hidden else payee for n, payee in enumerate(self.payees))
        payee = np.where(np.isin(self.payee, list(hidden)), np.int32(LEFT_OUT), self.payee)
        return replace(self, payees=tuple(payees), payee=payee)

    def write(self, folder: Path, payee_row: npt.NDArray[np.int32], rows: int) -> PaymentTotals:
        """Write them into `folder`; `payee_row` is the row of each payee, NOBODY where none."""
        folder.mkdir()
        (folder / "bodies.json").write_bytes(msgspec.json.encode(self.bodies))
        names = list(dict.fromkeys(p.category for p in self.purposes if p.category))
        (folder / "categories.json").write_bytes(msgspec.json.encode(names))
        number = {name: at for at, name in enumerate(names)}
        words = TextIndexWriter(folder / "words", length_penalty=0.0)
        for name in names:
            words.add(text.counts([(name, 1.0)]))
        words.finish()
        write_records(folder / "payees", self.payees)
        write_records(folder / "purposes", self.purposes)
        save(folder, self._columns(payee_row, rows, number))
        joined = payee_row[self.payee] != NOBODY
        left_out = self.payee == LEFT_OUT
        return PaymentTotals(
            bodies=tuple(sorted(body.name for body in self.bodies)),
            lines=self.lines,
            cells=len(self.payee),
            payees=len(self.payees) - 1,
            joined_payees=int((payee_row != NOBODY).sum()),
            pence=int(self.pence.sum()),
            joined_pence=int(self.pence[joined].sum()),
            left_out_pence=int(self.pence[left_out].sum()),
            first=int(self.month.min()),
            last=int(self.month.max()),
        )

    def _columns(
        self, payee_row: npt.NDArray[np.int32], rows: int, category: dict[str, int]
    ) -> dict[str, npt.NDArray[np.generic]]:
        row = payee_row[self.payee]
        joined = np.flatnonzero(row != NOBODY)
        by_row = joined[np.argsort(row[joined], kind="stable")]
        body = self.purpose_body[self.purpose]
        return {
            "payee_row": payee_row,
            "purpose_body": self.purpose_body,
            "purpose_category": np.array(
                [category.get(p.category, -1) for p in self.purposes], np.int32
            ),
            "payee": self.payee,
            "purpose": self.purpose,
            "month": self.month,
            "pence": self.pence,
            "count": self.count,
            "by_row": by_row.astype(np.int32),
            "by_row_offsets": starts_of(np.bincount(row[joined], minlength=rows)),
            "body_cells": starts_of(np.bincount(body, minlength=len(self.bodies))),
        }


def rows_of_payees(
    collected: CollectedPayments, attach: Callable[[Provider], int]
) -> npt.NDArray[np.int32]:
    """(payees,) the row that `attach` gives each payee's remark; NOBODY for payee 0."""
    rows = np.full(len(collected.payees), NOBODY, np.int32)
    for number, remark in enumerate(collected.remarks(), 1):
        rows[number] = attach(remark)
    return rows


def _distinct(labels: Iterable[str]) -> list[str]:
    """Labels in the order of the alphabet, without those that differ only in capitals."""
    return [label for _, label in sorted({one.casefold(): one for one in sorted(labels)}.items())]
