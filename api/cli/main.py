"""The command line: build a register, ask it, look into it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from api.cli import (
    build,
    evaluate,
    fetch,
    judge,
    market,
    records,
    register,
    replay,
    serve,
    shortlist,
    split,
    train,
)
from api.cli.output import console
from matcher.core.errors import (
    Busy,
    MatcherError,
)
from models.errors import BundleError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Find the small local providers for each lot of a public contract, and say why.\n\n"
    "Build a register once from open data, then ask it for a shortlist. Not legal advice.",
)


app.command()(serve.serve)
app.command("build")(build.build_command)
app.command()(train.train)
app.command()(shortlist.shortlist)
app.command()(shortlist.rank)
app.command()(register.provider)
app.command()(register.merges)
app.command()(register.rules)
evaluate.add_to(app)
replay.add_to(app)
market.add_to(app)
split.add_to(app)
app.add_typer(train.bundle_app, name="bundle")
app.add_typer(serve.keys_app, name="keys")
app.add_typer(records.records_app, name="records")
app.add_typer(fetch.app)
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
