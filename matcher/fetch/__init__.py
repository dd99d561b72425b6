"""Downloads open data, checks it, and keeps the last good copy."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

__all__ = [
    "Client",
    "FeedStore",
    "FetchContext",
    "FetchOutcome",
    "FetchRequest",
    "FetchTarget",
    "Fetcher",
    "StoredFeeds",
]

if TYPE_CHECKING:
    from matcher.fetch.access.base import FetchContext, FetchRequest, FetchTarget
    from matcher.fetch.client import Client
    from matcher.fetch.fetcher import Fetcher, FetchOutcome
    from matcher.fetch.store import FeedStore
    from matcher.fetch.stored_feeds import StoredFeeds
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "matcher.fetch.access.base": ["FetchContext", "FetchRequest", "FetchTarget"],
            "matcher.fetch.client": ["Client"],
            "matcher.fetch.fetcher": ["FetchOutcome", "Fetcher"],
            "matcher.fetch.store": ["FeedStore"],
            "matcher.fetch.stored_feeds": ["StoredFeeds"],
        },
    )
