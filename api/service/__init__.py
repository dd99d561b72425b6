"""Everything that can be asked of an open register, without HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = ["MarketService", "RegisterService", "Services", "ShortlistService", "SplitService"]

if TYPE_CHECKING:
    from api.service.markets import MarketService
    from api.service.register import RegisterService
    from api.service.services import Services
    from api.service.shortlists import ShortlistService
    from api.service.splits import SplitService
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "api.service.markets": ["MarketService"],
            "api.service.register": ["RegisterService"],
            "api.service.services": ["Services"],
            "api.service.shortlists": ["ShortlistService"],
            "api.service.splits": ["SplitService"],
        },
    )
