"""Invented names of organisations.

Every name is made of invented syllables, and of the places, trades and kinds of organisation in
`invented_names.toml`; the same draws give the same names.
"""

from __future__ import annotations

import random
import tomllib
from pathlib import Path
from typing import Any

TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("invented_names.toml").read_text("utf-8")
)
PLACES, TRADES, TAILS = TABLE["places"], TABLE["trades"], TABLE["tails"]
DESCRIBERS: list[str] = TABLE["describers"]
LETTERS = "ABCDEGHJKLMPRST"


def stem(draw: random.Random) -> str:
    """An invented word."""
    syllables = "".join(
        draw.choice(TABLE[part]).strip("-")
        for _ in range(draw.choice((1, 2, 2, 2, 3)))
        for part in ("onsets", "vowels", "codas")
    )
    return (syllables + draw.choice(("", draw.choice(TABLE["endings"])))).capitalize()


_PATTERNS = (
    "{own}", "{own} {trade}", "{own} {trade}", "{own} {trade} {trade2}", "{own} & {own2}",
    "{own} {own2} {trade}", "{trade} of {place}", "{own} of {place}",
    "{describer} {trade} of {place}",
    "{own} {describer} {trade}", "{describer} {own} {trade}", "{place} {own} {trade}",
    "{own} {place}",
    "{place} {describer} {trade} {trade2}", "{own}-{own2}", "{own} {tail}", "{own} {trade} {tail}",
    "{own} Brothers {trade}", "{letters} {trade}", "{letter} {own} {trade}",
    "{letter} {surname} {trade}", "{own} {number}",
    "Unit {number} {trade}", "{own} {number} {trade}",
)  # fmt: skip


def bare_name(draw: random.Random) -> str:
    """An invented name without a legal form, such as "Bank of Kharkov" or "Trovia Steel"."""
    own, place = stem(draw), draw.choice(PLACES)
    if draw.random() < 0.2:
        return str(draw.choice(TABLE["local"])).format(draw.choice((own, place)))
    return draw.choice(_PATTERNS).format(
        own=own,
        own2=stem(draw),
        place=place,
        trade=draw.choice(TRADES),
        trade2=draw.choice(TRADES),
        describer=draw.choice(DESCRIBERS),
        tail=draw.choice(TAILS),
        surname=draw.choice(("Smith", "Jones", "Taylor", "Brown", "Hughes", own)),
        letter=draw.choice(LETTERS),
        letters="".join(draw.choices(LETTERS, k=3)),
        number=draw.randint(1, 99),
    )
