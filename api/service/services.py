"""The services over one context, as an application opens them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.records.entry import Sender
from api.service.context import ServiceContext, Today
from api.service.markets import MarketService
from api.service.places import PlaceService
from api.service.register import RegisterService
from api.service.shortlists import ShortlistService
from api.service.splits import SplitService
from api.settings import Settings
from matcher.ranking.matcher import Matcher


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the API and the officer's pages can ask."""

    context: ServiceContext
    shortlists: ShortlistService
    markets: MarketService
    splits: SplitService
    register: RegisterService
    places: PlaceService

    @classmethod
    def over(cls, context: ServiceContext) -> Services:
        """The services over a context."""
        return cls(
            context,
            ShortlistService(context),
            MarketService(context),
            SplitService(context),
            RegisterService(context),
            PlaceService(context),
        )

    @classmethod
    def open(cls, settings: Settings, today: Today = date.today) -> Services:
        """The services that the settings describe.

        Raises RegisterError, BundleError, RecordsError or BadInput for what cannot be opened.
        """
        return cls.over(ServiceContext.open(settings, today))

    def close(self) -> None:
        """Close the records."""
        self.context.close()

    @property
    def matcher(self) -> Matcher:
        """The matcher over the register in force."""
        return self.context.matcher

    def for_one_answer(self) -> Services:
        """The same services, with one register from the first look to the end of an answer."""
        return Services.over(self.context.for_one_answer())

    def sent_by(self, sender: Sender) -> Services:
        """The same services for the sender's authority; what they keep names the sender."""
        return Services.over(self.context.sent_by(sender))

    def for_request(self, key: str, request: str, attempt: str) -> Services:
        """The same services for a request with a key, as `Records.for_request`."""
        return Services.over(self.context.for_request(key, request, attempt))
