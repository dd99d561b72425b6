"""Fill the templates of reports: one page each, complete in itself, with no script.

Values are escaped, so that text from a run or a file is never HTML.
"""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from training.reports import formatting


def render(template: str, **values: object) -> str:
    """The page that a template in `templates/` makes of the values."""
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("training.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "number": formatting.number,
        "p_value": formatting.p_value,
        "percent": formatting.percent,
    }
    environment.globals |= {"between": formatting.between, "NONE": formatting.NONE}
    return environment
