"""The types that every part shares: lots, providers and awards, and the errors."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.core.errors import BadInput as BadInput
    from matcher.core.errors import BadLot as BadLot
    from matcher.core.errors import BadSource as BadSource
    from matcher.core.errors import Busy as Busy
    from matcher.core.errors import FetchError as FetchError
    from matcher.core.errors import MatcherError as MatcherError
    from matcher.core.errors import NotLawful as NotLawful
    from matcher.core.errors import RegisterBusy as RegisterBusy
    from matcher.core.errors import RegisterError as RegisterError
    from matcher.core.types import Award as Award
    from matcher.core.types import Lot as Lot
    from matcher.core.types import Organisation as Organisation
    from matcher.core.types import Provider as Provider
    from matcher.core.types import Site as Site
    from matcher.core.types import Source as Source
else:
    __getattr__, __dir__ = lazy(__name__)
