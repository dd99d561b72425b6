"""A postcode table of a dozen postcodes, at their true places to the nearest kilometre."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matcher.geo.postcodes import PostcodeColumns, PostcodeTable

WALSALL, SANDWELL, IPSWICH = "E08000030", "E08000028", "E07000202"
BABERGH, ISLINGTON, CARDIFF, EDINBURGH = "E07000200", "E09000019", "W06000015", "S12000036"

_ROWS = [
    ("WS1 1TP", 401000, 299000, WALSALL),
    ("WS1 2AA", 402000, 297000, WALSALL),
    ("WS1 3AA", 403000, 298000, SANDWELL),
    ("WS101AA", 398000, 295000, SANDWELL),
    ("IP1 2BX", 616000, 244000, IPSWICH),
    ("IP1 3AA", 616000, 246000, IPSWICH),
    ("IP7 6AA", 605000, 249000, BABERGH),
    ("N7  7JW", 531000, 186000, ISLINGTON),
    ("SO147LY", 442000, 112000, "E06000045"),
    ("OX109ZZ", 460000, 189000, "E07000179"),
    ("CF104UW", 319000, 175000, CARDIFF),
    ("EH8 8BG", 326000, 674000, EDINBURGH),
]


def small_table(folder: Path) -> PostcodeTable:
    """Build the table in `folder`."""
    postcodes, east, north, councils = zip(*_ROWS, strict=True)
    rows = PostcodeColumns(
        np.array(postcodes, "S8"),
        np.array(east, np.int32),
        np.array(north, np.int32),
        np.array(councils, "S9"),
    )
    return PostcodeTable.build(folder, rows, "1.0")
