"""A page that is complete in itself: tables, pictures drawn into it, nothing fetched.

No script; the same content gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, TypeAlias

from models.errors import BundleError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row: TypeAlias = Sequence[str]
"""Cells of a table, as HTML; the first heads the row."""
Draw: TypeAlias = "Callable[[Axes], None]"

INK, BLUE, GREY = "#1b1f24", "#1f5f99", "#5a6470"
STYLE = """
:root{color-scheme:light}
body{margin:0 auto;max-width:52rem;padding:1rem;background:#fff;color:#1b1f24;
font:1rem/1.55 system-ui,"DejaVu Sans",sans-serif}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;border-top:2px solid #1f5f99;padding-top:.75rem}
h3{font-size:1.05rem;margin:1.5rem 0 .25rem}
a{color:#174a7a}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.9rem;min-width:60%}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;
border-bottom:1px solid #c9ced4}
thead th{border-bottom:2px solid #5a6470}
td{font-variant-numeric:tabular-nums}
.n{white-space:nowrap}
caption{max-width:88vw}
tbody th{font-weight:400}
figure{margin:1rem 0}
figure svg{width:100%;max-width:30rem;height:auto;display:block}
figcaption,.note{font-size:.9rem;color:#3d454e}
.lead{font-size:1.1rem}
summary{cursor:pointer;padding:.4rem 0}
"""


def whole(title: str, body: str) -> str:
    """The page around a body that is HTML already; no script, and nothing is fetched."""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + body
        + "\n</main>\n</body>\n</html>\n"
    )


def refuse_without_matplotlib() -> None:
    """Raise BundleError where it is not installed: better before a long training than after."""
    try:
        import matplotlib.figure  # noqa: F401 - whether it is there; it takes a second
    except ImportError as wrong:
        raise BundleError(
            "the report's pictures need matplotlib: where the product's pyproject.toml lies, run "
            "`pip install --editable '.[train]'`"
        ) from wrong


def section(mark: str, title: str, *parts: str) -> str:
    """A section under a heading; nothing where none of its parts says anything."""
    told = "\n".join(filter(None, parts))
    if not told:
        return ""
    return f'<section aria-labelledby="{mark}">\n<h2 id="{mark}">{title}</h2>\n{told}\n</section>'


def unbroken(text: str) -> str:
    """The text, never broken over two lines."""
    return f'<span class="n">{escape(text)}</span>'


def table(caption: str, head: Row, rows: Iterable[Row]) -> str:
    """A table whose cells are HTML already; wide ones scroll on a narrow screen."""
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    if not body:
        return ""
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    caption = escape(caption)
    return (
        f'<div class="scroll" role="region" aria-label="{caption}" tabindex="0">'
        f"<table><caption>{caption}</caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def figure(mark: str, title: str, said: str, draw: Draw, height: float, *, note: str = "") -> str:
    """A picture, its caption, and the same in words for whoever does not see it.

    `height` is in inches; `mark` tells the ids of one picture from those of another.
    """
    mark = re.sub(r"\W+", "-", mark)
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\g<1>{mark}-", _svg(mark, draw, height))
    words = f"<title>{escape(title)}</title><desc>{escape(said)}</desc>"
    svg = re.sub(r"<svg ", '<svg role="img" ', svg, count=1)
    svg = re.sub(r"(<svg [^>]*>)", lambda found: found[1] + words, svg, count=1)
    caption = escape(f"{title}; {note}" if note else title)
    return (
        f'<figure><div class="scroll" role="region" aria-label="{escape(title)}" tabindex="0">'
        f"{svg}</div>\n<figcaption>{caption}.</figcaption></figure>"
    )


def _svg(mark: str, draw: Draw, height: float) -> str:
    """The drawing as an `<svg>` element, the same bytes each time."""
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
        figure = Figure(figsize=(4.3, height), layout="constrained")
        draw(figure.add_subplot())
        written = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(written, format="svg", transparent=True, metadata=nothing)
    found = written.getvalue()
    return re.sub(r"\s*<metadata>.*?</metadata>", "", found[found.index("<svg") :], flags=re.S)
