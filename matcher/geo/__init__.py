"""Where things are: postcodes, councils, boundaries and distances."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Area",
    "AreaKind",
    "Council",
    "Councils",
    "LotPlace",
    "Point",
    "PostcodeTable",
    "Spot",
    "distance_km",
    "place_of",
    "tidy_postcode",
]

if TYPE_CHECKING:
    from matcher.geo.councils import Area, AreaKind, Council, Councils
    from matcher.geo.distance import distance_km
    from matcher.geo.geocoding import LotPlace, Spot, place_of
    from matcher.geo.postcode_parsing import tidy_postcode
    from matcher.geo.postcodes import Point, PostcodeTable
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.geo.councils": ["Area", "AreaKind", "Council", "Councils"],
            "matcher.geo.distance": ["distance_km"],
            "matcher.geo.geocoding": ["LotPlace", "Spot", "place_of"],
            "matcher.geo.postcode_parsing": ["tidy_postcode"],
            "matcher.geo.postcodes": ["Point", "PostcodeTable"],
        },
    )
