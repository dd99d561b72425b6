"""The areas, towns and villages that a list of place names means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matcher.core.errors import BadInput
from matcher.core.formatting import series
from matcher.geo.councils import Area, AreaKind, Councils
from matcher.geo.gazetteer import Context, Town, TownSize, choose, town_key

_NO_LIMIT = frozenset({"any region", "anywhere", "europe", "rest of the world", "worldwide"})
_MOST_COMMAS = 1
"""In the name of one area: 'Newry, Mourne and Down'."""
_SEPARATOR = re.compile(r"[;,](?![^()]{0,80}\))")
_AND = re.compile(r"(?<!\s)\s+(?:and|&)\s+")
_BRACKETED = re.compile(r"([^()]*[^\s()])\s*\(([^()]+)\)")


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """One name of a list, with what it means.

    `area` is None where the name is unknown or unclear. Of a town it is the town's council.
    `candidates` are the towns that it may mean where that cannot be told.
    """

    name: str
    area: Area | None = None
    town: Town | None = None
    candidates: tuple[Town, ...] = ()


def places_named(text: str, councils: Councils, context: Context = ()) -> tuple[NamedPlace, ...]:
    """What each name in a list of areas, towns and villages means.

    A name may contain a comma, and a town or a council may be followed by an area that it is in:
    'Ashford, Kent', 'Newport (Isle of Wight)', 'Walsall, West Midlands'. A town without one is
    looked for in `context`.
    """
    return tuple(_listed(text, councils, context))


def area_named(text: str, councils: Councils, context: Context = ()) -> Area | None:
    """The area that a notice names, alone or as a list separated by commas, or None.

    A town stands for its council. Ignores names that are not in the United Kingdom ('Any region',
    'Europe'); `unknown_areas` returns them.
    """
    parts = [place.area for place in _listed(text, councils, context) if place.area is not None]
    return councils.union(parts) if parts else None


def towns_named(text: str, councils: Councils, context: Context) -> tuple[Town, ...]:
    """The towns that a list names, where it names towns alone; else none."""
    places = places_named(text, councils, context)
    towns = tuple(place.town for place in places if place.town is not None)
    return towns if len(towns) == sum(place.area is not None for place in places) else ()


def unknown_areas(text: str, councils: Councils) -> tuple[str, ...]:
    """The names in a list of areas that are neither areas nor towns, without duplicates.

    'Any region' and 'Europe', which notices use for no limit, are not among them.
    """
    names = (
        place.name
        for place in _listed(text, councils, ())
        if place.area is None and not place.candidates
    )
    return tuple(dict.fromkeys(name for name in names if name.casefold() not in _NO_LIMIT))


def unclear_names(
    text: str, councils: Councils, context: Context = ()
) -> tuple[tuple[str, tuple[Town, ...]], ...]:
    """(name, the towns that it may mean) of each name in a list that may mean several."""
    places = _listed(text, councils, context)
    return tuple((place.name, place.candidates) for place in places if place.candidates)


def which_one(name: str, candidates: Iterable[Town], councils: Councils) -> str:
    """What to say of a name that several places have.

    >>> ashfords = Councils.open().towns.find("Ashford")
    >>> which_one("Ashford", ashfords, Councils.open())
    "'Ashford' may be Ashford (Kent) or Ashford (Spelthorne): say which"
    """
    *most, last = dict.fromkeys(town_label(town, councils) for town in candidates)
    listed = f"{', '.join(most)} or {last}" if most else last
    return f"{name!r} may be {listed}: say which"


def town_label(town: Town, councils: Councils) -> str:
    """A town with an area that tells it from its namesakes."""
    return f"{town.name} ({_telling_area(town, councils)})"


def _telling_area(town: Town, councils: Councils) -> str:
    row = councils.rows.get(town.council)
    if row is None:
        return town.council
    if row.name != town.name:
        short = row.name.partition(",")[0]
        return short if councils.find(short) == councils.areas[town.council] else row.name
    return row.county or row.nation


def no_place(name: str, councils: Councils) -> str:
    """What to say of a name that is neither an area nor a town, with names that are alike."""
    near = near_misses(name, councils)
    return f"{name!r} is not a council, county, region, nation, town or village: " + (
        f"did you mean {' or '.join(map(repr, near))}?"
        if near
        else "give its name, its official code or a postcode"
    )


def near_misses(name: str, councils: Councils, limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` names of areas and towns that are spelt like `name`, most similar first."""
    from rapidfuzz import fuzz

    found = dict.fromkeys((*councils.suggest(name, limit), *councils.towns.similar(name, limit)))
    key = town_key(name)
    return tuple(sorted(found, key=lambda each: -fuzz.ratio(key, town_key(each))))[:limit]


def require_area(name: str, councils: Councils, context: Context = ()) -> Area:
    """The area with this name or code, or the council of the town; of a list, all of it.

    Raises BadInput, with names that are alike, for the first name that is none, or that several
    towns have where `context` does not tell which.
    """
    places = places_named(name, councils, context)
    for place in places:
        if place.candidates:
            raise BadInput(f"area {which_one(place.name, place.candidates, councils)}")
        if place.area is None:
            raise BadInput(f"area {no_place(place.name, councils)}")
    if not places:
        raise BadInput(f"area {no_place(name, councils)}")
    return councils.union(place.area for place in places if place.area is not None)


def in_words(towns: Iterable[Town]) -> str:
    """The names of towns in words."""
    return series(dict.fromkeys(town.name for town in towns))


def _listed(text: str, councils: Councils, context: Context) -> Iterator[NamedPlace]:
    parts = list(_parts(text, councils))
    at = 0
    while at < len(parts):
        names = ((n, ", ".join(parts[at : at + n])) for n in range(_MOST_COMMAS + 1, 0, -1))
        areas = ((n, name, councils.find(name)) for n, name in names if at + n <= len(parts))
        n, name, area = next((found for found in areas if found[2]), (1, parts[at], None))
        if area is None and len(split := _joined_names(name, councils)) > 1:
            parts[at : at + 1] = split
            continue
        at += n
        place, used = _meaning(name, area, parts[at:], councils, context)
        yield place
        at += used


def _parts(text: str, councils: Councils) -> Iterator[str]:
    """The names in a list; 'Newport (Isle of Wight)' is two."""
    if councils.find(text) is not None:
        yield text
        return
    for each in _SEPARATOR.split(text):
        part = " ".join(each.split())
        bracketed = _BRACKETED.fullmatch(part)
        if bracketed and councils.find(part) is None:
            yield from (name.strip() for name in bracketed.groups())
        elif part:
            yield part


def _joined_names(part: str, councils: Councils) -> list[str]:
    """'Bloxwich and Aldridge' as two names where both are known, and the whole is not."""
    names = [name.strip() for name in _AND.split(part)]
    if len(names) == 1 or councils.find(part) or councils.towns.find(part):
        return [part]
    return names if all(councils.find(n) or councils.towns.find(n) for n in names) else [part]


def _meaning(
    name: str, area: Area | None, after: list[str], councils: Councils, context: Context
) -> tuple[NamedPlace, int]:
    """What a name means, and how many of the names after it only say where it is."""
    towns = councils.towns.find(name)
    if not towns or (area is not None and area.kind is not AreaKind.COUNCIL):
        return NamedPlace(name, area), 0
    around, used = _around(towns, area, after, councils)
    if area is not None and not used and _is_clear(area, towns, context):
        return NamedPlace(name, area), 0
    town = choose(towns, ([around] if used else []) + list(context))
    if town is None:
        return NamedPlace(name, candidates=towns), used
    if area is not None and town.council in area.councils:
        is_former = town_key(area.name) != town_key(name)
        return NamedPlace(name, area, town if is_former else None), used
    return NamedPlace(name, councils.areas.get(town.council), town), used


def _around(
    towns: tuple[Town, ...], area: Area | None, after: list[str], councils: Councils
) -> tuple[frozenset[str], int]:
    """The councils that the names after a name limit it to, and how many names they are."""
    within: frozenset[str] = frozenset()
    used = 0
    for name in after:
        wider = councils.find(name)
        if wider is None:
            break
        own = area.councils if area is not None else frozenset[str]()
        if within:
            if not wider.councils > within:
                break
        elif (own and wider.councils >= own) or any(
            town.council in wider.councils - own for town in towns
        ):
            within = wider.councils
        elif beside := councils.beside(wider, [t.council for t in towns]) - own:
            within = beside
        else:
            break
        used += 1
    return within, used


def _is_clear(area: Area, towns: tuple[Town, ...], context: Context) -> bool:
    """Whether a council's name means the council, and not a town of that name elsewhere."""
    elsewhere = [town for town in towns if town.council not in area.councils]
    for councils in context:
        if area.councils & councils:
            return True
        if any(town.council in councils for town in elsewhere):
            return False
    return all(town.size < TownSize.TOWN for town in elsewhere)
