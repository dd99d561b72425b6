"""A council's own contract procedure rules, read from TOML files."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from matcher.core.errors import BadInput
from matcher.core.parser_words import in_words
from matcher.law.rulebook import period_of
from matcher.law.types import Period

_KEYS = {"council", "version", "from", "to", "source", "vat", "local", "bands"}
_BAND_KEYS = {"name", "up_to", "words", "quotes", "local_quotes", "small_quotes", "vcse_quotes"}


@dataclass(frozen=True, slots=True)
class ValueBand:
    """How many quotes the rules ask for, up to an amount in pounds; None means any amount."""

    name: str
    words: str
    up_to: float | None = None
    quotes: int = 0
    local_quotes: int = 0
    small_quotes: int = 0
    vcse_quotes: int = 0


@dataclass(frozen=True, slots=True)
class ProcedureRules:
    """One version of a council's rules; `digest` is the SHA-256 of its file.

    `vat_included` is whether its amounts include VAT. `local` names the areas it calls local.
    """

    id: str
    council: str
    version: str
    period: Period
    source: str
    vat_included: bool
    local: tuple[str, ...]
    bands: tuple[ValueBand, ...]
    digest: str

    def band(self, value: float) -> ValueBand | None:
        """The band that a value falls in; None where it is above the last."""
        return next((b for b in self.bands if b.up_to is None or value <= b.up_to), None)


def load_packs(folder: Path | None = None) -> dict[str, ProcedureRules]:
    """The bundled packs of rules and those in `folder`, by id; yours override bundled ones.

    Raises BadInput, naming the file and the error, where a pack is not valid, and where `folder`
    is none or has no pack.
    """
    inside = resources.files("matcher.law.procedures").iterdir()
    bundled = [path for path in inside if path.name.endswith(".toml")]
    own: list[Path] = []
    if folder is not None:
        if not folder.is_dir():
            raise BadInput(f"--procedures {folder}: not a folder; name a folder of TOML files")
        own = sorted(path for path in folder.glob("*.toml") if path.is_file())
        if not own:
            raise BadInput(
                f"--procedures {folder}: has no rules; put your contract procedure rules there "
                "as a file with the ending .toml, or leave out --procedures"
            )
    files = [(p.name, p.read_bytes()) for p in (*bundled, *own)]
    return {name.removesuffix(".toml"): _pack(name, content) for name, content in files}


def _pack(name: str, content: bytes) -> ProcedureRules:
    try:
        row = tomllib.loads(content.decode())
        _check_keys(row, _KEYS)
        return ProcedureRules(
            id=name.removesuffix(".toml"),
            council=str(row["council"]),
            version=str(row["version"]),
            period=period_of(row),
            source=str(row["source"]),
            vat_included=_vat_included(row),
            local=tuple(map(str, row.get("local", ()))),
            bands=_bands(row["bands"]),
            digest=hashlib.sha256(content).hexdigest(),
        )
    except KeyError as missing:
        raise BadInput(f"procedure {name}: {missing.args[0]} is missing") from missing
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"procedure {name}: {in_words(error)}") from error


def _bands(rows: Sequence[Mapping[str, Any]]) -> tuple[ValueBand, ...]:
    for row in rows:
        _check_keys(row, _BAND_KEYS)
        if not row.get("name") or not row.get("words"):
            raise ValueError("a band needs a name and words")
    bands = tuple(ValueBand(**row) for row in rows)
    limits = [float("inf") if b.up_to is None else b.up_to for b in bands]
    if not bands or limits != sorted(set(limits)):
        raise ValueError("bands must be in order of up_to, each higher than the one before")
    return bands


def _check_keys(row: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(row) - known):
        raise ValueError(f"{unknown[0]} is not a known key: use {', '.join(sorted(known))}")


def _vat_included(row: Mapping[str, Any]) -> bool:
    if row["vat"] not in ("included", "excluded"):
        raise ValueError(f'vat = {row["vat"]!r} must be "included" or "excluded"')
    return bool(row["vat"] == "included")
