"""What people decided about merges: pairs of ids that are one organisation, and pairs that are not.

    REG/keep-apart.csv    pairs that no build merges
    REG/join.csv          pairs that every build merges

Both have the columns kept and merged.  They belong to the register and not to a snapshot, so every
later build follows them.  A pair that is in both counts as two: while an answer moves from one file
to the other, also where that is cut off, either the old answer or the new one stands.  The number
of a row in an id does not count: it changes when rows are added to the table.  An id of
`one_number` says that the records with the other id, an official number, and with one name are of
another organisation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.core import atomic
from matcher.core.atomic import changing_alone
from matcher.core.disk import refused
from matcher.core.errors import RegisterError
from matcher.core.identifiers import OWN, without_number
from matcher.register.build.suppression_list import pseudonym
from matcher.register.linkage.told_pairs import Pairs, bare_pair, pair_of, pairs_in, without_numbers

APART = "keep-apart.csv"
JOIN = "join.csv"
_LOCK = "decisions.lock"


@dataclass(frozen=True, slots=True)
class MergeDecisions:
    """The pairs of ids that people decided about, the lower id first."""

    apart: Pairs = frozenset()
    joined: Pairs = frozenset()

    @classmethod
    def open(cls, register: Path) -> MergeDecisions:
        """The decisions of the register in folder `register`; none if it has none.

        Of a pair that moves from one file to the other meanwhile, one answer is read.
        Raises BadSource where a file is damaged.
        """
        written = cls._written(register)
        apart = without_numbers(written.apart)
        return cls(written.apart, frozenset(p for p in written.joined if bare_pair(p) not in apart))

    @classmethod
    def _written(cls, register: Path) -> MergeDecisions:
        """What the two files hold at one moment."""
        while True:
            state = _state(register)
            found = {
                name: pairs_in(register / name, name) if (register / name).exists() else frozenset()
                for name in (APART, JOIN)
            }
            if _state(register) == state:
                return cls(found[APART], found[JOIN])

    def without(self, pair: tuple[str, str]) -> MergeDecisions:
        """The decisions without one pair, whatever the numbers of its rows are now."""
        gone = bare_pair(pair)
        apart, joined = (
            frozenset(p for p in pairs if bare_pair(p) != gone)
            for pairs in (self.apart, self.joined)
        )
        return MergeDecisions(apart, joined)


def _state(register: Path) -> list[tuple[int, int]]:
    """What differs once a file was replaced, for each that is there."""
    found = []
    for name in (APART, JOIN):
        with suppress(OSError):
            state = (register / name).stat()
            found.append((state.st_ino, state.st_mtime_ns))
    return found


def decide(register: Path, id_a: str, id_b: str, *, same: bool) -> None:
    """Record that two ids are of one organisation, or of two, in place of what was decided before.

    It takes effect with the next build.  Raises RegisterError where the ids are equal, or the
    register cannot be written to.
    """
    if id_a == id_b:
        raise RegisterError(f"{id_a} is one id; name two, as `matcher merges` lists them")
    pair = pair_of(id_a, id_b)
    with _changing(register) as change:
        change.after = change.before.without(pair)
        if same:
            change.after = replace(change.after, joined=change.after.joined | {pair})
        else:
            change.after = replace(change.after, apart=change.after.apart | {pair})


def undo(register: Path, id_a: str, id_b: str) -> bool:
    """Forget what was decided about two ids; whether anything was.

    It takes effect with the next build.  Raises RegisterError as `decide` does.
    """
    pair = pair_of(id_a, id_b)
    with _changing(register) as change:
        change.after = change.before.without(pair)
        return change.after != change.before


def forget(register: Path, ids: set[str]) -> None:
    """Remove every pair with one of `ids`, which an organisation has that is suppressed.

    That records are not of the organisation whose number they give stays, because they would be
    taken for that one's again.  It tells no name; where that one is suppressed, its pseudonym is in
    place of the number.
    """
    bare = {without_number(org_id)[0] for org_id in ids if not org_id.startswith(OWN)}
    if MergeDecisions.open(register) != MergeDecisions():
        with _changing(register) as change:
            change.after = MergeDecisions(
                frozenset(filter(None, (_forgotten(p, bare) for p in change.before.apart))),
                frozenset(p for p in change.before.joined if bare.isdisjoint(bare_pair(p))),
            )


def _forgotten(pair: tuple[str, str], ids: set[str]) -> tuple[str, str] | None:
    """A pair as it stays once the organisation with these `ids` is suppressed; None if it goes."""
    if ids.isdisjoint(bare_pair(pair)):
        return pair
    own = next((org_id for org_id in pair if org_id.startswith(OWN)), None)
    number = next((org_id for org_id in pair if not org_id.startswith(OWN)), None)
    return pair_of(own, pseudonym(number)) if own and number else None


@dataclass(slots=True)
class _Change:
    before: MergeDecisions
    after: MergeDecisions


@contextmanager
def _changing(register: Path) -> Iterator[_Change]:
    """The decisions, which are written back when the block ends, while no other process writes.

    Each file is replaced whole and flushed to the disk.  Where a pair moves, it enters one file
    before it leaves the other.
    """
    if not register.is_dir():
        raise RegisterError(f"--register {register}: does not exist")
    try:
        with changing_alone(register / _LOCK):
            before = MergeDecisions.open(register)
            change = _Change(before, before)
            yield change
            after, written = change.after, MergeDecisions._written(register)
            both = written.joined | after.joined
            _write(register / JOIN, written.joined, both)
            _write(register / APART, written.apart, after.apart)
            _write(register / JOIN, both, after.joined)
    except TimeoutError as error:
        raise RegisterError(
            f"--register {register}: another program is writing decisions; try again"
        ) from error
    except OSError as error:
        raise RegisterError(
            f"--register {register}: the decision cannot be written ({refused(error)}); "
            "give it again once it can"
        ) from error


def _write(path: Path, before: Pairs, after: Pairs) -> None:
    if after == before:
        return
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(("kept", "merged"))
    out.writerows(sorted(after))
    atomic.write_text(path, text.getvalue())
