"""The types that every part shares: lots, providers and awards, and the errors."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Award",
    "BadInput",
    "BadLot",
    "BadSource",
    "Busy",
    "FetchError",
    "Lot",
    "MatcherError",
    "NotLawful",
    "Organisation",
    "Provider",
    "RegisterBusy",
    "RegisterError",
    "Site",
    "Source",
]

if TYPE_CHECKING:
    from matcher.core.errors import (
        BadInput,
        BadLot,
        BadSource,
        Busy,
        FetchError,
        MatcherError,
        NotLawful,
        RegisterBusy,
        RegisterError,
    )
    from matcher.core.types import Award, Lot, Organisation, Provider, Site, Source
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.core.errors": [
                "BadInput",
                "BadLot",
                "BadSource",
                "Busy",
                "FetchError",
                "MatcherError",
                "NotLawful",
                "RegisterBusy",
                "RegisterError",
            ],
            "matcher.core.types": ["Award", "Lot", "Organisation", "Provider", "Site", "Source"],
        },
    )
