"""Commands that train a bundle and show what one holds."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import AwardsOption, ParallelOption, QuietOption, TrustIdsOption
from api.cli.output import bundle_card, console
from api.cli.progress import progress as _progress
from api.cli.train_options import (
    BeforeOption,
    BundleOption,
    ConfigOption,
    DecisionsOption,
    EncodersOption,
    FineTuneOption,
    JudgedLotsOption,
    JudgementsOption,
    NamesToldOption,
    ProvidersOption,
    RelevanceOption,
    TuneOnOption,
)
from api.cli.train_people import judged_by_people, to_tune_on, told_names
from matcher.core.errors import BadInput
from matcher.core.workers import running_on
from matcher.ranking.features.registry import FEATURES
from matcher.sources.feed import Feed
from matcher.sources.notices import ocds
from matcher.sources.providers import own_table
from models.bundle import Bundle, find
from training.learning.settings import TrainingSettings

bundle_app = typer.Typer(no_args_is_help=True, help="Look into a bundle: what it has learned.")


def train(
    awards: AwardsOption,
    bundle: BundleOption,
    providers: ProvidersOption = [],  # noqa: B006
    config: ConfigOption = None,
    before: BeforeOption = None,
    encoders: EncodersOption = None,
    fine_tune: FineTuneOption = None,
    relevance: RelevanceOption = None,
    judgements: JudgementsOption = None,
    judged_lots: JudgedLotsOption = None,
    tune_on: TuneOnOption = None,
    names_told: NamesToldOption = None,
    decisions: DecisionsOption = None,
    trust_ids: TrustIdsOption = False,
    parallel: ParallelOption = None,
    quiet: QuietOption = False,
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

    settings = TrainingSettings.read(config)
    people = judged_by_people(judgements, judged_lots, decisions)
    given = Given(
        until=before.date() if before else None,
        trust_ids=trust_ids,
        encoders=encoders,
        fine_tune=fine_tune,
        relevance=relevance,
        people=people,
        tune_on=to_tune_on(tune_on, judged_lots, people),
        told=told_names(names_told, tune_on),
    )
    feeds: list[Feed] = [*own_table.read(providers), *ocds.read_awards(awards)]
    with running_on(parallel), _progress(quiet) as bar:
        learned, report = train_files(feeds, bundle, settings, bar, given)
    console.console().print(bundle_card.trained(learned, report, bundle))


@bundle_app.command("show")
def show_bundle(
    name: Annotated[str, typer.Argument(help="A bundle that ships, by name, or a folder.")],
) -> None:
    """Print a bundle's card: data, dates, rankers, their quality, libraries and hashes."""
    console.console().print(bundle_card.card(Bundle.open(name, FEATURES), find(name)))
