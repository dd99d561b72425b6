"""Descriptions of the register, of the bundle with features and weights, and of rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.core.types import Json
from matcher.law.procedure_rules import ProcedureRules
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from models.blend import BlendedRanker
from models.calibrated_ranker import CalibratedRanker
from models.ranker import LinearRanker
from models.trees import TreesRanker

_SETS = {"all": "engagement", "relevance": "invite, reserved"}


def register(matcher: Matcher) -> dict[str, Json]:
    """The register: version, counts, and each source with what it set aside."""
    manifest = matcher.register.manifest
    known = ("version", "providers", "awards", "records", "merges", "inactive")
    newest = (
        matcher.register.awards[len(matcher.register.awards) - 1].day if manifest.awards else None
    )
    return {
        **{name: getattr(manifest, name) for name in known},
        "newest_award": newest.isoformat() if newest else None,
        "vectors_by": manifest.bundle,
        "sources": [
            {name: getattr(tally, name) for name in ("source", "read", "kept", "set_aside")}
            for tally in manifest.tallies
        ],
    }


def models(matcher: Matcher) -> dict[str, Json]:
    """The bundle that ranks: its card, and each ranker with its features and their weights.

    The weight of a feature in trees is its share of the gain of all splits in training.  A blended
    ranker adds to its trees the sum of features times their `judged_weights`, learned from
    people's judgements.
    """
    bundle = matcher.bundle
    return {
        "name": bundle.name,
        "version": bundle.version,
        "card": _plain(bundle.card),
        "rankers": [
            {"signals": key, "purposes": _SETS.get(key, ""), **_ranker(calibrated)}
            for key, calibrated in sorted(bundle.rankers.items())
        ],
        "features": [
            {
                "name": feature.name,
                "signal": feature.signal.value,
                "reason": feature.reason,
                "description": feature.words,
            }
            for feature in FEATURES.values()
        ],
    }


def procedures(packs: Mapping[str, ProcedureRules]) -> list[Json]:
    """The contract procedure rules that a request can name."""
    return [
        {
            "id": pack.id,
            "council": pack.council,
            "version": pack.version,
            "from": pack.period.begins.isoformat(),
            "to": pack.period.ends.isoformat() if pack.period.ends else None,
            "source": pack.source,
            "digest": pack.digest,
        }
        for pack in packs.values()
    ]


def _ranker(calibrated: CalibratedRanker) -> dict[str, Json]:
    ranker = calibrated.ranker
    kind, weights, judged = "other", dict[str, float](), dict[str, float]()
    if isinstance(ranker, BlendedRanker):
        kind, weights = "blended", ranker.gains()
        judged = dict(zip(ranker.judged.features, ranker.judged.weights, strict=True))
    elif isinstance(ranker, TreesRanker):
        kind, weights = "trees", ranker.gains()
    elif isinstance(ranker, LinearRanker):
        kind, weights = "linear", dict(zip(ranker.features, ranker.weights, strict=True))
    return {
        "kind": kind,
        "weights": {name: weights.get(name, 0.0) for name in ranker.features},
        "judged_weights": dict[str, Json](judged),
        "calibrated": calibrated.calibration is not None,
        "fair_share": calibrated.fairness is not None,
    }


def _plain(card: Any) -> Json:  # noqa: ANN401 - a card is any JSON
    plain: Json = card
    return plain
