"""Commands that train a bundle and show what one holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.named_paths import file_to_read, folder_to_fill, providers_to_read, to_read
from api.cli.options import AwardsOption, ParallelOption, QuietOption, TrustIdsOption, options_from
from api.cli.output import bundle_card, console
from api.cli.progress import progress as _progress
from matcher.core.errors import BadInput
from matcher.core.workers import running_on
from matcher.ranking.features.registry import FEATURES
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import Bundle, find
from training.learning.settings import TrainingSettings

if TYPE_CHECKING:
    from training.learning.people import JudgedLot


bundle_app = typer.Typer(no_args_is_help=True, help="Look into a bundle: what it has learned.")


_NONE: Any = ()
"""No files; a dataclass takes no list as a default."""


@dataclass(frozen=True, kw_only=True)
class _Lessons:
    """What is learned from beside the awards, and how, as it was typed."""

    providers: Annotated[
        list[Path],
        typer.Option(
            metavar="FILE…",
            callback=providers_to_read,
            help="Tables of providers and their profiles.",
        ),
    ] = _NONE
    config: Annotated[
        Path | None, typer.Option(callback=file_to_read, help="Training settings, TOML.")
    ] = None
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Learn only from awards before this day."),
    ] = None
    encoders: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Sentence encoders (*.npz). Each training window uses the newest that learned "
            "from no award of that window or later, as its card says. With --fine-tune, encoders "
            "are kept here, and training that was interrupted goes on from them.",
        ),
    ] = None
    fine_tune: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            callback=to_read,
            help="A pretrained sentence encoder (vocab.txt, model.safetensors), such as "
            "all-MiniLM-L6-v2. One is fine-tuned for each window, on a GPU if there is one; on "
            "processors alone it takes hours.",
        ),
    ] = None
    relevance: Annotated[
        str | None,
        typer.Option(
            metavar="BUNDLE",
            help="Take over what people taught that bundle of which providers fit a lot, "
            "instead of learning it from --judgements.",
        ),
    ] = None
    judgements: Annotated[
        Path | None,
        typer.Option(
            metavar="QRELS",
            callback=file_to_read,
            help="Providers that people graded from 0 to 3 for lots, as `matcher judge export` "
            "writes them. They teach who is listed, and in which order. Needs --judged-lots.",
        ),
    ] = None
    judged_lots: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            callback=file_to_read,
            help="The lots that --judgements and --tune-on grade: OCDS or JSON Lines.",
        ),
    ] = None
    tune_on: Annotated[
        Path | None,
        typer.Option(
            metavar="QRELS",
            callback=file_to_read,
            help="Tune the sentence encoders on these grades first, of other lots than those of "
            "--judgements. Takes about a minute for 50 lots and processor.",
        ),
    ] = None
    names_told: Annotated[
        Path | None,
        typer.Option(
            metavar="CSV",
            callback=file_to_read,
            help="With --tune-on: what organisations do of which little but the name is known "
            "(columns name and work), so that encoders learn what names mean.",
        ),
    ] = None
    decisions: Annotated[
        str | None,
        typer.Option(
            metavar="RECORDS",
            help="The service's records (a database URL or an SQLite file). Officers' decisions "
            "are learned from too: who was invited, and who was left out for other work.",
        ),
    ] = None
    trust_ids: TrustIdsOption = False
    parallel: ParallelOption = None
    quiet: QuietOption = False


@options_from(_Lessons)
def train(
    lessons: _Lessons,
    awards: AwardsOption,
    bundle: Annotated[
        Path, typer.Option(callback=folder_to_fill, help="The folder to write the bundle to.")
    ],
) -> None:
    """Learn from past awards which providers belong to which lots, and write a bundle.

    The newest months are held back to measure on. The report in the bundle's folder
    (report.html, report.json) has the results. Takes minutes.
    """
    try:
        from training.learning.files import Given, train_files  # takes seconds: only here
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"training needs libraries that are not installed ({missing.name}): in the "
            "folder with the product's pyproject.toml, run `pip install --editable '.[train]'`"
        ) from missing

    settings = TrainingSettings.read(lessons.config)
    people = judged_by_people(lessons.judgements, lessons.judged_lots, lessons.decisions)
    given = Given(
        until=lessons.before.date() if lessons.before else None,
        trust_ids=lessons.trust_ids,
        encoders=lessons.encoders,
        fine_tune=lessons.fine_tune,
        relevance=lessons.relevance,
        people=people,
        tune_on=to_tune_on(lessons.tune_on, lessons.judged_lots, people),
        told=told_names(lessons.names_told, lessons.tune_on),
    )
    feeds: list[Feed] = [*own_table.read(lessons.providers), *ocds.read_awards(awards)]
    with running_on(lessons.parallel), _progress(lessons.quiet) as bar:
        learned, report = train_files(feeds, bundle, settings, bar, given)
    console.console().print(bundle_card.trained(learned, report, bundle))


@bundle_app.command("show")
def show_bundle(
    name: Annotated[str, typer.Argument(help="A bundle that ships, by name, or a folder.")],
) -> None:
    """Print a bundle's card: data, dates, rankers, their quality, libraries and hashes."""
    console.console().print(bundle_card.card(Bundle.open(name, FEATURES), find(name)))


_SHOWN = 10
"""How many incomplete rows are named."""


def judged_by_people(
    judgements: Path | None, lots: Path | None, decisions: str | None
) -> list[JudgedLot]:
    """The lots that people judged.  Raises BadInput where a file is missing."""
    from training.learning.people import graded

    if judgements and not lots:
        raise BadInput("--judgements: give --judged-lots, the lots that it grades")
    found = graded(judgements, lots) if judgements and lots else []
    if decisions is None:
        return found
    from api.cli.decided_lots import read_decided_lots

    decided = read_decided_lots(decisions)
    counts = ", ".join(f"{number} {what}" for what, number in sorted(decided.choices.items()))
    console.console(error=True).print(f"Decisions: {counts or 'none'}.")
    return [*found, *decided.lots]


def to_tune_on(grades: Path | None, lots: Path | None, people: list[JudgedLot]) -> list[JudgedLot]:
    """The lots to tune encoders on.  Raises BadInput where the rankers learn from one as well."""
    from training.learning.people import graded

    if grades is None:
        return []
    if lots is None:
        raise BadInput("--tune-on: give --judged-lots, the lots that it grades")
    found = graded(grades, lots, "--tune-on")
    both = sorted({one.lot.id for one in found} & {one.lot.id for one in people})
    if both:
        raise BadInput(
            f"--tune-on and --judgements: both grade lot {both[0]} ({len(both)} in all); relevance "
            "would be taken for better than it is, so divide the lots between them"
        )
    return found


def told_names(told: Path | None, tune_on: Path | None) -> list[tuple[str, str]]:
    """Names and what their bearers do.  Says on the terminal which rows lack one of the two."""
    from training.learning import names_told

    if told is None:
        return []
    if tune_on is None:
        raise BadInput("--names-told: encoders learn names while they are tuned; give --tune-on")
    found = names_told.read(told)
    if found.incomplete:
        lines = ", ".join(map(str, found.incomplete[:_SHOWN]))
        more = " and others" if len(found.incomplete) > _SHOWN else ""
        console.console(error=True).print(
            f"--names-told: {len(found.incomplete)} of {len(found.incomplete) + len(found.names)} "
            f"rows lack a name or what it does, and are left out (lines {lines}{more})."
        )
    return found.names
