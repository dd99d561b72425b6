"""Registers for tests: built from a handful of records, and asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec
import numpy as np

from matcher.core.types import Award, Provider, Tally
from matcher.geo.postcodes import PostcodeColumns, PostcodeTable
from matcher.ranking.eligibility import eligible_providers
from matcher.ranking.features.compute import compute
from matcher.ranking.features.context import FeatureContext
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.retrieval import retrieve
from matcher.register.build.build import BuildOptions, build
from matcher.register.manifest import FILE, Manifest
from matcher.register.register import Register
from matcher.sources.feed import Feed
from models.bundle import Bundle
from models.calibrated_ranker import Calibration

WALSALL, SANDWELL = "E08000030", "E08000028"


def feed(*items: Provider | Award, source: str = "test table") -> Feed:
    """The items as one source gives them."""
    return Tally(source, len(items), len(items)), cast("Any", iter(items))


def registered(path: Path, places: Path, *items: Provider | Award, **options: Any) -> Register:
    """The register of these providers and awards, built in `path`."""
    build(path, [feed(*items)], places_table=places, options=BuildOptions(**options))
    return Register.open(path)


def matcher(path: Path, places: Path, *items: Provider | Award, **options: Any) -> Matcher:
    """A matcher by hand-set weights over the register of these, built in `path`."""
    registered(path, places, *items, **options)
    return Matcher.open(path, "hand")


def line_of_places(folder: Path, *metres: int, council: str = WALSALL) -> Path:
    """A table with the postcodes WS1 1AA, WS1 1AB, ... at these metres east of the first."""
    names = [f"WS1 1A{letter}" for letter in "ABCDEFGH"[: len(metres)]]
    rows = PostcodeColumns(
        np.array(names, "S8"),
        np.array([300_000 + east for east in metres], np.int32),
        np.full(len(metres), 300_000, np.int32),
        np.full(len(metres), council, "S9"),
    )
    PostcodeTable.build(folder, rows, "1.0")
    return folder


def features_of(query: Query, *names: str) -> dict[str, dict[str, float]]:
    """Provider id → feature → value, for every candidate of a question."""
    found = retrieve(query, eligible_providers(query))
    values = compute(FeatureContext(query, found), names)
    organisations = query.register.organisations
    ids = [organisations[int(row)].provider.id for row in found.rows]
    return {i: dict(zip(names, row, strict=True)) for i, row in zip(ids, values, strict=True)}


def as_bytes(answer: Any) -> bytes:
    """An answer, or part of one, as the bytes that are written."""
    return msgspec.json.encode(answer, order="deterministic")


def snapshots(path: Path) -> list[Path]:
    """The snapshot folders that lie in a register's folder."""
    return sorted(p for p in path.iterdir() if p.is_dir())


def without_digests(path: Path) -> None:
    """Make the register in folder `path` one that was built before its files had digests."""
    folder = path / (path / "CURRENT").read_text().strip()
    manifest = Manifest.read(folder)
    (folder / FILE).unlink()
    msgspec.structs.replace(manifest, files={}).write(folder)


def calibrated(folder: Path) -> Path:
    """The bundle of hand-set weights, saved in `folder` with what its scores mean.

    A score of 0 means a probability of .01, a score of 2 one of .9.
    """
    hand = Bundle.open("hand", FEATURES)
    told = Calibration((0.0, 2.0), (0.01, 0.9))
    rankers = {
        key: replace(calibrated, calibration=told) for key, calibrated in hand.rankers.items()
    }
    replace(hand, name="calibrated", rankers=rankers).save(folder)
    return folder
