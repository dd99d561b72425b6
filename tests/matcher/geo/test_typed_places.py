from __future__ import annotations

import pytest

from matcher.core.errors import BadLot
from matcher.geo.councils import Councils
from matcher.geo.typed_places import PlaceCheck
from tests.factory import lot
from tests.gazetteer import small_table


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> PlaceCheck:
    return PlaceCheck(Councils.open(), small_table(tmp_path_factory.mktemp("typed")))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"area": "Narnia"},
            "area: 'Narnia' is not a council, county, region, nation, town or village: give",
        ),
        ({"area": "Ipswitch"}, "area: 'Ipswitch' is not a council.*did you mean 'Ipswich'"),
        ({"area": "Walsall, Narnia"}, "area: 'Narnia' is not"),
        ({"area": "N7 7JW"}, "area: 'N7 7JW' is a postcode: give postcode N7 7JW"),
        ({"area": "Bloxwitch"}, "area: 'Bloxwitch' is not .*did you mean 'Bloxwich'"),
        (
            {"area": "Newport"},
            r"area: 'Newport' may be Newport \(Wales\), .*Isle of Wight.*say which",
        ),
        ({"area": "Ashford", "buyer": "Walsall Council"}, r"may be Ashford \(Kent\) or"),
        ({"postcode": "QQ9 9QQ"}, "postcode: 'QQ9 9QQ' is not a postcode that exists: give one"),
        ({"postcode": "WS3 1TP"}, "postcode: 'WS3 1TP' is not.*its district may be .*WS1"),
    ],
)
def test_a_place_that_does_not_exist_is_refused_by_its_field(
    check: PlaceCheck, fields: dict[str, str], message: str
) -> None:
    with pytest.raises(BadLot, match=message):
        check(lot(**{"postcode": "", **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"area": "UKC"},
        {"area": "E08000030"},
        {"area": "London, Any region"},
        {"area": "Newry, Mourne and Down"},
        {"area": "Bloxwich"},
        {"area": "bloxwich, Aldridge; Brownhills"},
        {"area": "Newport (Isle of Wight)"},
        {"area": "Newport", "buyer": "Telford and Wrekin Council"},
        {"area": "Newport City Council"},
        {"area": "Ashford", "buyer": "Kent County Council"},
        {"postcode": "ws1 9zz"},
        {"buyer_postcode": "IP1 2BX"},
    ],
)
def test_a_place_that_exists_passes(check: PlaceCheck, fields: dict[str, str]) -> None:
    check(lot(**{"postcode": "", **fields}))
