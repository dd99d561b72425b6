"""Downloads open data, checks it, and keeps the last good copy."""

from typing import TYPE_CHECKING

from matcher.core.faces import lazy

if TYPE_CHECKING:
    from matcher.fetch.access.base import FetchContext as FetchContext
    from matcher.fetch.access.base import FetchRequest as FetchRequest
    from matcher.fetch.access.base import FetchTarget as FetchTarget
    from matcher.fetch.client import Client as Client
    from matcher.fetch.fetcher import Fetcher as Fetcher
    from matcher.fetch.fetcher import FetchOutcome as FetchOutcome
    from matcher.fetch.store import FeedStore as FeedStore
    from matcher.fetch.stored_feeds import StoredFeeds as StoredFeeds
else:
    __getattr__, __dir__ = lazy(__name__)
