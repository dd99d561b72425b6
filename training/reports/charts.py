"""Charts as SVG for a page: the same data gives the same bytes, and a text says what is shown."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from markupsafe import Markup, escape

from models.errors import BundleError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw: TypeAlias = "Callable[[Axes], None]"

INK, BLUE, GREY, GRID = "#1b1f24", "#1f5f99", "#5a6470", "#d5d9dd"
COLOURS = (BLUE, "#b1560f", "#3d7a35", "#7a3d8f", GREY)
_WIDTH = 4.3
"""inches"""


@dataclass(frozen=True)
class Chart:
    """A drawing, its title and its caption."""

    title: str
    caption: str
    svg: Markup


def chart(
    mark: str, title: str, description: str, draw: Draw, height: float, *, note: str = ""
) -> Chart:
    """Draw a chart `height` inches high.

    `mark` makes the ids of this chart differ from those of others on the page; `description`
    is for people who do not see it.  Raises BundleError where matplotlib is not installed.
    """
    mark = re.sub(r"\W+", "-", mark)
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{mark}-", _svg(mark, draw, height))
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    svg = re.sub(r"<svg ", '<svg role="img" ', svg, count=1)
    svg = re.sub(r"(<svg [^<>]*>)", lambda tag: tag[1] + words, svg, count=1)
    return Chart(title, f"{title}; {note}" if note else title, Markup(svg))  # noqa: S704 - own SVG


def refuse_without_matplotlib() -> None:
    """Raise BundleError where it is not installed: better before a long training than after."""
    try:
        import matplotlib.figure  # noqa: F401 - whether it is there; it takes a second
    except ImportError as error:
        raise BundleError(
            "the report's charts need matplotlib: in the folder with the product's "
            "pyproject.toml, run `pip install --editable '.[train]'`"
        ) from error


def annotate(
    axes: Axes, text: str, point: tuple[float, float], shift: tuple[float, float], align: str
) -> None:
    """Write at a point, shifted by so many typographic points."""
    axes.annotate(text, point, shift, textcoords="offset points", va=align, color=INK)


def _svg(mark: str, draw: Draw, height: float) -> str:
    """The drawing as an `<svg>` element, without a date or other text that changes."""
    refuse_without_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.hashsalt": mark,
                "svg.fonttype": "none",
                "text.parse_math": False,
                "font.size": 9.5,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.spines.left": False,
                "axes.edgecolor": GREY,
                "axes.axisbelow": True,
            }
        )
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        draw(figure.add_subplot())
        written = io.StringIO()
        no_metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", transparent=True, metadata=no_metadata)
    text = written.getvalue()
    before, _, rest = text[text.index("<svg") :].partition("<metadata>")
    return before.rstrip() + rest.partition("</metadata>")[2] if rest else before
