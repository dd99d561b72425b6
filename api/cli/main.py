"""The command line `matcher`: the table of its commands, and how it ends on an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from api.cli.command_table import CommandEntry, CommandTable
from api.cli.ending import tidy_ending
from matcher.core.disk import fullness
from matcher.core.errors import Busy, MatcherError, RegisterBusy
from models.errors import BundleError

_LONGEST_NAME = 200
"""Characters of the name of a file in a refusal."""
_FIND = "Find providers"
_PLAN = "Plan lots"
_DATA = "Data and registers"
_SERVE = "Serve the pages and the API"
_MEASURE = "Measure and train"
_COMMANDS = {
    _FIND: {
        "shortlist": (
            "shortlist:shortlist",
            "List the providers to consider for each lot, best first, with reasons.",
        ),
        "rank": ("rank:rank", "Rank the providers for many lots, and write a TREC run."),
        "provider": (
            "register:provider",
            "Show all that is known about one provider, each fact with its source and date.",
        ),
    },
    _PLAN: {
        "market": (
            "market:market_command",
            "Show the market of each planned lot: how many providers could do it, and which.",
        ),
        "split": (
            "split:split_command",
            "Compare ways to split a contract into lots with one contract.",
        ),
        "consortia": (
            "split:consortia_command",
            "Find sets of two to five small providers that together cover a lot.",
        ),
        "place": (
            "place:place",
            "Show where a council's money goes, who is there, and which contracts end soon.",
        ),
    },
    _DATA: {
        "fetch": ("fetch:fetch", "Download open data from where it is published."),
        "status": (
            "status:status",
            "Show what was downloaded: its age, its rows, what was left out, and its licence.",
        ),
        "build": ("build:build_command", "Build a register from files and from downloaded data."),
        "merges": (
            "register:merges",
            "List which records were merged into one organisation, and why.",
        ),
        "rules": (
            "register:rules",
            "Show the rules in force: purposes, thresholds, what may count, and sources.",
        ),
    },
    _SERVE: {
        "demo": ("demo:demo", "Build the fictional example, serve it and open it in a browser."),
        "serve": ("serve:serve", "Serve the officer's pages and the API."),
        "mcp": (
            "mcp:mcp",
            "Let an assistant ask, with the Model Context Protocol on standard input and output.",
        ),
        "keys": ("keys:keys_app", "Add, list and remove the API keys that let other machines ask."),
        "records": (
            "records:records_app",
            "Check, prune, back up and restore the records of what was asked and decided.",
        ),
    },
    _MEASURE: {
        "evaluate": (
            "evaluate:evaluate",
            "Score runs against judgements: how good, for whom, and whether differences are real.",
        ),
        "compare": (
            "evaluate:compare",
            "Compare two runs: which is better, for whom, and the lots that differ most, "
            "with reasons.",
        ),
        "replay-awards": (
            "replay:replay_awards",
            "Ask past lots again, knowing only earlier awards: a hit is a provider that won.",
        ),
        "ablate": (
            "replay:ablate",
            "Show what each group of signals is worth on the award replay, also for small and new "
            "winners.",
        ),
        "judge": (
            "judge:app",
            "Let people judge the providers that runs list: pool, serve, agreement, export.",
        ),
        "train": (
            "train:train",
            "Learn from past awards which providers belong to which lots, and write a bundle.",
        ),
        "bundle": ("train:bundle_app", "Look into a bundle: what it has learned."),
    },
}
"""Panel of the help → command → where it is in `api.cli`, and its summary.

A summary is the first line of the command's own help.
"""


class Commands(CommandTable):
    """All commands of `matcher`."""

    entries = tuple(
        CommandEntry(panel, name, f"api.cli.{source}", summary)
        for panel, commands in _COMMANDS.items()
        for name, (source, summary) in commands.items()
    )


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"matcher {version('local-by-default')}\n")
        raise typer.Exit


@app.callback()
def _matcher(
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Find small local providers for each lot of a public contract, and say why.

    Build a register once from open data. Then ask it for shortlists. This is not legal advice.

    Start with `matcher demo`. For help with a command: matcher COMMAND --help
    """


_REPEATABLE = {
    *("--providers", "--awards", "--charities", "--companies", "--open-referral", "--beside"),
    *("--buyer-area", "--file", "--source", "--spend", "--sizes", "--ofsted", "--sic"),
    "--compare-with",
}
_REPEATABLE_BY_COMMAND = {"replay-awards": {"--bundle"}}


def repeat_options(words: Sequence[str]) -> list[str]:
    """Turn `--awards A B` into `--awards A --awards B`.

    >>> repeat_options(["build", "--awards", "a", "b", "--trust-ids"])
    ['build', '--awards', 'a', '--awards', 'b', '--trust-ids']
    """
    repeatable = _REPEATABLE | _REPEATABLE_BY_COMMAND.get(next(iter(words), ""), set())
    result: list[str] = []
    option, has_value = "", False
    for word in words:
        if word.startswith("-"):
            option, has_value = (word if word in repeatable else ""), False
            result.append(word)
        else:
            result += [option, word] if option and has_value else [word]
            has_value = True
    return result


def as_typed(message: str, words: Sequence[str]) -> str:
    """A message that begins with the name of a field, with the option that was typed for it.

    >>> as_typed("value_to_income 99 is out of range", ["market", "--value-to-income", "99"])
    '--value-to-income 99 is out of range'
    >>> as_typed("area 'Narnia' is not a council", ["place", "Narnia"])
    "area 'Narnia' is not a council"
    """
    field, _, rest = message.partition(" ")
    option = f"--{field.replace('_', '-')}"
    typed = {word.partition("=")[0] for word in words}
    return f"{option} {rest}" if option in typed else message


def _limit_threads(words: Sequence[str]) -> None:
    """Compute in one thread where lots are asked about, unless the environment says otherwise.

    One lot is too little work to share: threads that wait for their part only hold other cores.
    """
    panels = {entry.name: entry.panel for entry in Commands.entries}
    if panels.get(next(iter(words), "")) in {_FIND, _PLAN, _SERVE}:
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def main() -> None:
    """Run the command line.

    A refusal is one sentence on standard error and exit code 2; exit code 5 means that another
    process is at work, and the command may be tried again.
    """
    _limit_threads(sys.argv[1:])
    try:
        with tidy_ending():
            app(args=repeat_options(sys.argv[1:]), standalone_mode=True)
    except (MatcherError, BundleError) as error:
        _refuse(str(error), 5 if isinstance(error, (Busy, RegisterBusy)) else 2)
    except Exception as error:
        if full := fullness(error):
            _refuse(
                f"{full}; free some space, or write to another disk ($TMPDIR names the "
                "folder of temporary files)"
            )
        if not isinstance(error, OSError) or error.filename is None:
            raise
        name = os.fsdecode(error.filename)
        shown = name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
        _refuse(f"{shown}: {error.strerror}; name a file or folder that can be read and written")


def _refuse(words: str, code: int = 2) -> NoReturn:
    """End with one sentence on standard error."""
    from api.cli.output import console

    console.say(f"Refused: {as_typed(words, sys.argv[1:])}", error=True)
    raise SystemExit(code) from None


if __name__ == "__main__":
    main()
