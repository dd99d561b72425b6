"""Where things are: postcodes, councils, boundaries and distances."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.geo.councils import Area as Area
    from matcher.geo.councils import AreaKind as AreaKind
    from matcher.geo.councils import Council as Council
    from matcher.geo.councils import Councils as Councils
    from matcher.geo.geocoding import LotPlace as LotPlace
    from matcher.geo.geocoding import Spot as Spot
    from matcher.geo.geocoding import distance_km as distance_km
    from matcher.geo.geocoding import place_of as place_of
    from matcher.geo.postcode_parsing import tidy_postcode as tidy_postcode
    from matcher.geo.postcodes import Point as Point
    from matcher.geo.postcodes import PostcodeTable as PostcodeTable
else:
    __getattr__, __dir__ = lazy(__name__)
