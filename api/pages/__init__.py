"""The officer's pages: describe a need, look at shortlists, decide, and keep.

They go through the desk as the API does, work without JavaScript, and escape all that they show.
"""

from api.pages.error_pages import HtmlErrorMiddleware
from api.pages.router import router

__all__ = ["HtmlErrorMiddleware", "router"]
