"""The picture of a place as one file that needs no server."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from markupsafe import Markup

from api.pages.place import context
from api.pages.templating import fragment
from matcher.place.picture import Picture

_STYLES = ("govuk-frontend-6.3.0.min.css", "pages.css")


def report(found: Picture, changed: Sequence[str] = ()) -> str:
    """A picture as HTML with its style; `changed` is what changed since an earlier one."""
    folder = files("api.pages") / "static"
    style = "\n".join((folder / name).read_text(encoding="utf-8") for name in _STYLES)
    safe = Markup(style.replace("</", "<\\/"))  # noqa: S704 - our own style sheets
    return fragment("place_report.html", **context(found), changed=changed, style=safe)
