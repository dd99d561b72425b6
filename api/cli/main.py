"""The command line: build a register, ask it, look into it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import msgspec
import typer

from api import cells
from api.cli import (
    build,
    evaluate,
    fetch,
    judge,
    market,
    records,
    replay,
    serve,
    split,
)
from api.cli.options import (
    AwardsOption,
    BeforeOption,
    BundleOption,
    EveryoneOption,
    QuietOption,
    RegisterOption,
    SeedOption,
    TrustIdsOption,
    lots_in,
)
from api.cli.output import console, files
from api.cli.progress import progress as _progress
from matcher.core.errors import (
    BadInput,
    BadLot,
    Busy,
    MatcherError,
    NotLawful,
)
from matcher.law.rulebook import Rulebook
from matcher.law.types import Contract, Purpose
from matcher.ranking.batch import (
    Refusal,
    answers,
    refusal,
    with_wholes,
)
from matcher.ranking.features.compute import FEATURES
from matcher.ranking.filters import Wish
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.retrieval import eligible
from matcher.register.linkage.merge import facts
from matcher.register.register import Register
from matcher.sources.notices import lots, ocds
from matcher.sources.providers import own_table
from models.bundle import DEFAULT, Bundle, find
from models.errors import BundleError
from training.learning.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Find the small local providers for each lot of a public contract, and say why.\n\n"
    "Build a register once from open data, then ask it for a shortlist. Not legal advice.",
)


bundle_app = typer.Typer(no_args_is_help=True, help="Look into a bundle: what was learned.")
app.add_typer(bundle_app, name="bundle")
app.command()(serve.serve)
app.command("build")(build.build_command)
app.add_typer(serve.keys_app, name="keys")
app.add_typer(records.records_app, name="records")
app.add_typer(fetch.app)


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to write the answer.")]
PurposeOption = Annotated[
    Purpose,
    typer.Option(
        help="engagement: find suppliers before a procurement, every signal counts. "
        "invite: below threshold, only what providers do counts. "
        "reserved: below threshold, declared beforehand to an area, SMEs or VCSEs."
    ),
]


@app.command()
def train(
    awards: AwardsOption,
    bundle: Annotated[Path, typer.Option(help="The folder to write the bundle to.")],
    providers: Annotated[
        list[Path], typer.Option(metavar="FILE…", help="Tables of providers and their profiles.")
    ] = [],  # noqa: B006
    config: Annotated[
        Path | None, typer.Option(help="Settings, TOML; the README says which there are.")
    ] = None,
    before: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Learn only from awards before this day."),
    ] = None,
    trust_ids: TrustIdsOption = False,
    quiet: QuietOption = False,
) -> None:
    """Learn from past awards which providers belong to which lots, and write a bundle.

    The newest months are held back to measure on, and the report beside the bundle
    (report.html, report.json) shows what that gave. Takes minutes.
    """
    try:
        from training.learning.train import (
            train_files,  # takes seconds; no other command waits for it
        )
    except ModuleNotFoundError as missing:
        raise BadInput(
            f"training needs libraries that are not installed ({missing.name}): where the "
            "product's pyproject.toml lies, run `pip install --editable '.[train]'`"
        ) from missing

    settings = Settings.read(config)
    with _progress(quiet) as bar:
        learned, report = train_files(
            [*own_table.read(providers), *ocds.read_awards(awards)],
            bundle,
            settings,
            bar,
            until=before.date() if before else None,
            trust_ids=trust_ids,
        )
    console.console().print(console.trained(learned, report, bundle))


@bundle_app.command("show")
def show_bundle(
    name: Annotated[str, typer.Argument(help="A bundle that ships, by name, or a folder.")],
) -> None:
    """Print a bundle's card: data, dates, rankers, what they were worth, libraries, hashes."""
    console.console().print(console.card(Bundle.open(name, FEATURES), find(name)))


@app.command()
def shortlist(
    lot: Annotated[
        str,
        typer.Argument(
            metavar="NOTICE_OR_LOT",
            help="An OCDS notice, a lot as JSON, plain text (.txt), or - for standard input.",
        ),
    ],
    register: RegisterOption,
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    within: Annotated[
        str | None, typer.Option(help="A radius such as 30km or 20 miles. Usual: 30km.")
    ] = None,
    area: Annotated[
        str | None, typer.Option(help="A council or county, by code or name; or uk.")
    ] = None,
    with_neighbours: Annotated[
        bool, typer.Option("--with-neighbours", help="And what borders the area.")
    ] = False,
    size: Annotated[
        str | None, typer.Option(help="small (usual: not large, unknown kept) or any.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="vcse or any (usual).")] = None,
    everyone: EveryoneOption = False,
    limit: Annotated[int, typer.Option("-k", "--limit", help="How many to list.")] = 10,
    seed: SeedOption = 0,
    before: BeforeOption = None,
    fair: Annotated[
        bool,
        typer.Option(
            "--fair-share",
            help="Among near-equals, give providers without a known contract their share of "
            "places. Engagement only.",
        ),
    ] = False,
    contract: Annotated[
        Contract | None,
        typer.Option(help="The kind of contract; otherwise read from category and CPV codes."),
    ] = None,
    whole_value: Annotated[
        float | None,
        typer.Option(
            "--whole-value", help="Pounds, VAT included, of all lots together. Usual: their sum."
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the providers to consider for each lot, best first, with the reasons."""
    found, tally = lots_in(lot)
    wish = Wish(within, area, with_neighbours, size, kind, everyone)
    known = before.date() if before else None
    request = Request(purpose, wish, limit, seed, known, whole_value, contract, fair)
    matcher = Matcher.open(register, bundle)
    given = list(answers(matcher, found, request))
    files.WRITERS[form.value](given, tally, sys.stdout)
    if given and all(isinstance(one, Refusal) for one in given):
        raise typer.Exit(3)


@app.command()
def rank(
    register: RegisterOption,
    lot_file: Annotated[
        Path, typer.Option("--lots", help="Lots: OCDS, JSON Lines or plain notices.")
    ],
    run: Annotated[Path, typer.Option("--run", help="The TREC run to write.")],
    purpose: PurposeOption = Purpose.ENGAGEMENT,
    everyone: EveryoneOption = False,
    limit: Annotated[int, typer.Option("-k", "--limit", help="How many a lot.")] = 100,
    seed: SeedOption = 0,
    before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Know only awards before this day; without it, before each lot's own day.",
        ),
    ] = None,
    bundle: BundleOption = DEFAULT,
    quiet: QuietOption = False,
) -> None:
    """Rank providers for many lots and write a TREC run, one line a lot and provider.

    A line is: lot id, Q0, provider id, rank, score, tag.  The lot id is the ocid, and '#'
    and the lot's own id where a notice has several.  Scores fall strictly from rank to rank,
    so that a reader who sorts by score sees the drawn order.
    """
    matcher = Matcher.open(register, bundle)
    request = Request(
        purpose, Wish(everyone=everyone), limit, seed, before.date() if before else None
    )
    tally, found = lots.iter_lots(lot_file)
    refused: list[Refusal] = []
    ranked = 0
    with _progress(quiet) as bar, _whole_or_not(run) as out:
        for lot, asked in with_wholes(matcher, found, request):
            try:
                question = matcher.question(lot, asked)
            except (NotLawful, BadLot) as wrong:
                refused.append(refusal(lot, wrong))
                continue
            ranking = matcher.rank(question, eligible(question), seed)
            out.writelines(files.trec(matcher, lot.id, ranking, limit))
            ranked += 1
            bar("ranking", ranked, None)
    console.console(error=True).print(files.summary(ranked, refused, tally))
    if refused and not ranked:
        raise typer.Exit(3)


@contextmanager
def _whole_or_not(run: Path) -> Iterator[TextIO]:
    """A file to write that takes the name `run` once it is whole, and else leaves nothing."""
    partial = run.with_name(run.name + ".partial")
    try:
        with partial.open("w", encoding="utf-8") as out:
            yield out
        partial.replace(run)
    except OSError as wrong:
        _remove(partial)
        raise BadInput(
            f"--run {run}: cannot be written ({wrong.strerror or wrong}); name a file in a folder "
            "that is there and can be written to"
        ) from wrong
    except BaseException:
        _remove(partial)
        raise


def _remove(partial: Path) -> None:
    with suppress(OSError):
        partial.unlink()


@app.command()
def provider(
    org_id: Annotated[str, typer.Argument(metavar="ID", help="Any of its ids: GB-CHC-…")],
    register: RegisterOption,
) -> None:
    """Show everything known of one provider, each fact with its source and date."""
    opened = Register.open(register)
    row = opened.row(org_id)
    if row is None:
        raise BadInput(f"no provider {org_id!r} in this register; ids look like GB-CHC-1234567")
    one = opened.organisations[row]
    past = [opened.awards[int(a)] for a in reversed(opened.won.of(row))]
    rows = [
        (
            award.day.isoformat(),
            award.lot.buyer,
            award.lot.title,
            "" if award.value is None else f"£{award.value:,.0f}",
            award.id,
        )
        for award in past
    ]
    console.console().print(console.organisation(one, facts(one.records), rows))


@app.command()
def merges(register: RegisterOption, form: FormatOption = Format.TABLE) -> None:
    """List which records were taken for one organisation, and why.

    To undo merges, keep their rows of the CSV in a file and name it in `build --keep-apart`.
    """
    spool = Register.open(register).merges()
    rows = [spool[i] for i in range(len(spool))]
    if form is Format.JSON:
        sys.stdout.write(msgspec.json.encode(rows, order="deterministic").decode() + "\n")
    elif form is Format.CSV:
        writer = csv.writer(sys.stdout)
        writer.writerow(("kept", "merged", "kept_name", "merged_name", "reason", "similarity"))
        writer.writerows(
            cells.safe((m.kept, m.merged, m.kept_name, m.merged_name, m.reason, m.similarity))
            for m in rows
        )
    else:
        console.console().print(console.merges(rows))


@app.command()
def rules(
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The rulebook on this day; without it, today."),
    ] = None,
    form: FormatOption = Format.TABLE,
) -> None:
    """Show the rulebook in force: thresholds, purposes, what may count, and the sources."""
    day = on.date() if on else date.today()  # noqa: DTZ011 - the law is asked for the local day
    book = Rulebook.open().describe(day)
    if form is Format.TABLE:
        console.console().print(console.rules(book))
    else:
        sys.stdout.write(msgspec.json.encode(book, order="deterministic").decode() + "\n")


evaluate.add_to(app)
replay.add_to(app)
market.add_to(app)
split.add_to(app)
app.add_typer(judge.app, name="judge")

_MANY = {"--providers", "--awards", "--charities", "--companies", "--open-referral", "--beside"}
_MANY |= {"--buyer-area", "--file", "--source"}
_MANY_BUNDLES = {"replay-awards"}


def spread(words: Sequence[str]) -> list[str]:
    """Let `--awards A B` mean `--awards A --awards B`.

    >>> spread(["build", "--awards", "a", "b", "--trust-ids"])
    ['build', '--awards', 'a', '--awards', 'b', '--trust-ids']
    """
    said: list[str] = []
    many = ""
    several = _MANY | ({"--bundle"} if words and words[0] in _MANY_BUNDLES else set())
    for word in words:
        if word.startswith("-"):
            many = word if word in several else ""
            fresh = True
            said.append(word)
        else:
            said.extend([word] if not many or fresh else [many, word])
            fresh = False
    return said


def main() -> None:
    """Run the command line; a refusal is one sentence and exit code 2, or 5 where one may wait."""
    try:
        app(args=spread(sys.argv[1:]), standalone_mode=True)
    except (MatcherError, BundleError) as wrong:
        console.console(error=True).print(
            f"Refused: {wrong}", markup=False, emoji=False, highlight=False, soft_wrap=True
        )
        raise SystemExit(5 if isinstance(wrong, Busy) else 2) from None


if __name__ == "__main__":
    main()
