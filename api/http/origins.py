"""Which website's page sent a request, as the browser says; no page can change what it says."""

from __future__ import annotations

from starlette.datastructures import Headers


def own_origin(headers: Headers) -> bool:
    """Whether a page of this service sent it, as its Origin says."""
    origin = headers.get("origin", "")
    return bool(origin) and origin.partition("://")[2] == headers.get("host")


def is_foreign(headers: Headers) -> bool:
    """Whether a page of another website sent it.  A program says nothing about this.

    Where the browser compared the origins itself, its word counts: a proxy may pass on the host
    without its port.
    """
    site = headers.get("sec-fetch-site", "none")
    if site != "none":
        return site != "same-origin"
    return headers.get("origin") is not None and not own_origin(headers)
