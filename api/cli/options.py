"""Options that several commands share, options from a dataclass, and the lots of a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import update_wrapper
from inspect import Signature, signature
from pathlib import Path
from typing import Annotated, Concatenate, ParamSpec, TypeVar

import typer

from api.cells import visible
from api.cli.named_paths import file_to_read, folder_to_fill
from api.cli.output.console import short
from matcher.core.errors import BadInput, BadSource
from matcher.core.identifiers import notice_id
from matcher.core.types import Lot, Tally
from matcher.law.types import Purpose
from matcher.sources.documents.extracted_lots import ExtractedLot
from matcher.sources.documents.reader import DOCUMENTS, kind_of
from matcher.sources.documents.sandbox import read_in_sandbox
from matcher.sources.formats.encodings import decoded
from matcher.sources.notices import lots as lot_files
from matcher.sources.notices.lot_table import is_table
from matcher.sources.notices.lot_tally import LotTally
from matcher.sources.notices.whole_value import NoticeLots

RegisterOption = Annotated[
    Path,
    typer.Option(
        "--register",
        envvar="MATCHER_REGISTER",
        help="The folder of the register, made by `matcher build`.",
    ),
]
RegisterToBuild = Annotated[
    Path,
    typer.Option(
        "--register",
        envvar="MATCHER_REGISTER",
        callback=folder_to_fill,
        help="The folder to build the register in: a new or empty one, or a register.",
    ),
]
BundleOption = Annotated[
    str, typer.Option(help="The trained model (bundle): the name of one that ships, or a folder.")
]
BeforeOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Use only awards before this day.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]
ParallelOption = Annotated[
    str | None,
    typer.Option(
        "--parallel",
        metavar="PLACE",
        help="Where the work runs: a number of processes, `all` for one a core, or a Dask cluster "
        "as dask://HOST:PORT. The answers are the same everywhere.",
    ),
]
SeedOption = Annotated[
    int, typer.Option(help="Seed for breaking ties at random. It is saved with the answer.")
]
EveryoneOption = Annotated[
    bool, typer.Option("--everyone", help="Drop the limits on place and size.")
]
AwardsOption = Annotated[
    list[Path],
    typer.Option(
        "--awards",
        metavar="FILE…",
        callback=file_to_read,
        help="OCDS award notices: JSON, gzipped or zipped too.",
    ),
]
TrustIdsOption = Annotated[
    bool, typer.Option("--trust-ids", help="Merge records by official number alone, never by name.")
]
FloorOption = Annotated[
    float, typer.Option(help="A provider is credible from this probability of winning.")
]
ValueToIncomeOption = Annotated[
    float,
    typer.Option(
        "--value-to-income",
        help="A lot fits a provider if a year of it is worth at most this share of its income.",
    ),
]
FewestOption = Annotated[
    int, typer.Option(help="A lot with fewer credible providers than this is thin.")
]
NeighboursOption = Annotated[
    bool, typer.Option("--with-neighbours", help="Include the areas that border it.")
]
WithinOption = Annotated[
    str | None,
    typer.Option(help="Distance from the lot that counts as local, such as 30km or 20 miles."),
]

Arguments = ParamSpec("Arguments")
Options = TypeVar("Options")


def options_from(
    dataclass: Callable[..., Options],
) -> Callable[[Callable[Concatenate[Options, Arguments], None]], Callable[..., None]]:
    """Give a command the fields of a dataclass as options, after its own arguments.

    The command receives an instance of the dataclass first, then its own arguments.

    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class ListOptions:
    ...     limit: int = 10
    >>> @options_from(ListOptions)
    ... def show(options: ListOptions, lot: str) -> None:
    ...     sys.stdout.write(f"{lot}, {options.limit}")
    >>> signature(show)
    <Signature (lot: str, *, limit: int = 10)>
    >>> show(lot="meals", limit=3)
    meals, 3
    """
    fields = signature(dataclass, eval_str=True).parameters

    def decorate(
        command: Callable[Concatenate[Options, Arguments], None],
    ) -> Callable[..., None]:
        def wrapper(*args: Arguments.args, **values: Arguments.kwargs) -> None:
            command(dataclass(**{name: values.pop(name) for name in fields}), *args, **values)

        _, *own = signature(command, eval_str=True).parameters.values()
        update_wrapper(wrapper, command)
        wrapper.__signature__ = Signature([*own, *fields.values()])  # type: ignore[attr-defined]
        return wrapper

    return decorate


def read_lots(
    source: str, tally: LotTally | None = None, check: lot_files.LotCheck | None = None
) -> tuple[list[Lot], Tally]:
    """The lots of a file, or of standard input if `source` is "-", counted in `tally`.

    Word files, PDFs and text are read as the officer's pages read them: each lot in them is a
    lot, and what was found is noted on standard error.  `check` refuses lots that a person wrote,
    where a place in them does not exist.
    """
    if source == "-":
        content, name = sys.stdin.buffer.read(), "standard input"
        kind = kind_of(content)
        if kind == ".json":
            return lot_files.parse_lots(decoded(content), name, tally, check)
        return _lots_of_document(content, name + kind, name, tally)
    if not is_document(source):
        return lot_files.read_lots(source, tally, check)
    try:
        content = Path(source).read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadSource(f"{source}: cannot be read ({reason}); name a file that exists") from error
    return _lots_of_document(content, Path(source).name, source, tally)


def is_document(source: str | Path) -> bool:
    """Whether the name of a file is that of a Word file, a PDF or a text that is no table."""
    path = Path(source)
    return path.suffix.lower() in DOCUMENTS and not is_table(path)


def _lots_of_document(
    content: bytes, name: str, source: str, tally: LotTally | None
) -> tuple[list[Lot], Tally]:
    try:
        found = read_in_sandbox(content, name)
    except BadInput as error:
        raise type(error)(str(error).replace(name, source, 1)) from error
    tally = tally or LotTally(Path(source).name)
    tally.read += len(found)
    tally.kept += len(found)
    lots = NoticeLots(each.lot for each in found)
    lots.wholes |= {notice_id(each.lot.id): each.whole for each in found if each.whole}
    sys.stderr.writelines(f"{line}\n" for line in _notes(found))
    return lots, tally


def _notes(found: Sequence[ExtractedLot]) -> Iterator[str]:
    """What was found in a document: once what is true of each of its lots, then lot by lot."""
    first, *others = found
    of_all = [note for note in first.notes if others and all(note in one.notes for one in others)]
    for note in of_all:
        yield f"All {len(found)} lots: {visible(note)}"
    for each in found:
        for note in each.notes:
            if note not in of_all:
                yield f"{short(each.lot.title or each.lot.id)}: {visible(note)}"


class Format(StrEnum):
    """The formats of an answer."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How to write the answer.")]


class TableOrJson(StrEnum):
    """The formats of an answer that has no CSV."""

    TABLE = "table"
    JSON = "json"


TableOrJsonOption = Annotated[
    TableOrJson, typer.Option("--format", help="How to write the answer.")
]

PurposeOption = Annotated[
    Purpose,
    typer.Option(
        help="engagement: find suppliers before a procurement. Everything counts. "
        "invite: choose who to invite, below the threshold. Only what providers do counts. "
        "reserved: the same, for a competition reserved to an area, SMEs or VCSEs."
    ),
]


RecordsOption = Annotated[
    str,
    typer.Option(
        "--records",
        help="A SQLite file, or the URL of a database. Default: $DATABASE_URL, or else a file "
        "next to the register.",
    ),
]

ChainKeyOption = Annotated[
    Path | None,
    typer.Option(
        "--chain-key",
        envvar="LBD_CHAIN_KEY",
        callback=file_to_read,
        help="A file with a secret of at least 32 characters. Nobody without it can write entries "
        "that verify.",
    ),
]
