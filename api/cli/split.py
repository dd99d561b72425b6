"""The commands `matcher split` and `matcher consortia`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
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
    TableOrJson,
    TableOrJsonOption,
    ValueToIncomeOption,
    WithinOption,
    is_document,
    options_from,
)
from api.cli.output import console
from api.cli.output import splits as split_table
from api.cli.output.register import set_aside
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
from matcher.sources.documents.sandbox import read_in_sandbox
from matcher.sources.formats.encodings import decoded
from matcher.sources.notices import lots as lot_files
from matcher.sources.notices.lots import notice_as_one_lot
from models.bundle import DEFAULT

_USUAL = MarketCriteria()


_Need = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="What is needed: one lot or a notice (JSON), a specification (.txt, .docx, .pdf), "
        '{"need": …, "splits": {NAME: [LOT, …]}} as in the API, or - for standard input.',
    ),
]


@dataclass(frozen=True, kw_only=True)
class _Options:
    """The options of both commands: register, who counts as local, and how to write."""

    register: RegisterOption
    floor: FloorOption = _USUAL.floor
    value_to_income: ValueToIncomeOption = _USUAL.value_to_income
    area: Annotated[
        str | None,
        typer.Option(help="The council or county that counts as local. Default: that of each lot."),
    ] = None
    with_neighbours: NeighboursOption = False
    within: WithinOption = None
    before: BeforeOption = None
    bundle: BundleOption = DEFAULT
    form: TableOrJsonOption = TableOrJson.TABLE

    def matcher(self) -> Matcher:
        return Matcher.open(self.register, self.bundle)

    def request(self) -> Request:
        filters = Filters(self.within, self.area, self.with_neighbours)
        today = date.today()  # noqa: DTZ011 - the officer's own today
        return Request(wish=filters, before=self.before.date() if self.before else None, on=today)

    def write(self, answer: object, table: Callable[[], RenderableType]) -> None:
        """Write the answer as JSON or as a table."""
        if self.form is TableOrJson.JSON:
            console.write_json(answer)
        else:
            console.console().print(table())


@options_from(_Options)
def split_command(
    options: _Options,
    file: _Need,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Propose also splits by place, service and value.")
    ] = False,
    reasons: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Draft also the reasons for the split of this name, or for 'no split'.",
        ),
    ] = None,
    fewest: FewestOption = _USUAL.fewest,
) -> None:
    """Compare ways to split a contract into lots with one contract.

    For lot design, before anything is published (Procurement Act 2023 s.18). It shows which
    providers each way reaches, gains and loses. Smaller lots do not mean that small providers
    will win.

    Example: matcher split specification.docx --suggest --register county.register
    """
    matcher = options.matcher()
    need, splits = _read(matcher, file)
    if not splits and not suggest:
        raise BadInput(
            f"{file}: has no lots to compare; add --suggest to get splits proposed, "
            'or give {"need": …, "splits": {NAME: [LOT, …]}}'
        )
    criteria = MarketCriteria(options.floor, options.value_to_income, fewest)
    answer = compiled(matcher, SplitRequest(need, splits, options.request(), criteria, suggest))
    if reasons is not None and reasons not in answer.reasons:
        names = ", ".join(repr(name) for name in answer.reasons)
        raise BadInput(f"--reasons {reasons!r}: no split has this name; give one of {names}")
    options.write(answer, lambda: split_table.splits(answer, reasons))


@options_from(_Options)
def consortia_command(
    options: _Options,
    file: _Need,
    need: Annotated[
        list[str],
        typer.Option(
            "--need",
            help="One kind of work that is needed, in a few words. You can repeat it. Default: "
            "what the text and the codes of the lot list.",
        ),
    ] = [],
) -> None:
    """Find sets of two to five small providers that together cover a lot.

    Each member is needed, is large enough for its part, and has evidence that you can check.
    Nobody on the list was asked, and nobody has agreed to anything.

    Example: matcher consortia lot.json --register county.register
    """
    matcher = options.matcher()
    lot, _ = _read(matcher, file)
    criteria = MarketCriteria(options.floor, options.value_to_income)
    found = consortia(matcher, lot, options.request(), criteria, need)
    options.write(found, lambda: split_table.consortia(found))


def _read(matcher: Matcher, source: str) -> tuple[Lot, dict[str, Split]]:
    """What is needed, and the splits that the file names."""
    path = Path(source)
    if source != "-" and is_document(path) and path.is_file():
        return need_of(matcher, [one.lot for one in read_in_sandbox(path.read_bytes(), path.name)])
    stdin = sys.stdin.buffer.read() if source == "-" else None
    document = _document(path.read_bytes() if stdin is None and path.is_file() else stdin or b"")
    if isinstance(document, dict) and isinstance(document.get("splits"), dict):
        unknown = document.keys() - {"need", "splits", "fictional"}
        if unknown:
            raise BadLot(
                f"{source}: {', '.join(sorted(unknown))}: unknown; criteria are options of the "
                "command"
            )
        return read_need(matcher, document.get("need"), _lists(source, document["splits"]))
    if stdin is not None:
        text = decoded(stdin)
        lots, tally = lot_files.parse_lots(text, "standard input", check=matcher.place_check)
    else:
        lots, tally = lot_files.read_lots(source, check=matcher.place_check)
    for line in set_aside(tally):
        console.console(error=True).print(line)
    return need_of(matcher, lots, notice_as_one_lot(document, path.stem))


def _document(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(decoded(content))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def _lists(source: str, splits: dict[str, Any]) -> dict[str, list[object]]:
    for name, lots in splits.items():
        if not isinstance(lots, list) or not lots:
            raise BadLot(f"{source}: splits: {name!r} is not a list of lots; give at least one lot")
    return splits
