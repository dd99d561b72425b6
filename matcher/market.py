"""The market of a lot: how many could do it, who they are, and in how few hands it has been.

This is market engagement (Procurement Act 2023 s.16): the lot goes through the gate for
purpose engagement and is ranked as any other, over everyone.  A lot is read once, and
whatever is counted of it comes of that `Reading`.

'Credible' is what the bundle's calibration says: the probability that a provider wins this
lot or, in a month like those held back, another of its CPV class near there.  Only winners
are known, so that is seldom: one in fifty a month is once in four years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain
from typing import Any, TypeAlias

import joblib
import numpy as np
import numpy.typing as npt

from matcher.answers import Refusal, refusal, with_wholes
from matcher.concentration import Concentration, concentration
from matcher.errors import BadInput, BadLot, NotLawful
from matcher.find import eligible
from matcher.law import Purpose
from matcher.matcher import Matcher
from matcher.nearby import local_scope
from matcher.question import Question
from matcher.reach import Wish
from matcher.register import NOWHERE, Register
from matcher.request import Request
from matcher.scope import SMALL, Scope
from matcher.types import Kind, Lot, Size

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
_Key: TypeAlias = tuple[Lot, Request, int]

_SMALL = np.array([size in SMALL for size in Size])
_VCSE = np.array([kind.vcse for kind in Kind])
_TAIL = 0.025
_ROUND_TO = 4
"""Digits to which a number of providers that is expected is given."""
VALUES = tuple(float(n * 10**digits) for digits in (4, 5, 6) for n in (1, 2, 5))
"""Lot values that a value curve is drawn through, pounds, unless told otherwise."""
MOST_VALUES = 200
_MOST_A_TASK = 50
"""Lots that one process reads before it tells of them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a market is counted; the caller may set each.

    `floor`: whoever is at least so probable counts as credible.  The usual 0.02 is the
    probability of one such contract in about four years, the length of a usual contract.
    `value_to_income`: a lot fits a provider whose yearly income times this is at least what
    the lot is worth in a year.  The usual 0.5 mirrors the turnover of twice the contract that
    buyers long could ask at most (Public Contracts Regulations 2015, reg. 58(9)).
    `fewest`: a lot with fewer credible providers is thin.
    Raises BadInput for what cannot be.
    """

    floor: float = 0.02
    value_to_income: float = 0.5
    fewest: int = 3

    def __post_init__(self) -> None:
        """Refuse what is no probability, no share of an income and no number of providers."""
        if not 0 < self.floor < 1:
            raise BadInput(
                f"floor {self.floor:g} is not a probability that some reach: give a number "
                "between 0 and 1, such as 0.02"
            )
        if not 0 < self.value_to_income <= 10:
            raise BadInput(
                f"value_to_income {self.value_to_income:g} is out of range: give the share of a "
                "provider's yearly income that a lot may be worth in a year, above 0 and at "
                "most 10, such as 0.5"
            )
        if not 1 <= self.fewest <= 1000:
            raise BadInput(
                f"fewest {self.fewest} is out of range: give a number of providers from 1 to 1000"
            )


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Basis:
    """What a market was read from, so that it can be read again."""

    register: str
    model: str
    rulebook: str
    rule_ids: tuple[str, ...]
    rule_sources: tuple[str, ...]
    purpose: str = Purpose.ENGAGEMENT.value


@dataclass(frozen=True, eq=False)
class Reading:
    """One lot read once: who was ranked for it, and what a market counts of them.

    All arrays have one value a provider, the most promising first.  What is not known of one
    is False in `small`, `local` and `vcse` and True beside it.
    """

    lot: Lot
    rows: Ints
    """of the register"""
    probabilities: Floats
    """that each is a credible provider, as the bundle's calibration means it"""
    small: Mask
    """known to be micro, small or medium"""
    size_unknown: Mask
    local: Mask
    """has a site where `local_rule` says"""
    place_unknown: Mask
    vcse: Mask
    kind_unknown: Mask
    new: Mask
    """has won no contract that the register knows"""
    income: Floats
    """pounds a year, NaN where not known"""
    yearly: float
    """pounds a year, without VAT, that one pound of the lot's value is"""
    yearly_rule: str
    place: str
    local_rule: str
    concentration: Concentration
    basis: Basis
    notes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def small_local(self) -> Mask:
        """(n,) who is known to be small and local."""
        return self.small & self.local

    @property
    def perhaps_small_local(self) -> Mask:
        """(n,) who may be small and local, but of whom the size or the place is not known."""
        either = (self.small | self.size_unknown) & (self.local | self.place_unknown)
        return either & ~self.small_local

    @property
    def annual(self) -> float | None:
        """Pounds a year that the lot is worth, without VAT; None where its value is not given."""
        return None if self.lot.value is None else self.lot.value * self.yearly

    def fits(self, value: float | None, terms: Terms) -> Mask:
        """(n,) whose known income is enough for a lot of this value (pounds, as the lot's)."""
        if value is None:
            return np.zeros(len(self), bool)
        enough: Mask = self.income * terms.value_to_income >= value * self.yearly
        return enough

    def at(self, kept: Mask | Ints) -> Reading:
        """The same of some of the providers."""
        arrays: dict[str, Any] = {
            f.name: value[kept]
            for f in fields(self)
            if isinstance(value := getattr(self, f.name), np.ndarray)
        }
        return replace(self, **arrays)

    def above(self, floor: float) -> Reading:
        """The same of those who are credible."""
        return self.at(self.probabilities >= floor)


@dataclass(frozen=True, slots=True)
class Count:
    """How many are credible; and how many of them the calibration expects to win.

    `number` are the providers above the floor.  `expected` is the sum of their probabilities;
    in nineteen of twenty markets like it, from `low` to `high` of them do win, if each wins or
    not for itself and the probabilities are right (the Poisson-binomial distribution).
    """

    number: int
    expected: float
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Depth:
    """The credible providers of a lot, in all and by sort; what is not known counts apart."""

    credible: Count
    local: Count
    small: Count
    small_local: Count
    perhaps_small_local: Count
    vcse: Count
    new: Count
    place_unknown: Count
    size_unknown: Count
    kind_unknown: Count


@dataclass(frozen=True, slots=True)
class Fit:
    """Whom the lot's size fits: of the credible, how many have the income for it.

    `annual` is pounds a year without VAT, and None where the lot gives no value: nobody then
    fits, and nobody is too small.  `income` is the yearly income that it asks for.
    """

    annual: float | None
    income: float | None
    rule: str
    fits: Count
    small_local_fits: Count
    too_small: Count
    unknown: Count


@dataclass(frozen=True, slots=True)
class Market:
    """The market of one lot, and what was assumed in counting it."""

    lot: str
    title: str
    value: float | None
    place: str
    local: str
    """who counts as local, in words"""
    depth: Depth
    fit: Fit
    concentration: Concentration
    thin: bool
    """fewer than `terms.fewest` are credible"""
    ranked: int
    terms: Terms
    basis: Basis
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Lots taken together: the distinct credible providers that they reach, a lot on average.

    A provider that is credible for several lots counts once, at its highest probability.
    """

    lots: int
    providers: Count
    providers_a_lot: float | None
    thin: int


@dataclass(frozen=True, slots=True)
class ValuePoint:
    """Of the credible small local providers, whom a lot of this value would fit.

    `unknown` are those of whom it is not known: their income, size or place is not, and what is
    known does not speak against them.
    """

    value: float
    annual: float
    fits: Count
    unknown: Count


@dataclass(frozen=True, slots=True)
class ValueCurve:
    """How many credible small local providers remain as a lot's value rises.

    `largest` is the highest value that fits `keep` of them whose income is known; None where
    there are not so many.
    """

    points: tuple[ValuePoint, ...]
    keep: int
    largest: float | None
    rule: str
    local: str


# --- reading ---------------------------------------------------------------------------


def read(matcher: Matcher, lot: Lot, request: Request) -> Reading:
    """Rank everyone for `lot`, and look up of each what a market counts.

    The request's wish says who is local; it narrows nothing.  Lots that differ in nothing but
    their id get the same reading: no draw goes by the id.
    Raises NotLawful, BadLot, and BadInput for what a market cannot be asked.
    """
    _check(request)
    question = _by_content(matcher.question(lot, replace(request, wish=Wish(everyone=True))))
    ranking = matcher.rank(question, eligible(question), request.seed)
    if ranking.probabilities is None:
        raise BadInput(
            f"--bundle {matcher.bundle.name} has not learned what its scores mean, so nobody can "
            "be called credible; take a trained bundle, such as default"
        )
    rows, register = np.asarray(ranking.rows, np.int64), question.register
    scope, local_rule = local_scope(register.councils, request.wish, question.need.place)
    size, kind = register.columns.size[rows], register.columns.kind[rows]
    yearly, yearly_rule = _yearly(lot, matcher.rulebook.vat)
    return Reading(
        lot=lot,
        rows=rows,
        probabilities=np.asarray(ranking.probabilities, np.float64),
        small=_SMALL[size],
        size_unknown=size == list(Size).index(Size.UNKNOWN),
        local=_local(question, scope, rows),
        place_unknown=_placeless(register, rows) | (scope is None),
        vcse=_VCSE[kind],
        kind_unknown=kind == list(Kind).index(Kind.UNKNOWN),
        new=register.is_new(rows),
        income=register.columns.income[rows].astype(np.float64),
        yearly=yearly,
        yearly_rule=yearly_rule,
        place=question.need.place.source,
        local_rule=local_rule,
        concentration=concentration(question),
        basis=_basis(matcher, question),
        notes=question.ruling.notes,
    )


def _check(request: Request) -> None:
    wish = request.wish
    if request.purpose is not Purpose.ENGAGEMENT:
        raise BadInput(
            f"purpose {request.purpose.value}: a market is read before anybody is invited, for "
            "purpose engagement; leave purpose out"
        )
    for option, given in (("size", wish.size), ("kind", wish.kind)):
        if given not in (None, "any"):
            raise BadInput(
                f"{option} {given!r}: a market counts everyone, and who is small or a VCSE beside; "
                f"leave {option} out"
            )


def _by_content(question: Question) -> Question:
    """The question with its draws made by what the lot says, whatever it is numbered."""
    need = question.need
    said = repr(replace(need.lot, id=""))
    return replace(question, need=replace(need, lot=replace(need.lot, id=said)))


def _local(question: Question, scope: Scope | None, rows: Ints) -> Mask:
    """(n,) which of `rows` have a site in the scope."""
    if scope is None:
        return np.zeros(len(rows), bool)
    field = eligible(replace(question, ruling=replace(question.ruling, scope=scope)))
    local: Mask = np.isin(rows, field.numbers[field.allowed])
    return local


def _placeless(register: Register, rows: Ints) -> Mask:
    placeless: Mask = register.columns.east[rows] == NOWHERE
    return placeless


def _yearly(lot: Lot, vat: float) -> tuple[float, str]:
    """What a pound of the lot's value is in a year, without VAT; and in words how it is got.

    A lot of under a year is worth its whole value in the year that it falls in.
    """
    gross = "VAT taken off" if lot.value_is_gross else "taken as without VAT"
    net = 1 / (1 + vat) if lot.value_is_gross else 1.0
    if not lot.years:
        return net, f"the whole value, since how long the lot runs is not known; {gross}"
    if lot.years <= 1:
        return net, f"the whole value, since the lot runs for a year or less; {gross}"
    return net / lot.years, f"the value divided by {lot.years:g} years; {gross}"


def _basis(matcher: Matcher, question: Question) -> Basis:
    book, ruling = matcher.rulebook, question.ruling
    return Basis(
        register=matcher.register.version,
        model=matcher.bundle.version,
        rulebook=f"{book.name}, checked {book.checked.isoformat()}",
        rule_ids=ruling.rule_ids,
        rule_sources=ruling.sources,
    )


# --- counting --------------------------------------------------------------------------


def market(reading: Reading, terms: Terms = USUAL) -> Market:
    """The market that a reading shows, counted by `terms`."""
    credible = reading.above(terms.floor)
    everyone = np.ones(len(credible), bool)
    fits = credible.fits(reading.lot.value, terms)
    unknown = np.isnan(credible.income) | (reading.lot.value is None)
    sorts = {
        "credible": everyone,
        "local": credible.local,
        "small": credible.small,
        "small_local": credible.small_local,
        "perhaps_small_local": credible.perhaps_small_local,
        "vcse": credible.vcse,
        "new": credible.new,
        "place_unknown": credible.place_unknown,
        "size_unknown": credible.size_unknown,
        "kind_unknown": credible.kind_unknown,
    }
    sizes = {
        "fits": fits,
        "small_local_fits": fits & credible.small_local,
        "too_small": ~fits & ~unknown,
        "unknown": unknown,
    }
    counted = counts(credible.probabilities, [*sorts.values(), *sizes.values()])
    annual = reading.annual
    fit = Fit(
        annual,
        None if annual is None else annual / terms.value_to_income,
        reading.yearly_rule,
        *counted[len(sorts) :],
    )
    return Market(
        lot=reading.lot.id,
        title=reading.lot.title,
        value=reading.lot.value,
        place=reading.place,
        local=reading.local_rule,
        depth=Depth(*counted[: len(sorts)]),
        fit=fit,
        concentration=reading.concentration,
        thin=len(credible) < terms.fewest,
        ranked=len(reading),
        terms=terms,
        basis=reading.basis,
        notes=(*reading.notes, *_cautions(reading, terms, counted[0])),
    )


def _cautions(reading: Reading, terms: Terms, credible: Count) -> Iterator[str]:
    if credible.number < terms.fewest:
        yield (
            f"Thin: fewer than {terms.fewest} providers in this register are credible. Others may "
            "be able to do it who have won nothing like it and say nothing of it."
        )
    if reading.lot.value is None:
        yield "The lot gives no value, so whom its size fits is not known."


def counts(probabilities: Floats, sets: Sequence[Mask]) -> tuple[Count, ...]:
    """For each set of providers, (n,), how many they are and how many are expected to win.

    The distribution of that number is exact: each provider in turn is added to all sets.
    """
    chances = np.array([np.where(one, probabilities, 0.0) for one in sets])
    chances = chances.reshape(len(sets), len(probabilities))
    spread = np.zeros((len(sets), len(probabilities) + 1))
    spread[:, 0] = 1.0
    for at in range(len(probabilities)):
        wins = chances[:, at : at + 1]
        spread[:, 1 : at + 2] += wins * (spread[:, : at + 1] - spread[:, 1 : at + 2])
        spread[:, :1] *= 1 - wins
    below = np.cumsum(spread, axis=1)
    low = np.argmax(below > _TAIL, axis=1)
    high = np.argmax(below >= 1 - _TAIL, axis=1)
    expected = np.round(chances.sum(axis=1), _ROUND_TO)
    return tuple(
        Count(int(np.count_nonzero(one)), float(expected[i]), int(low[i]), int(high[i]))
        for i, one in enumerate(sets)
    )


def together(readings: Sequence[Reading], terms: Terms = USUAL) -> Together:
    """The distinct credible providers of several lots, and how many that is a lot."""
    credible = [reading.above(terms.floor) for reading in readings]
    rows = np.concatenate([np.empty(0, np.int64), *(one.rows for one in credible)])
    told = np.concatenate([np.empty(0), *(one.probabilities for one in credible)])
    distinct, at = np.unique(rows, return_inverse=True)
    highest = np.zeros(len(distinct))
    np.maximum.at(highest, at, told)
    (found,) = counts(highest, [np.ones(len(distinct), bool)])
    return Together(
        lots=len(readings),
        providers=found,
        providers_a_lot=round(found.number / len(readings), 2) if readings else None,
        thin=sum(len(one) < terms.fewest for one in credible),
    )


def value_curve(
    reading: Reading, terms: Terms = USUAL, values: Sequence[float] | None = None
) -> ValueCurve:
    """The credible small local providers whom the lot would fit at each of `values`, rising.

    `terms.fewest` is how many are to be kept.  Raises BadInput for values that are none.
    """
    given = _values(values if values is not None else VALUES)
    near = reading.above(terms.floor)
    near = near.at(near.small_local | near.perhaps_small_local)
    rich = [near.fits(value, terms) for value in given]
    silent = np.isnan(near.income)
    sure = [fits & near.small_local for fits in rich]
    unsure = [silent | (fits & near.perhaps_small_local) for fits in rich]
    counted = counts(near.probabilities, [*sure, *unsure])
    incomes = np.sort(near.income[near.small_local & ~silent])[::-1]
    enough = len(incomes) >= terms.fewest
    return ValueCurve(
        points=tuple(
            ValuePoint(value, value * reading.yearly, fits, unknown)
            for value, fits, unknown in zip(
                given, counted[: len(given)], counted[len(given) :], strict=True
            )
        ),
        keep=terms.fewest,
        largest=_largest(float(incomes[terms.fewest - 1]), reading, terms) if enough else None,
        rule=(
            f"worth in a year at most {terms.value_to_income:g} of a provider's income; what a "
            f"lot is worth in a year is {reading.yearly_rule}"
        ),
        local=reading.local_rule,
    )


def _values(values: Sequence[float]) -> list[float]:
    if not 1 <= len(values) <= MOST_VALUES:
        raise BadInput(f"values: {len(values)} are given; give from 1 to {MOST_VALUES}")
    wrong = [value for value in values if not 0 < value < 1e12]
    if wrong:
        raise BadInput(f"values: {wrong[0]:g} is not a value of a lot: give pounds above 0")
    return sorted(set(values))


def _largest(income: float, reading: Reading, terms: Terms) -> float:
    """The highest value, in whole pounds, that an income is enough for."""
    return float(np.floor(income * terms.value_to_income / reading.yearly))


# --- many lots -------------------------------------------------------------------------


def readings(
    matcher: Matcher, lots: Iterable[Lot], request: Request, jobs: int = 1
) -> Iterator[Reading | Refusal]:
    """Each lot's reading, in the order given, or why there is none.

    Lots that differ in nothing but their id are read once.  With `jobs` above 1 they are read
    by so many processes, or by whatever `joblib.parallel_config` names.
    """
    asked = list(with_wholes(matcher, lots, request))
    keys = [_content(matcher, lot, own) for lot, own in asked]
    first: dict[_Key, tuple[Lot, Request]] = {}
    for key, task in zip(keys, asked, strict=True):
        first.setdefault(key, task)
    found = zip(first, _read_all(matcher, list(first.values()), jobs), strict=True)
    left, done = Counter(keys), dict[_Key, Reading | Refusal]()
    for key, (lot, _) in zip(keys, asked, strict=True):
        if key not in done:
            done.update([next(found)])
        one = done[key]
        left[key] -= 1
        if not left[key]:
            del done[key]
        yield _of(one, lot)


def _content(matcher: Matcher, lot: Lot, request: Request) -> _Key:
    """What decides a lot's reading: what it says, what is asked, and what may be known."""
    known = matcher.register.without(lot.id).known_awards
    return replace(lot, id=""), request, known


def _of(one: Reading | Refusal, lot: Lot) -> Reading | Refusal:
    return replace(one, lot=lot.id) if isinstance(one, Refusal) else replace(one, lot=lot)


def _read_all(
    matcher: Matcher, asked: Sequence[tuple[Lot, Request]], jobs: int
) -> Iterator[Reading | Refusal]:
    if jobs == 1 or len(asked) < 2 * jobs:
        return _read_each(matcher, asked)
    size = min(_MOST_A_TASK, -(-len(asked) // jobs))
    parts = [asked[at : at + size] for at in range(0, len(asked), size)]
    tasks = (joblib.delayed(_read_part)(matcher, part) for part in parts)
    work = joblib.Parallel(n_jobs=jobs, return_as="generator")
    return chain.from_iterable(work(tasks))


def _read_part(matcher: Matcher, asked: Sequence[tuple[Lot, Request]]) -> list[Reading | Refusal]:
    return list(_read_each(matcher, asked))


def _read_each(
    matcher: Matcher, asked: Iterable[tuple[Lot, Request]]
) -> Iterator[Reading | Refusal]:
    for lot, request in asked:
        try:
            yield read(matcher, lot, request)
        except (NotLawful, BadLot) as wrong:
            yield refusal(lot, wrong)


def markets(
    matcher: Matcher,
    lots: Iterable[Lot],
    request: Request,
    terms: Terms = USUAL,
    jobs: int = 1,
) -> Iterator[Market | Refusal]:
    """Each lot's market, in the order given, or why there is none; see `readings`."""
    for one in readings(matcher, lots, request, jobs):
        yield one if isinstance(one, Refusal) else market(one, terms)
