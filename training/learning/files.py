"""From files to a bundle: records of feeds in, a folder with a bundle and its report out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from matcher.core import atomic
from matcher.core.leftovers import scratch_folder
from matcher.geo.postcodes import PostcodeTable
from matcher.register.build.build import BuildOptions, build
from matcher.register.register import Register
from matcher.sources.feed import Feed
from models.bundle import Bundle, refuse_to_overwrite
from training.evaluation.line_files import Progress
from training.learning import taught
from training.learning.base_encoder import BaseEncoder
from training.learning.encoders import NO_ENCODERS, Encoders
from training.learning.people import JudgedLot
from training.learning.settings import TrainingSettings
from training.learning.train import train
from training.learning.windows import Training
from training.reports.charts import refuse_without_matplotlib
from training.reports.training_report import page


@dataclass(frozen=True)
class Given:
    """What to learn from besides the feeds."""

    until: date | None = None
    """learn only from awards before this day; None learns from all"""
    trust_ids: bool = False
    encoders: Path | None = None
    """a folder of sentence encoders: each window uses the newest that knows no award of it"""
    fine_tune: Path | None = None
    """a pretrained encoder to learn those from first; they are kept in `encoders`, if given"""
    relevance: str | None = None
    """a bundle whose relevance is taken over, in place of learning it"""
    people: Sequence[JudgedLot] = ()
    """lots that people judged"""
    tune_on: Sequence[JudgedLot] = ()
    """other lots that people judged, to tune the encoders on"""
    told: Sequence[tuple[str, str]] = ()
    """names and what their bearers do, to tune the encoders on as well"""


NOTHING = Given()


def train_files(
    feeds: Iterable[Feed],
    out: Path,
    settings: TrainingSettings,
    progress: Progress,
    given: Given = NOTHING,
) -> tuple[Bundle, dict[str, Any]]:
    """Train on the records of the feeds and save the bundle and its report in the folder `out`.

    Leaves nothing behind when it is interrupted; what it leaves when it is killed, the next one
    removes.
    Raises BundleError, before it reads a record, where `out` exists or something given cannot be
    used; and where there is too little to learn from.
    """
    refuse_to_overwrite(out)
    refuse_without_matplotlib()
    base = BaseEncoder.open(given.fine_tune) if given.fine_tune else None
    known = Encoders.open(given.encoders) if given.encoders and not base else NO_ENCODERS
    relevance = taught.of_bundle(given.relevance) if given.relevance else None
    with scratch_folder("training") as scratch:
        table = PostcodeTable.cached(lambda n, of: progress("compiling postcodes", n, of))
        root = scratch / "register"
        options = BuildOptions(trust_ids=given.trust_ids)
        build(root, feeds, places_table=table, options=options, progress=progress)
        job = Training(
            Register.open(root),
            settings,
            scratch,
            progress,
            encoders=known,
            relevance=relevance,
            base=base,
            kept=given.encoders,
            judged=given.people,
            tune_on=given.tune_on,
            told=given.told,
        )
        bundle, report = train(job, out.name, given.until)
        save(bundle, report, out)
    return bundle, report


def save(bundle: Bundle, report: dict[str, Any], out: Path) -> None:
    """Write the bundle as the folder `out`, whole or not at all, with its report."""
    refuse_to_overwrite(out)
    encoded = json.dumps(report, indent=1, sort_keys=True) + "\n"
    with atomic.replacing_folder(out) as folder:
        bundle.save(folder, {"report.json": encoded, "report.html": page(bundle.name, report)})
