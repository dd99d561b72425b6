"""Options as one noun: what is typed reaches the command, and the help tells of all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from api.cli.options import options_from, read_lots


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How a loaf is cut."""

    thick: Annotated[int, typer.Option(min=1, help="In millimetres.")] = 12
    crust: Annotated[bool, typer.Option("--crust", help="Leave it on.")] = False


@options_from(Cut)
def slice_(
    cut: Cut, loaf: Annotated[str, typer.Argument(metavar="LOAF", help="Which loaf.")]
) -> None:
    """Slice a loaf."""
    typer.echo(f"{loaf} {cut}")


@options_from(Cut)
def toast(cut: Cut) -> None:
    """Toast a slice."""
    typer.echo(cut.thick)


def said(*words: str) -> tuple[int, str]:
    app = typer.Typer(rich_markup_mode=None)
    app.command("slice")(slice_)
    app.command("toast")(toast)
    ran = CliRunner().invoke(app, words)
    return ran.exit_code, ran.output


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ((), Cut()),
        (("--thick", "8"), Cut(thick=8)),
        (("--crust", "--thick", "9"), Cut(thick=9, crust=True)),
    ],
)
def test_options_reach_the_command_as_one_dataclass(words: tuple[str, ...], cut: Cut) -> None:
    assert said("slice", *words, "rye") == (0, f"rye {cut}\n")


def test_two_commands_share_a_dataclass_and_its_defaults() -> None:
    assert said("toast") == (0, "12\n")


@pytest.mark.parametrize("words", [("slice", "rye", "--thick", "0"), ("slice",), ("toast", "rye")])
def test_what_cannot_be_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert said(*words)[0] == 2


def test_the_help_has_the_docstring_and_the_options_in_order() -> None:
    code, told = said("slice", "--help")
    assert code == 0
    words = ("LOAF", "Slice a loaf.", "Which loaf.", "--thick", "In millimetres.", "--crust")
    assert [told.find(word) for word in words] == sorted(told.find(word) for word in words)
    assert all(word in told for word in words)
    assert "cut" not in told


def test_what_is_true_of_every_lot_of_a_document_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "need.txt"
    path.write_text("Grounds\nLot 1: Mowing, £5,000\nLot 2: Hedges", encoding="utf-8")
    read_lots(str(path))
    assert capsys.readouterr().err.splitlines() == [
        "All 2 lots: No CPV code was found.",
        "Mowing: The value was read from “Mowing £5,000”.",
        "Hedges: No value was found.",
    ]
