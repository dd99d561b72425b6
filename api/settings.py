"""Settings of the service: where its files are and what it accepts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from matcher.core.errors import BadInput
from models.bundle import DEFAULT

PER_MINUTE = 1200
"""The default number of requests that one client can make in a minute."""
OPENREFINE = "http://127.0.0.1:3333,http://localhost:3333"
"""The addresses at which OpenRefine runs on the same machine as the service."""
PREFIX = "LBD_"
"""Begins the name of each environment variable of the service, such as LBD_REGISTER."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service needs to know before it starts.

    `records` is a file or the URL of a database.  `procedures` is a folder of your own contract
    procedure rules.  `keys` is the file of API keys; without it, requests need no key.
    `sign_in` is the file that says who may sign in; without it, nobody signs in.
    `chain_key` is a file with the secret of the records' chain; `anchors` is the file in which
    their head is kept at each stop.
    `per_minute` limits the requests of one key or, without keys, of one address.
    """

    register: Path
    bundle: str = DEFAULT
    records: str = ""
    procedures: Path | None = None
    keys: Path | None = None
    sign_in: Path | None = None
    chain_key: Path | None = None
    anchors: Path | None = None
    per_minute: int = PER_MINUTE
    most_bytes: int = 20_000_000
    """of the body of one request"""
    most_lots: int = 500
    """in one request"""
    hosts: str = ""
    """host names that the service answers to, separated by commas; '' for any"""
    proxies: str = ""
    """addresses and networks whose X-Forwarded headers are believed, separated by commas"""
    origins: str = OPENREFINE
    """whose pages can read `/reconcile`, separated by commas; by default OpenRefine's"""
    threads: int = 4
    """for short requests at the same time, in each worker process"""
    rankings: int = 2
    """requests that rank lots at the same time, in each worker process"""
    documents: int = 2
    """documents that are read at the same time, in each worker process"""
    waiting: int = 32
    """requests of each of these two kinds that are here at the same time, most of them waiting"""

    @classmethod
    def of(cls, env: Mapping[str, str]) -> Settings:
        """The settings in `env`: LBD_REGISTER and so on, and DATABASE_URL for the records.

        Raises BadInput naming the variable that cannot be used.
        """
        values = {f.name: env.get(PREFIX + f.name.upper(), "") for f in fields(cls)}
        if not values["register"]:
            raise BadInput(f"{PREFIX}REGISTER is not set: name the register's folder")
        numbers = {f.name: _number(f.name, values[f.name]) for f in fields(cls) if f.type == "int"}
        return cls(
            register=Path(values["register"]),
            bundle=values["bundle"] or DEFAULT,
            records=values["records"] or env.get("DATABASE_URL", ""),
            procedures=Path(values["procedures"]) if values["procedures"] else None,
            keys=Path(values["keys"]) if values["keys"] else None,
            sign_in=Path(values["sign_in"]) if values["sign_in"] else None,
            chain_key=Path(values["chain_key"]) if values["chain_key"] else None,
            anchors=Path(values["anchors"]) if values["anchors"] else None,
            hosts=values["hosts"],
            proxies=values["proxies"],
            origins=values["origins"] or OPENREFINE,
            **{name: number for name, number in numbers.items() if number is not None},
        )

    def env(self) -> dict[str, str]:
        """The environment variables that `of` reads."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            PREFIX + name.upper(): str(value)
            for name, value in values.items()
            if value not in (None, "")
        }

    @property
    def records_url(self) -> str:
        """The URL of the records; by default a file next to the register."""
        location = self.records or str(self._beside(".records.sqlite"))
        return location if "://" in location else f"sqlite:///{Path(location).absolute()}"

    @property
    def anchors_path(self) -> Path:
        """The file of anchors; by default next to the records, or next to the register."""
        _, is_file, path = self.records_url.partition("sqlite:///")
        records = Path(path) if is_file else self._beside(".records")
        return self.anchors or records.with_name(records.name + ".anchors")

    def _beside(self, ending: str) -> Path:
        """The file next to the register that has its name, also where it is named as `.`."""
        register = Path(os.path.abspath(self.register))  # noqa: PTH100 - `..` goes, links stay
        return register.parent / f"{register.name}{ending}"


def _number(name: str, value: str) -> int | None:
    if value and (not value.isascii() or not value.isdigit() or int(value) < 1):
        raise BadInput(f"{PREFIX}{name.upper()} {value!r} is not a whole number above 0")
    return int(value) if value else None
