"""Descriptions of the register, and of the bundle with features and weights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from matcher.law.types import Signal
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from models.blend import BlendedRanker
from models.calibrated_ranker import CalibratedRanker
from models.ranker import LinearRanker
from models.trees import TreesRanker

_SETS = {"all": "engagement", "relevance": "invite, reserved"}


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How many records of one source were read, kept and set aside."""

    source: str
    """the name of the file or of the source"""
    read: int
    kept: int
    set_aside: dict[str, int]
    """records that were not used or not in full: how many, by the reason"""


@dataclass(frozen=True, slots=True)
class RegisterInForce:
    """The register in force: its version, counts, and each source with what it set aside."""

    version: str
    """16 hexadecimal digits, a digest of the facts: the same sources give the same version"""
    providers: int
    awards: int
    """past awards"""
    records: int
    """records of the sources that the providers were made from"""
    merges: int
    """pairs of records that were found to be one organisation"""
    inactive: int
    """providers that are removed, dissolved or insolvent"""
    newest_award: date | None
    """the day of the newest past award; null where there is none"""
    vectors_by: str
    """the name of the bundle that encoded the texts; empty where they are not encoded"""
    sources: tuple[SourceCount, ...]


@dataclass(frozen=True, slots=True)
class RankerInForce:
    """One ranker of the bundle, with its features and their weights."""

    signals: str
    """what it may look at: all, or relevance alone"""
    purposes: str
    """the purposes of lists that it ranks, separated by commas"""
    kind: Literal["blended", "trees", "linear", "other"]
    weights: dict[str, float]
    """feature → weight; in trees, its share of the gain of all splits in training, 0 to 1"""
    judged_weights: dict[str, float]
    """feature → weight learned from people's judgements, which a blended ranker adds"""
    calibrated: bool
    """whether it gives probabilities"""
    fair_share: bool
    """whether `fair` can be asked for"""


@dataclass(frozen=True, slots=True)
class FeatureInForce:
    """What a ranker can look at."""

    name: str
    signal: Signal
    """what it is based on; the rulebook says which signals may count"""
    reason: str
    """the reason under which it is shown"""
    description: str


@dataclass(frozen=True, slots=True)
class Models:
    """The bundle that ranks: its card, and each ranker with its features and their weights."""

    name: str
    version: str
    """16 hexadecimal digits, a digest of the bundle"""
    card: dict[str, Any]
    """what it learned from, how it was measured and its limits; each bundle has keys of its own"""
    rankers: tuple[RankerInForce, ...]
    features: tuple[FeatureInForce, ...]


def register(matcher: Matcher) -> RegisterInForce:
    """The register: version, counts, and each source with what it set aside."""
    manifest = matcher.register.manifest
    awards = matcher.register.awards
    return RegisterInForce(
        version=manifest.version,
        providers=manifest.providers,
        awards=manifest.awards,
        records=manifest.records,
        merges=manifest.merges,
        inactive=manifest.inactive,
        newest_award=awards[len(awards) - 1].day if manifest.awards else None,
        vectors_by=manifest.bundle,
        sources=tuple(SourceCount(t.source, t.read, t.kept, t.set_aside) for t in manifest.tallies),
    )


def models(matcher: Matcher) -> Models:
    """The bundle that ranks: its card, and each ranker with its features and their weights."""
    bundle = matcher.bundle
    return Models(
        bundle.name,
        bundle.version,
        dict(bundle.card),
        tuple(_ranker(signals, ranker) for signals, ranker in sorted(bundle.rankers.items())),
        tuple(FeatureInForce(f.name, f.signal, f.reason, f.words) for f in FEATURES.values()),
    )


def _ranker(signals: str, calibrated: CalibratedRanker) -> RankerInForce:
    ranker = calibrated.ranker
    kind: Literal["blended", "trees", "linear", "other"] = "other"
    weights, judged = dict[str, float](), dict[str, float]()
    if isinstance(ranker, BlendedRanker):
        kind, weights = "blended", ranker.gains()
        judged = dict(zip(ranker.judged.features, ranker.judged.weights, strict=True))
    elif isinstance(ranker, TreesRanker):
        kind, weights = "trees", ranker.gains()
    elif isinstance(ranker, LinearRanker):
        kind, weights = "linear", dict(zip(ranker.features, ranker.weights, strict=True))
    return RankerInForce(
        signals=signals,
        purposes=_SETS.get(signals, ""),
        kind=kind,
        weights={name: weights.get(name, 0.0) for name in ranker.features},
        judged_weights=judged,
        calibrated=calibrated.calibration is not None,
        fair_share=calibrated.fairness is not None,
    )
