"""The commands around a need that may be split: `matcher split` and `matcher consortia`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import RenderableType

from api.cli.options import (
    BeforeOption,
    BundleOption,
    FewestOption,
    FloorOption,
    NeighboursOption,
    RegisterOption,
    ValueToIncomeOption,
    WithinOption,
    gathers,
)
from api.cli.output import console
from api.cli.output import splits as split_table
from api.service.entries import encode
from api.service.splits import (
    SplitRequest,
    compiled,
    need_of,
    read_need,
)
from matcher.core.errors import BadInput, BadLot
from matcher.core.types import Lot
from matcher.lotting.consortia import consortia
from matcher.lotting.types import Split
from matcher.market.criteria import MarketCriteria
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.sources.documents.sandbox import read_apart
from matcher.sources.notices import lots as lot_files
from matcher.sources.notices.lots import whole_of
from models.bundle import DEFAULT

_USUAL = MarketCriteria()
_DOCUMENTS = (".docx", ".pdf", ".txt")


class SplitFormat(StrEnum):
    """How an answer is written to standard output."""

    TABLE = "table"
    JSON = "json"


_Need = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A need as one lot or as a notice (JSON), a specification (.txt, .docx, .pdf), or "
        '{"need": …, "splits": {NAME: [LOT, …]}} as the API takes it; - for standard input.',
    ),
]


@dataclass(frozen=True, kw_only=True)
class _Counting:
    """Against which register and how whoever could do a need is counted, and how it is told."""

    register: RegisterOption
    floor: FloorOption = _USUAL.floor
    value_to_income: ValueToIncomeOption = _USUAL.value_to_income
    area: Annotated[
        str | None,
        typer.Option(
            help="Who is local to every lot: based in this council or county. Usual: each lot's "
            "own."
        ),
    ] = None
    with_neighbours: NeighboursOption = False
    within: WithinOption = None
    before: BeforeOption = None
    bundle: BundleOption = DEFAULT
    form: Annotated[SplitFormat, typer.Option("--format", help="How to write the answer.")] = (
        SplitFormat.TABLE
    )

    def matcher(self) -> Matcher:
        return Matcher.open(self.register, self.bundle)

    def request(self) -> Request:
        wish = Filters(self.within, self.area, self.with_neighbours)
        today = date.today()  # noqa: DTZ011 - the officer's own today
        return Request(wish=wish, before=self.before.date() if self.before else None, on=today)

    def tell(self, answer: object, table: Callable[[], RenderableType]) -> None:
        """Write the answer as JSON, or as the table of it."""
        if self.form is SplitFormat.JSON:
            sys.stdout.write(encode(answer).decode() + "\n")
        else:
            console.console().print(table())


@gathers(_Counting)
def split_command(
    counting: _Counting,
    file: _Need,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Also propose splits by place, service and value.")
    ] = False,
    reasons: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Also draft the reasons for the split of this name, or for 'no split'.",
        ),
    ] = None,
    fewest: FewestOption = _USUAL.fewest,
) -> None:
    """Lay splits of one need side by side, and no split: whom each reaches, gained and lost.

    For lot design, before anything is published (Procurement Act 2023 s.18). Smaller lots are no
    promise that small providers win.
    """
    matcher = counting.matcher()
    need, splits = _read(matcher, file)
    if not splits and not suggest:
        raise BadInput(
            f"{file}: holds one need and no split of it; say --suggest to have splits proposed, "
            'or give {"need": …, "splits": {NAME: [LOT, …]}}'
        )
    terms = MarketCriteria(counting.floor, counting.value_to_income, fewest)
    answer = compiled(matcher, SplitRequest(need, splits, counting.request(), terms, suggest))
    if reasons is not None and reasons not in answer.reasons:
        named = ", ".join(repr(name) for name in answer.reasons)
        raise BadInput(f"--reasons {reasons!r} is none of the splits compared: give one of {named}")
    counting.tell(answer, lambda: split_table.splits(answer, reasons))


@gathers(_Counting)
def consortia_command(
    counting: _Counting,
    file: _Need,
    need: Annotated[
        list[str],
        typer.Option(
            "--need",
            help="One thing that is needed, in a few words; say it once for each. Usual: what the "
            "lot's text and codes list.",
        ),
    ] = [],  # noqa: B006 - Typer reads the default and never changes it
) -> None:
    """Find sets of two to five small providers that together cover a lot, none redundant.

    Each within its size, each claim with evidence that can be checked. Nobody named was asked,
    and nobody has agreed to anything.
    """
    matcher = counting.matcher()
    lot, _ = _read(matcher, file)
    terms = MarketCriteria(counting.floor, counting.value_to_income)
    found = consortia(matcher, lot, counting.request(), terms, need)
    counting.tell(found, lambda: split_table.consortia(found))


def add_to(app: typer.Typer) -> None:
    """Put the commands among the others."""
    app.command("split")(split_command)
    app.command("consortia")(consortia_command)


def _read(matcher: Matcher, source: str) -> tuple[Lot, dict[str, Split]]:
    """The need in a file, and the splits of it that the file gives."""
    path = Path(source)
    if source != "-" and path.suffix.lower() in _DOCUMENTS and path.is_file():
        return need_of(matcher, [one.lot for one in read_apart(path.read_bytes(), path.name)])
    said = sys.stdin.buffer.read() if source == "-" else None
    document = _document(path.read_bytes() if said is None and path.is_file() else said or b"")
    if isinstance(document, dict) and isinstance(document.get("splits"), dict):
        unknown = document.keys() - {"need", "splits", "fictional"}
        if unknown:
            raise BadLot(
                f"{source}: {', '.join(sorted(unknown))}: not known beside need and splits; terms "
                "are options of the command"
            )
        return read_need(matcher, document.get("need"), _lists(source, document["splits"]))
    if said is not None:
        lots, _ = lot_files.parse_lots(said.decode("utf-8-sig", "replace"), "standard input")
    else:
        lots, _ = lot_files.read_lots(source)
    return need_of(matcher, lots, whole_of(document, path.stem))


def _document(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _lists(source: str, splits: dict[str, Any]) -> dict[str, list[object]]:
    for name, lots in splits.items():
        if not isinstance(lots, list) or not lots:
            raise BadLot(f"{source}: splits: {name!r} is not a list of lots; give at least one lot")
    return splits
