"""Councils, counties, regions and nations: their codes, names, members and borders."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from matcher.core.errors import BadInput, BadSource
from matcher.geo.council_names import plain, possible_names, region_letter, stem, welsh_stem
from matcher.geo.gazetteer import Gazetteer, bundled

_REFERENCE = Path(__file__).with_name("reference")
_REGIONS = {
    "C": ("E12000001", "North East"),
    "D": ("E12000002", "North West"),
    "E": ("E12000003", "Yorkshire and The Humber"),
    "F": ("E12000004", "East Midlands"),
    "G": ("E12000005", "West Midlands"),
    "H": ("E12000006", "East of England"),
    "I": ("E12000007", "London"),
    "J": ("E12000008", "South East"),
    "K": ("E12000009", "South West"),
    "L": ("W92000004", "Wales"),
    "M": ("S92000003", "Scotland"),
    "N": ("N92000002", "Northern Ireland"),
}
_ENGLAND = ("E92000001", "England")
_UK = ("K02000001", "United Kingdom")


class AreaKind(StrEnum):
    """The kind of an area."""

    COUNCIL = "council"
    COUNTY = "county"
    REGION = "region"
    NATION = "nation"
    UK = "uk"

    @property
    def wide(self) -> bool:
        """Whether it is too large for one point to represent it."""
        return self not in (AreaKind.COUNCIL, AreaKind.COUNTY)


@dataclass(frozen=True, slots=True)
class Area:
    """An area and the codes of the councils in it (of districts, where it has districts)."""

    code: str
    name: str
    kind: AreaKind
    councils: frozenset[str]


@dataclass(frozen=True, slots=True)
class Council:
    """One council of the lowest tier; `county` is '' where it is not in one."""

    code: str
    name: str
    county_code: str
    county: str
    nation: str
    region: str


@dataclass(frozen=True, slots=True)
class Councils:
    """All councils of the United Kingdom, and the areas that they form.

    `areas` is by code, including former codes. `names` maps a plain name or its stem to a code,
    or to '' where the name is known not to be a council's. `borders` maps a council's code to
    the codes of the councils that it borders.
    """

    rows: Mapping[str, Council]
    areas: Mapping[str, Area]
    names: Mapping[str, str]
    borders: Mapping[str, frozenset[str]]
    derived: bool = True
    """Whether `borders` is the built-in table, which is derived from postcodes."""
    towns: Gazetteer = field(default_factory=bundled)
    """The towns and villages in them."""

    @classmethod
    def open(cls, borders: Path | None = None, towns: Path | None = None) -> Councils:
        """Read the tables; `borders` (columns a, b: council codes) replaces the built-in one.

        `towns` replaces the built-in list of towns. Raises BadSource where one is not such a table.
        """
        own = _own_tables()
        if borders is None and towns is None:
            return own
        return replace(
            own,
            borders=own.borders if borders is None else _borders(borders, own.rows),
            derived=borders is None,
            towns=own.towns if towns is None else Gazetteer.open(towns),
        )

    def find(self, name_or_code: str) -> Area | None:
        """The area with this name or code, in any usual spelling, or None.

        A name that a region shares with a metropolitan county means the region.
        """
        code = name_or_code.strip().upper()
        if code in self.areas:
            return self.areas[code]
        if letter := region_letter(code):
            return self.areas[_REGIONS[letter][0]]
        name = plain(name_or_code)
        return self.areas.get(self.names[name] if name in self.names else self._by_stem(name))

    def require(self, name_or_code: str) -> Area:
        """The area with this name or code.  Raises BadInput, with similar names, if none."""
        area = self.find(name_or_code)
        if area is None:
            near = " or ".join(repr(name) for name in self.suggest(name_or_code))
            raise BadInput(
                f"area {name_or_code!r} is not a council, county, region or nation: "
                + (f"did you mean {near}?" if near else "give its name or its official code")
            )
        return area

    def named_in(self, organisation: str) -> Area | None:
        """The council or county council with this organisation's name, or None."""
        for name in possible_names(organisation):
            area = self.find(name)
            if area is not None and not area.kind.wide:
                return area
        return None

    def suggest(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Up to `limit` names of areas that are spelt like `name`, most similar first."""
        from rapidfuzz import fuzz, process

        choices = {area.name: _area_stem(area.name) for area in self.areas.values()}
        query = stem(plain(name))
        near = process.extract(query, choices, scorer=fuzz.ratio, limit=limit, score_cutoff=70)
        return tuple(key for _, _, key in near)

    def union(self, areas: Iterable[Area]) -> Area:
        """One or more areas as one: the known area with the same councils, or a new one."""
        distinct = tuple({area.code: area for area in areas}.values())
        members = frozenset[str]().union(*(area.councils for area in distinct))
        for known in (*distinct, *self.areas.values()):
            if known.councils == members:
                return known
        return Area(
            code="+".join(area.code for area in distinct),
            name=", ".join(area.name for area in distinct),
            kind=max((area.kind for area in distinct), key=list(AreaKind).index),
            councils=members,
        )

    def upper_tier(self, code: str) -> Area:
        """The county that a council is in, or the council itself, as the Order of 2026 counts.

        Metropolitan districts and London boroughs count as themselves.
        """
        area = self.require(code)
        if area.kind is not AreaKind.COUNCIL:
            return area
        county = self.rows[area.code].county_code
        return self.areas[county] if county.startswith("E10") else area

    def neighbours(self, *codes: str) -> tuple[Area, ...]:
        """The counties, unitary councils and boroughs that border the areas `codes`, by name.

        A district borders its own county, and the counties of the districts around it. Borders
        between the areas `codes` do not count.
        """
        own = frozenset[str]().union(*(self.require(code).councils for code in codes))
        around = {other for council in own for other in self.borders.get(council, ())} - own
        units = {unit.code: unit for unit in map(self.upper_tier, around)}
        return tuple(sorted(units.values(), key=lambda unit: unit.name))

    def beside(self, area: Area, codes: Iterable[str]) -> frozenset[str]:
        """The one council of `codes` that borders an area, as a set; empty if none or several do.

        People call a council by the county around it: Newport in Telford and Wrekin is 'Newport,
        Shropshire'.
        """
        around = frozenset[str]().union(*(self.borders.get(each, ()) for each in area.councils))
        found = frozenset(codes) & around
        return found if len(found) == 1 else frozenset()

    def nation(self, code: str) -> str:
        """The nation's name ('England', 'Wales'); '' where it is unknown or there are several."""
        nations = {self.rows[council].nation for council in self._members(code)}
        return nations.pop() if len(nations) == 1 else ""

    def region(self, code: str) -> str:
        """The region's name ('West Midlands'); '' where it is unknown or there are several."""
        regions = {self.rows[council].region for council in self._members(code)}
        return regions.pop() if len(regions) == 1 else ""

    def _members(self, code: str) -> frozenset[str]:
        area = self.areas.get(code)
        return area.councils if area else frozenset()

    def _by_stem(self, name: str) -> str:
        return self.names.get(stem(name)) or self.names.get(welsh_stem(name), "")


@cache
def _own_tables() -> Councils:
    """The built-in tables, read once in a process: nobody changes them."""
    rows = {row["code"]: Council(**row) for row in _table("councils.csv")}
    current = list(_current_areas(rows.values()))
    former = list(_former_areas(rows, _table("former.csv")))
    aliases = {plain(row["name"]): row["code"] for row in _table("council-names.csv")}
    return Councils(
        rows=rows,
        areas={code: area for code, _, area in former} | {a.code: a for a in current},
        names=_names(current, former) | aliases,
        borders=_borders(_REFERENCE / "borders.csv", rows),
    )


def _current_areas(councils: Iterable[Council]) -> Iterator[Area]:
    """The councils, then their areas, counties last: 'West Midlands' is the region."""
    groups: dict[tuple[AreaKind, str, str], set[str]] = defaultdict(set)
    for council in councils:
        yield Area(council.code, council.name, AreaKind.COUNCIL, frozenset({council.code}))
        for group in _groups(council):
            groups[group].add(council.code)
    for kind, code, name in sorted(groups, key=lambda group: group[0] is AreaKind.COUNTY):
        yield Area(code, name, kind, frozenset(groups[kind, code, name]))


def _groups(council: Council) -> Iterator[tuple[AreaKind, str, str]]:
    yield AreaKind.UK, *_UK
    region = next(pair for pair in _REGIONS.values() if pair[1] == council.region)
    if council.region == council.nation:
        yield AreaKind.NATION, *region
    else:
        yield AreaKind.NATION, *_ENGLAND
        yield AreaKind.REGION, *region
    if council.county_code:
        yield AreaKind.COUNTY, council.county_code, council.county


def _former_areas(
    rows: Mapping[str, Council], former: Iterable[Mapping[str, str]]
) -> Iterator[tuple[str, str, Area]]:
    """(former code, former name, the area that is there now)."""
    for row in former:
        now = [rows[code] for code in row["now"].split()]
        if len(now) == 1:
            only = now[0]
            area = Area(only.code, only.name, AreaKind.COUNCIL, frozenset({only.code}))
        else:
            codes = frozenset(council.code for council in now)
            area = Area(row["code"], row["name"], AreaKind.COUNTY, codes)
        yield row["code"], row["name"], area


def _names(current: Iterable[Area], former: Iterable[tuple[str, str, Area]]) -> dict[str, str]:
    named = [(a.name, a.code) for a in current] + [(name, code) for code, name, _ in former]
    names: dict[str, str] = {}
    for spelling in (plain, lambda name: stem(plain(name))):
        for name, code in named:
            names.setdefault(spelling(name), code)
    names.pop("", None)
    return names


@cache
def _area_stem(area: str) -> str:
    """The stem of an area's name, cached because there are few areas."""
    return stem(plain(area))


def _borders(path: Path, rows: Mapping[str, Council]) -> dict[str, frozenset[str]]:
    borders: dict[str, set[str]] = defaultdict(set)
    needed = "the columns a and b must hold codes of current councils, such as E08000030"
    pairs = _read(path)
    if not pairs:
        raise BadSource(f"{path}: names no two councils: {needed}")
    for number, row in enumerate(pairs, 1):
        pair = row.get("a"), row.get("b")
        for one, other in (pair, pair[::-1]):
            if one is None or other is None or one not in rows:
                said = " and ".join(repr(cell or "") for cell in pair)
                raise BadSource(
                    f"{path}: pair {number} ({said}) does not name two councils: {needed}"
                )
            borders[one].add(other)
    return {code: frozenset(others) for code, others in borders.items()}


def _table(name: str) -> list[dict[str, str]]:
    return _read(_REFERENCE / name)


def _read(path: Path) -> list[dict[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSource(f"{path} cannot be read as a table: {error}") from error
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
