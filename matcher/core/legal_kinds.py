"""What kind of organisation a name is of, by the legal form that it ends with."""

from __future__ import annotations

import re

from matcher.core.types import Kind

_LIMITED = r"(?:[ ,]+(?:ltd|limited)\.?)?\Z"
_ENDINGS = {
    Kind.CIC: re.compile(
        rf"(?<=[\w.)'’])[ ,–-]+(?:c\.? ?i\.? ?c\.?|community interest company"
        rf"|cwmni buddiannau cymunedol){_LIMITED}",
        re.IGNORECASE,
    ),
    Kind.CHARITY: re.compile(
        r"(?<=[\w.)'’])[ ,–-]+(?:(?:s\.?)?c\.?i\.?o\.?"
        r"|(?:scottish )?charitable incorporated organi[sz]ation"
        r"|sefydliad elusennol corfforedig)\Z",
        re.IGNORECASE,
    ),
    Kind.COOP: re.compile(
        rf"(?<=[\w.)'’])[ ,–-]+(?:co-?operative(?: society)?|community benefit society){_LIMITED}",
        re.IGNORECASE,
    ),
}
"""Forms that must, or may alone, be part of such an organisation's name.  'CBC' is left out, as it
is a county borough council's too, and so are initials in brackets, which may be of other words."""


def kind_of_name(name: str) -> Kind:
    """The kind that the end of a name shows; unknown where it shows none.

    A community interest company must end its name so (Companies (Audit, Investigations and
    Community Enterprise) Act 2004 s.33), and others may not.

    >>> kind_of_name("Kernow Walks C.I.C."), kind_of_name("Farm Co-operative Ltd").value
    (<Kind.CIC: 'cic'>, 'co-op')
    >>> kind_of_name("Construction Industry Council (CIC)"), kind_of_name("CIC Ltd").value
    (<Kind.UNKNOWN: 'unknown'>, 'unknown')
    """
    end = name.strip()[-60:]
    return next((kind for kind, form in _ENDINGS.items() if form.search(end)), Kind.UNKNOWN)


def without_legal_kind(name: str) -> str:
    """The name without the form that shows its kind.

    >>> without_legal_kind("Moss Shop Community Interest Company"), without_legal_kind("CIC Ltd")
    ('Moss Shop', 'CIC Ltd')
    """
    end = name.strip()[-60:]
    ending = next((found for form in _ENDINGS.values() if (found := form.search(end))), None)
    return name.strip()[: ending.start() - len(end)] if ending else name
