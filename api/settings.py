"""Where the service finds its things and how much it lets in, read from an environment given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from matcher.core.errors import BadInput
from models.bundle import DEFAULT

PER_MINUTE = 1200
"""Requests answered to one caller in a minute, unless told otherwise."""
PREFIX = "LBD_"
"""Begins the name of each of the service's variables, such as LBD_REGISTER."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service is told before it starts.

    `records` is a file, or a database's URL.  `procedures` is a folder of contract procedure
    rules of one's own, `keys` the file of API keys; without one, nobody is asked for a key.
    `per_minute` requests are answered to one key, or without keys to one address.
    """

    register: Path
    bundle: str = DEFAULT
    records: str = ""
    procedures: Path | None = None
    keys: Path | None = None
    per_minute: int = PER_MINUTE
    most_bytes: int = 20_000_000
    """of one request's body"""
    most_lots: int = 500
    """in one request"""
    hosts: str = ""
    """names that the service may be called by, parted by commas; any, where nothing is said"""
    threads: int = 4
    """that answer at once, in each worker process"""

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Settings:
        """The settings in `env`: LBD_REGISTER and so on, and DATABASE_URL for the records.

        Raises BadInput naming the variable that cannot be used.
        """
        given = {f.name: env.get(PREFIX + f.name.upper(), "") for f in fields(cls)}
        if not given["register"]:
            raise BadInput(f"{PREFIX}REGISTER is not set: name the register's folder")
        numbers = {f.name: _number(f.name, given[f.name]) for f in fields(cls) if f.type == "int"}
        return cls(
            register=Path(given["register"]),
            bundle=given["bundle"] or DEFAULT,
            records=given["records"] or env.get("DATABASE_URL", ""),
            procedures=Path(given["procedures"]) if given["procedures"] else None,
            keys=Path(given["keys"]) if given["keys"] else None,
            hosts=given["hosts"],
            **{name: number for name, number in numbers.items() if number is not None},
        )

    def env(self) -> dict[str, str]:
        """The settings as `of` reads them."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            PREFIX + name.upper(): str(value)
            for name, value in values.items()
            if value not in (None, "")
        }

    @property
    def records_url(self) -> str:
        """The records' database; a file beside the register where nothing is said."""
        said = self.records or str(self.register.with_name(self.register.name + ".records.sqlite"))
        return said if "://" in said else f"sqlite:///{Path(said).absolute()}"


def _number(name: str, said: str) -> int | None:
    if said and (not said.isascii() or not said.isdigit() or int(said) < 1):
        raise BadInput(f"{PREFIX}{name.upper()} {said!r} is not a whole number above 0")
    return int(said) if said else None
