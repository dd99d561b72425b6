"""The bundles that a replay asks, whose rankers saw no winner of the lots they are asked about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from rich.console import Console

from matcher.geo.postcodes import PostcodeTable
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.matcher import Matcher
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.encoded_texts import vectors_version
from matcher.register.register import Register
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import Bundle
from training.evaluation.line_files import Progress
from training.learning.examples import TrainingWindow
from training.learning.settings import TrainingSettings
from training.replays.awards import cross_fit, learned_into_window, train_before

Matchers = dict[date, Matcher]
"""The matchers to ask, by the day from which on each is asked about lots."""


@dataclass(frozen=True)
class Asked:
    """What a replay asks: a bundle over the files, with the awards known before a day."""

    awards: Path
    providers: Path
    bundle: str
    before: date
    config: Path | None = None
    """how to train, where the bundle knows later awards"""
    encoders: Path | None = None
    """sentence encoders to train with then"""


def opened(asked: Asked, folder: Path, console: Console) -> tuple[Matcher, str]:
    """(the product on a register of the files, its name); builds the register if needed.

    If the bundle learned from the window, its figures would be too good, so another one is
    trained on the awards before the window.
    """
    _build(asked, folder)
    place: str | Path = asked.bundle
    name = str(asked.bundle)
    if learned_into_window(place, asked.before):
        with_encoder = " with an encoder" if asked.encoders else ""
        name = f"{name}, trained{with_encoder} on awards before {asked.before}"
        encoders = sorted(asked.encoders.glob("*.npz")) if asked.encoders else ()
        place = folder / f"bundle-before-{asked.before}-{_kind(*encoders, asked.config)}"
        if not place.exists():
            _train(folder, place, asked, console)
    _embed(folder, place)
    return Matcher.open(folder, place), name


def opened_for_each(asked: Asked, last: date, folder: Path, console: Console) -> Matchers:
    """The product for each month from `asked.before` to `last`; builds the register if needed.

    The rankers for a month learned from the lots of the other months, so they are as strong as
    those that ship, and saw no winner of the lots that they are asked about.
    """
    settings = TrainingSettings.read(asked.config)
    until = last + timedelta(days=1)
    begins = TrainingWindow.before(until, settings.months, settings.windows)[0].first
    if begins != asked.before:
        raise SystemExit(
            f"--from: is {asked.before}, but the {settings.windows} windows of --config that end "
            f"on {last} begin on {begins}"
        )
    bundle = Bundle.open(asked.bundle, FEATURES)
    _build(asked, folder)
    kind = _kind(asked.config, of=bundle.version)
    out = folder / f"bundles-{asked.before}-to-{last}-{kind}"
    if not out.exists():
        _embed(folder, asked.bundle)
        with _training(console) as progress:
            cross_fit(folder, out, until, settings, bundle=bundle, progress=progress)
    places = {date.fromisoformat(one.name): one for one in sorted(out.iterdir())}
    _embed(folder, places[asked.before])
    return {first: Matcher.open(folder, place) for first, place in places.items()}


def _build(asked: Asked, folder: Path) -> None:
    if not (folder / "CURRENT").exists():
        feeds: list[Feed] = [*own_table.read([asked.providers]), *ocds.read_awards([asked.awards])]
        build(
            folder, feeds, places_table=PostcodeTable.cached(), options=BuildOptions(trust_ids=True)
        )


def _embed(folder: Path, place: str | Path) -> None:
    bundle = Bundle.open(place, FEATURES)
    if Register.open(folder).manifest.meaning != vectors_version(bundle.knowledge):
        embed(folder, bundle)


def _kind(*files: Path | None, of: str = "") -> str:
    """A digest of what decides which bundle is trained: files, and a version of another bundle."""
    content = b"".join(one.read_bytes() for one in files if one)
    return hashlib.sha256(content + of.encode()).hexdigest()[:8]


def _train(folder: Path, out: Path, asked: Asked, console: Console) -> None:
    console.print(
        f"Bundle {asked.bundle} learned from the window: training another on awards before it."
    )
    with _training(console) as progress:
        train_before(folder, out, asked.before, asked.config, progress, encoders=asked.encoders)


@contextmanager
def _training(console: Console) -> Iterator[Progress]:
    with console.status("training") as status:

        def progress(stage: str, done: int, whole: int | None) -> None:
            status.update(f"{stage} {done} of {whole}" if whole else stage)

        yield progress
