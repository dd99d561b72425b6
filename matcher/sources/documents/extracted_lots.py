"""A lot found in a document, and its value for the whole contract by what the document states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from matcher.core.types import Lot
from matcher.sources.notices.whole_value import NOT_STATED, WholeValue
from matcher.sources.wording.stated_values import StatedValue
from matcher.sources.wording.term_lengths import ContractTerm

_UNCLEAR_FROM = 1.0
"""years; in a longer contract, a 'budget' may be for a year or for all of it"""


@dataclass(frozen=True, slots=True)
class ExtractedLot:
    """A lot found in a document, with notes on what was found and where."""

    lot: Lot
    notes: tuple[str, ...] = ()
    whole: WholeValue = NOT_STATED
    """what its notice says that all lots together are worth"""
    unread: Mapping[str, str] = field(default_factory=dict)
    """fields that could not be read, as they are written"""


def valued(
    lot: Lot,
    value: StatedValue | None,
    term: ContractTerm | None,
    notes: Iterable[str],
    why_not: str = "",
) -> ExtractedLot:
    """The lot with its term and its value for the whole contract, options included.

    `why_not`: why the text gives no value, where it has amounts.
    """
    lines = list(filter(None, notes))
    years = round(term.longest, 2) if term else None
    lot = replace(lot, years=years)
    if value is None:
        known = f"The value is not known: {why_not}." if why_not else "No value was found."
        lines.append(known)
        return ExtractedLot(lot, tuple(lines))
    if value.unclear and years and years > _UNCLEAR_FROM:
        lines.append(
            f"The text does not say whether “{value.words}” is for a year or for the whole "
            "contract. Until you say, it counts as a yearly value."
        )
        lot = replace(lot, value_if_whole=value.pounds)
        value = replace(value, period="year")
    pounds = value.of_contract(term.years, term.options) if term else value.of_contract(None)
    if pounds is None:
        part = value if value.period else next(one for one in value.added if one.period)
        length = "contract length" if value.period else "length of the options to extend"
        lines.append(
            f"“{part.words}” is for each {part.period}, and no {length} was found: give the value "
            "of the whole contract."
        )
        return ExtractedLot(lot, tuple(lines))
    lines.append(f"The value was read from “{value.words}”{_over(value, term)}.")
    if term and value.leaves_out(term.years, term.options):
        pounds = round(pounds * term.longest / term.years, 2)
        lines.append(
            f"The text gives it for the first {_years(term.years)}. The options to extend count "
            f"at the same price, {_years(term.longest)} in all."
        )
    elif term and term.options and not value.tells_of_options(term.longest):
        lines.append(
            f"The text does not say whether this covers the options to extend, "
            f"{_years(term.options)}: check it."
        )
    if value.of_range:
        lines.append("This is the upper end of the range.")
    valued = replace(lot, value=pounds, value_is_gross=value.gross)
    return ExtractedLot(valued, tuple(lines))


def _years(number: float) -> str:
    return f"{round(number, 2):g} year{'' if round(number, 2) == 1 else 's'}"


def _over(value: StatedValue, term: ContractTerm | None) -> str:
    """The length of contract that a yearly amount was multiplied by, in words."""
    if value.yearly is None or term is None:
        return ""
    options = (
        f" and the options to extend it, {_years(term.longest)} in all" if term.options else ""
    )
    share = round((value.rise or 0.0) * 100, 2)
    rise = f", {'rising' if share > 0 else 'falling'} by {abs(share):g}% a year" if share else ""
    if value.rise == 0.0:
        rise = ", without its yearly rises"
    return f" for {term.words}{options}{rise}"
