"""The rulebook: dated law as data, read from one TOML file and never changed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from matcher.core.errors import BadInput
from matcher.core.types import Json
from matcher.law.types import (
    BuyerKind,
    Caution,
    Contract,
    LesserThreshold,
    LightTouch,
    NeutralSignal,
    Period,
    Purpose,
    PurposeRules,
    Reservation,
    Rule,
    Signal,
    Threshold,
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The law of one nation on who may be put on a list, and by what.

    `nations` says of each other nation why this rulebook is not its own.  Before `begins`
    it says nothing; from `review` on its thresholds should have been revised.
    """

    name: str
    begins: date
    checked: date
    review: date
    review_words: str
    vat: float
    nations: Mapping[str, str]
    rules: tuple[Rule, ...]
    purposes: Mapping[Purpose, PurposeRules]
    neutral: tuple[NeutralSignal, ...]
    reservations: tuple[Reservation, ...]
    thresholds: tuple[Threshold, ...]
    levels: tuple[LesserThreshold, ...]
    light_touch: LightTouch
    cautions: tuple[Caution, ...]

    @classmethod
    def open(cls, path: Path | None = None) -> Rulebook:
        """The packaged rulebook of England, or the one at `path`.

        Raises BadInput when the file is absent or is not a rulebook.
        """
        packaged = resources.files("matcher.law.rulebooks") / "england.toml"
        try:
            text = (path or packaged).read_text(encoding="utf-8")
            return _rulebook(tomllib.loads(text))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"rulebook {path or packaged.name} cannot be read: {error}") from error

    def on(self, day: date) -> Rulebook:
        """The same rulebook with only the rules and amounts in force on `day`."""
        return replace(
            self,
            rules=_holding(self.rules, day),
            thresholds=_holding(self.thresholds, day),
            levels=_holding(self.levels, day),
        )

    def rule(self, id: str) -> Rule:  # noqa: A002
        """The rule of that id, in force or not; BadInput names the ids there are."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        known = ", ".join(rule.id for rule in self.rules)
        raise BadInput(f"rule {id!r} is not in the rulebook of {self.name}: it holds {known}")

    def in_force(self, ids: Iterable[str], day: date) -> tuple[Rule, ...]:
        """The rules of these ids that are in force on `day`, each once, in the order given."""
        return _holding(tuple(self.rule(name) for name in dict.fromkeys(ids)), day)

    def threshold(self, day: date, buyer: BuyerKind, contract: Contract) -> Threshold | None:
        """The threshold in force on `day`, or None on a day that the table does not reach."""
        for row in _holding(self.thresholds, day):
            if buyer in row.buyers and row.contract is contract:
                return row
        return None

    def levels_reached(
        self, day: date, buyer: BuyerKind, contract: Contract, value: float | None
    ) -> tuple[LesserThreshold, ...]:
        """The levels in force that such a contract of `value` (pounds, VAT included) reaches."""
        return tuple(
            row
            for row in _holding(self.levels, day)
            if buyer in row.buyers
            and row.contract in (None, contract)
            and value is not None
            and value >= row.amount
        )

    def neutral_for(self, purpose: Purpose, buyer: BuyerKind) -> tuple[NeutralSignal, ...]:
        """The signals that contribute nothing for this purpose and buyer, and by which rule."""
        return tuple(n for n in self.neutral if purpose in n.purposes and buyer in n.buyers)

    def reservation(self, buyer: BuyerKind) -> Reservation | None:
        """To what such a buyer may reserve, or None where nothing is known to allow it."""
        return next((row for row in self.reservations if buyer in row.buyers), None)

    def describe(self, on: date) -> dict[str, Json]:
        """The rulebook in force on a day, ready for JSON or for tables.

        Keys: rulebook, on, begins, checked, review, vat_rate, purposes, rules, thresholds,
        levels, light_touch, nations, cautions.  Days are ISO dates, amounts whole pounds.
        """
        book = self.on(on)
        return {
            "rulebook": book.name,
            "on": str(on),
            "begins": str(book.begins),
            "checked": str(book.checked),
            "review": str(book.review),
            "vat_rate": book.vat,
            "purposes": [_described(book, purpose) for purpose in Purpose],
            "rules": [_row(rule, "id title text source") for rule in book.rules],
            "thresholds": [_row(t, "buyers contract amount source") for t in book.thresholds],
            "levels": [_row(v, "rule buyers contract amount words") for v in book.levels],
            "light_touch": _fields(book.light_touch, "prefixes words source"),
            "nations": dict(book.nations),
            "cautions": [_fields(caution, "purposes text") for caution in book.cautions],
        }


_Dated = TypeVar("_Dated", Rule, Threshold, LesserThreshold)


def _holding(rows: tuple[_Dated, ...], day: date) -> tuple[_Dated, ...]:
    return tuple(row for row in rows if row.span.holds(day))


def _described(book: Rulebook, purpose: Purpose) -> Json:
    terms = book.purposes[purpose]
    known = {rule.id for rule in book.rules}
    return {
        "purpose": str(purpose),
        "allows": terms.allows,
        "forbids": terms.forbids,
        "counts": [str(signal) for signal in Signal if signal in terms.counts],
        "rules": [rule for rule in terms.rules if rule in known],
        "neutral": [
            _fields(row, "signal buyers rule words")
            for row in book.neutral
            if purpose in row.purposes
        ],
    }


def _row(record: Rule | Threshold | LesserThreshold, names: str) -> dict[str, Json]:
    ends = record.span.ends
    until = {"from": str(record.span.begins), "to": str(ends) if ends else None}
    return {**_fields(record, names), **until}


def _fields(record: object, names: str) -> dict[str, Json]:
    return {name: _plain(getattr(record, name)) for name in names.split()}


def _plain(value: object) -> Json:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    return value if value is None or isinstance(value, int) else str(value)


def _rulebook(data: Mapping[str, Any]) -> Rulebook:
    return Rulebook(
        name=data["name"],
        begins=_day(data, "begins"),
        checked=_day(data, "checked"),
        review=_day(data, "review"),
        review_words=data["review_words"],
        vat=float(data["vat"]),
        nations=data["nations"],
        rules=tuple(_rule(row) for row in data["rules"]),
        purposes={purpose: _terms(data["purposes"][purpose]) for purpose in Purpose},
        neutral=tuple(_neutral(row) for row in data["neutral"]),
        reservations=tuple(_reservation(row) for row in data["reservations"]),
        thresholds=tuple(_threshold(row) for row in data["thresholds"]),
        levels=tuple(_level(row) for row in data["levels"]),
        light_touch=_light_touch(data["light_touch"]),
        cautions=tuple(Caution(_purposes(row), row["text"]) for row in data["cautions"]),
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    cite = row.get("cite", "")
    return Rule(row["id"], row["title"], row["text"], row["source"], _span(row), cite)


def _terms(row: Mapping[str, Any]) -> PurposeRules:
    counts = frozenset(Signal(word) for word in row["counts"])
    return PurposeRules(counts, tuple(row["rules"]), row["allows"], row["forbids"])


def _neutral(row: Mapping[str, Any]) -> NeutralSignal:
    signal = Signal(row["signal"])
    return NeutralSignal(signal, row["rule"], row["words"], _purposes(row), _buyers(row))


def _reservation(row: Mapping[str, Any]) -> Reservation:
    return Reservation(**{**row, "buyers": _buyers(row), "kinds": tuple(row["kinds"])})


def _threshold(row: Mapping[str, Any]) -> Threshold:
    contract = Contract(row["contract"])
    return Threshold(_buyers(row), contract, int(row["amount"]), _span(row), row["source"])


def _level(row: Mapping[str, Any]) -> LesserThreshold:
    contract = Contract(row["contract"]) if "contract" in row else None
    amount = int(row["amount"])
    return LesserThreshold(row["rule"], _buyers(row), amount, _span(row), row["words"], contract)


def _light_touch(row: Mapping[str, Any]) -> LightTouch:
    return LightTouch(tuple(row["prefixes"]), row["words"], row["source"])


def _span(row: Mapping[str, Any]) -> Period:
    return Period(_day(row, "from"), _day(row, "to") if "to" in row else None)


def _day(row: Mapping[str, Any], key: str) -> date:
    day = row[key]
    if not isinstance(day, date) or isinstance(day, datetime):
        raise TypeError(f"{key} = {day!r} must be a day written as 2026-01-01, without quotes")
    return day


def _buyers(row: Mapping[str, Any]) -> tuple[BuyerKind, ...]:
    return tuple(BuyerKind(word) for word in row["buyers"])


def _purposes(row: Mapping[str, Any]) -> tuple[Purpose, ...]:
    return tuple(Purpose(word) for word in row["purposes"])
