"""The command `matcher build`."""

from __future__ import annotations

import sys
from pathlib import Path

from api.cli.build_options import BuildInputs
from api.cli.build_sources import (
    area_codes,
    as_typed,
    bytes_needed,
    how_to_build_again,
    open_feeds,
    spending,
    stored_feeds,
)
from api.cli.options import RegisterToBuild, options_from
from api.cli.output import console
from api.cli.output.register import built
from api.cli.progress import Bar, progress
from matcher.core.workers import running_on
from matcher.ranking.features.registry import FEATURES
from matcher.register.build.build import BuildOptions, build
from matcher.register.build.embed import embed
from matcher.register.build.snapshot import check_own_folder
from matcher.register.linkage.told_pairs import pairs_in
from models.bundle import DEFAULT, Bundle


@options_from(BuildInputs)
def build_command(inputs: BuildInputs, register: RegisterToBuild) -> None:
    """Build a register from files and from downloaded data.

    It merges records of the same organisation, and follows what was said in `matcher merges`. The
    old register stays in use until the new one is complete.

    Without files, it uses the data that `matcher fetch` downloaded. If the register was built
    from files, or if you name a --bundle, it only prepares the register for that model.

    Examples:
      matcher build --register walsall.register --area Walsall

      matcher build --register county.register --providers directory.csv --awards awards.jsonl
    """
    check_own_folder(register)
    bundle = Bundle.open(inputs.bundle or DEFAULT, FEATURES)
    paid = spending(inputs)
    apart, joined = pairs_in(inputs.apart, "--keep-apart"), pairs_in(inputs.join, "--join")
    has_files = inputs.names_providers() or inputs.names_remarks()
    with running_on(inputs.parallel), progress(inputs.quiet) as bar:
        stored = stored_feeds(inputs, register, bar.tell)
        if stored is None and not has_files:
            _embed_again(register, bundle, bar)
            return
        only_stored = stored is not None and not has_files
        codes = area_codes(inputs, register if only_stored else None)
        with open_feeds(inputs, paid, stored, codes, bar) as (feeds, places, towns):
            options = BuildOptions(
                borders=inputs.borders,
                towns=towns,
                trust_ids=inputs.trust_ids,
                apart=apart,
                joined=joined,
                bundle=bundle,
                fetched=only_stored,
                locality=codes,
                bytes_needed=0 if codes else bytes_needed(inputs.companies),
                command=as_typed(sys.argv[1:], Path.home()),
            )
            report = build(register, feeds, places_table=places, options=options, progress=bar)
    console.console().print(built(report))


def _embed_again(register: Path, bundle: Bundle, bar: Bar) -> None:
    version = embed(register, bundle, bar)
    console.say(
        f"Prepared {register} for the model {bundle.name}. Nothing else changed. It is now version "
        f"{version}.\n{how_to_build_again(register)} From downloaded data: add --fetched."
    )
