"""Everything that can be asked of an open register, without HTTP."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from api.service.markets import MarketService as MarketService
    from api.service.register import RegisterService as RegisterService
    from api.service.services import Services as Services
    from api.service.shortlists import ShortlistService as ShortlistService
    from api.service.splits import SplitService as SplitService
else:
    __getattr__, __dir__ = lazy(__name__)
