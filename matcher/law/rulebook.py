"""The rulebook: dated law as data, read from a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from matcher.core.errors import BadInput
from matcher.core.types import Json
from matcher.law.types import (
    BuyerKind,
    Caution,
    Contract,
    HealthCare,
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
    Unregulated,
)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The law of one nation on how a list of suppliers may be drawn up.

    `nations` says why the rulebook does not apply in each of the other nations. It does not
    cover days before `begins`. Its thresholds are due for revision from `review`.
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
    unregulated: Unregulated
    light_touch: LightTouch
    health_care: HealthCare
    cautions: tuple[Caution, ...]

    @classmethod
    def open(cls, path: Path | None = None) -> Rulebook:
        """The packaged rulebook of England, or the one at `path`.

        Raises BadInput where the file does not exist or is not a rulebook.
        """
        packaged = resources.files("matcher.law.rulebooks") / "england.toml"
        try:
            text = (path or packaged).read_text(encoding="utf-8")
            return _rulebook(tomllib.loads(text))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"rulebook {path or packaged.name} cannot be read: {error}") from error

    def on(self, day: date) -> Rulebook:
        """This rulebook with only the rules and amounts in force on `day`."""
        return replace(
            self,
            rules=_in_force(self.rules, day),
            thresholds=_in_force(self.thresholds, day),
            levels=_in_force(self.levels, day),
        )

    def rule(self, id: str) -> Rule:  # noqa: A002
        """The rule with that id, in force or not.  Raises BadInput where there is none."""
        for rule in self.rules:
            if rule.id == id:
                return rule
        ids = ", ".join(rule.id for rule in self.rules)
        raise BadInput(f"rule {id!r} is not in the rulebook of {self.name}: its rules are {ids}")

    def in_force(self, ids: Iterable[str], day: date) -> tuple[Rule, ...]:
        """The rules with these ids in force on `day`, in the same order, without duplicates."""
        return _in_force(tuple(self.rule(name) for name in dict.fromkeys(ids)), day)

    def threshold(self, day: date, buyer: BuyerKind, contract: Contract) -> Threshold | None:
        """The threshold in force on `day`, or None where the rulebook has none for that day."""
        for row in _in_force(self.thresholds, day):
            if buyer in row.buyers and row.contract is contract:
                return row
        return None

    def levels_reached(
        self, day: date, buyer: BuyerKind, contract: Contract, value: float | None
    ) -> tuple[LesserThreshold, ...]:
        """The lesser thresholds in force that a contract of `value` (with VAT) reaches."""
        not_for = self.rules_not_for(buyer, contract)
        return tuple(
            row
            for row in _in_force(self.levels, day)
            if buyer in row.buyers
            and row.rule not in not_for
            and row.contract in (None, contract)
            and value is not None
            and value >= row.amount
        )

    def rules_not_for(self, buyer: BuyerKind, contract: Contract) -> tuple[str, ...]:
        """The ids of the rules below threshold that do not apply to this contract."""
        return self.unregulated.rules if self.unregulated.covers(buyer, contract) else ()

    def neutral_for(self, purpose: Purpose, buyer: BuyerKind) -> tuple[NeutralSignal, ...]:
        """The signals that contribute nothing for this purpose and buyer."""
        return tuple(n for n in self.neutral if purpose in n.purposes and buyer in n.buyers)

    def reservation(self, buyer: BuyerKind) -> Reservation | None:
        """What a buyer of this kind may reserve to, or None where no rule allows it."""
        return next((row for row in self.reservations if buyer in row.buyers), None)

    def applies_in(self, nation: str) -> bool:
        """Whether it is the rulebook of `nation`, or the nation is not known ('')."""
        return not nation or nation.lower() == self.name.lower()

    def why_not_in(self, nation: str) -> str:
        """Why it does not apply in another nation, in plain English."""
        return self.nations.get(nation, "No rulebook for it is loaded.")

    def describe(self, on: date) -> dict[str, Json]:
        """The rulebook in force on a day, as JSON.

        Keys: rulebook, on, begins, checked, review, vat_rate, purposes, rules, thresholds,
        levels, unregulated, light_touch, health_care, nations, cautions.  Days are ISO dates,
        amounts whole pounds.
        """
        book = self.on(on)
        return {
            "rulebook": book.name,
            "on": str(on),
            "begins": str(book.begins),
            "checked": str(book.checked),
            "review": str(book.review),
            "vat_rate": book.vat,
            "purposes": [_describe_purpose(book, purpose) for purpose in Purpose],
            "rules": [_row(rule, "id title text source") for rule in book.rules],
            "thresholds": [_row(t, "buyers contract amount source") for t in book.thresholds],
            "levels": [_row(v, "rule buyers contract amount words") for v in book.levels],
            "unregulated": _fields(book.unregulated, "contracts buyers rules words source"),
            "light_touch": _fields(book.light_touch, "prefixes words source"),
            "health_care": _fields(book.health_care, "prefixes buyers words source"),
            "nations": dict(book.nations),
            "cautions": [_fields(caution, "purposes text") for caution in book.cautions],
        }


_Dated = TypeVar("_Dated", Rule, Threshold, LesserThreshold)


def _in_force(rows: tuple[_Dated, ...], day: date) -> tuple[_Dated, ...]:
    return tuple(row for row in rows if row.period.contains(day))


def _describe_purpose(book: Rulebook, purpose: Purpose) -> Json:
    purpose_rules = book.purposes[purpose]
    in_force = {rule.id for rule in book.rules}
    return {
        "purpose": str(purpose),
        "allows": purpose_rules.allows,
        "forbids": purpose_rules.forbids,
        "counts": [str(signal) for signal in Signal if signal in purpose_rules.counts],
        "rules": [rule for rule in purpose_rules.rules if rule in in_force],
        "neutral": [
            _fields(row, "signal buyers rule words")
            for row in book.neutral
            if purpose in row.purposes
        ],
    }


def _row(record: Rule | Threshold | LesserThreshold, names: str) -> dict[str, Json]:
    ends = record.period.ends
    period = {"from": str(record.period.begins), "to": str(ends) if ends else None}
    return {**_fields(record, names), **period}


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
        purposes={purpose: _purpose_rules(data["purposes"][purpose]) for purpose in Purpose},
        neutral=tuple(_neutral(row) for row in data["neutral"]),
        reservations=tuple(_reservation(row) for row in data["reservations"]),
        thresholds=tuple(_threshold(row) for row in data["thresholds"]),
        levels=tuple(_level(row) for row in data["levels"]),
        unregulated=_unregulated(data["unregulated"]),
        light_touch=_light_touch(data["light_touch"]),
        health_care=_health_care(data["health_care"]),
        cautions=tuple(Caution(_purposes(row), row["text"]) for row in data["cautions"]),
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    cite = row.get("cite", "")
    return Rule(row["id"], row["title"], row["text"], row["source"], period_of(row), cite)


def _purpose_rules(row: Mapping[str, Any]) -> PurposeRules:
    counts = frozenset(Signal(word) for word in row["counts"])
    return PurposeRules(counts, tuple(row["rules"]), row["allows"], row["forbids"])


def _neutral(row: Mapping[str, Any]) -> NeutralSignal:
    signal = Signal(row["signal"])
    return NeutralSignal(signal, row["rule"], row["words"], _purposes(row), _buyers(row))


def _reservation(row: Mapping[str, Any]) -> Reservation:
    return Reservation(**{**row, "buyers": _buyers(row), "area_kinds": tuple(row["area_kinds"])})


def _threshold(row: Mapping[str, Any]) -> Threshold:
    contract = Contract(row["contract"])
    return Threshold(_buyers(row), contract, int(row["amount"]), period_of(row), row["source"])


def _level(row: Mapping[str, Any]) -> LesserThreshold:
    contract = Contract(row["contract"]) if "contract" in row else None
    amount = int(row["amount"])
    return LesserThreshold(
        row["rule"], _buyers(row), amount, period_of(row), row["words"], contract
    )


def _unregulated(row: Mapping[str, Any]) -> Unregulated:
    contracts = tuple(Contract(word) for word in row["contracts"])
    return Unregulated(contracts, _buyers(row), tuple(row["rules"]), row["words"], row["source"])


def _light_touch(row: Mapping[str, Any]) -> LightTouch:
    return LightTouch(tuple(row["prefixes"]), row["words"], row["source"])


def _health_care(row: Mapping[str, Any]) -> HealthCare:
    return HealthCare(tuple(row["prefixes"]), _buyers(row), row["words"], row["source"])


def period_of(row: Mapping[str, Any]) -> Period:
    """The days from which and up to which a table is in force.  Raises ValueError for no days."""
    return Period(_day(row, "from"), _day(row, "to") if "to" in row else None)


def _day(row: Mapping[str, Any], key: str) -> date:
    if type(row[key]) is not date:
        raise ValueError(f"{key} = {row[key]!r} must be a date such as 2026-04-01, without quotes")
    day: date = row[key]
    return day


def _buyers(row: Mapping[str, Any]) -> tuple[BuyerKind, ...]:
    return tuple(BuyerKind(word) for word in row["buyers"])


def _purposes(row: Mapping[str, Any]) -> tuple[Purpose, ...]:
    return tuple(Purpose(word) for word in row["purposes"])
