"""What all lots of a need are worth together, and how that stands to the threshold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from matcher.core.types import Lot
from matcher.law.procurement import Procurement, procurement
from matcher.law.rulebook import Rulebook
from matcher.lotting.lot_reader import LotReader
from matcher.lotting.types import ANTI_AVOIDANCE, THRESHOLDS, WholeContract


def whole_contract(reads: LotReader, need: Lot) -> WholeContract:
    """What the need is worth as a whole, with VAT, and which threshold applies on its day."""
    matcher, request = reads.matcher, reads.request
    book, place, value = matcher.rulebook, matcher.place(need), request.whole_value
    on = need.day or request.on or date.today()  # noqa: DTZ011 - the officer's own today
    bought = procurement(
        book,
        need,
        on=on,
        nation=place.nation,
        contract=request.contract,
        whole_value=value,
    )
    ours = not bought.nation or bought.nation.lower() == book.name.lower()
    threshold = bought.threshold.amount if bought.threshold and ours else None
    return WholeContract(
        value=value,
        threshold=threshold,
        over=_over(value, threshold, at_least=reads.at_least),
        contract=bought.contract.value,
        buyer=bought.buyer.value,
        on=on,
        rule=THRESHOLDS if ours else "",
        anti_avoidance=ANTI_AVOIDANCE if ours else "",
        source=book.rule(ANTI_AVOIDANCE).source if ours else "",
        warnings=(),
        assumed=(*bought.assumed, *_elsewhere(book, bought, ours=ours)),
        at_least=reads.at_least,
        nation="" if ours else bought.nation,
    )


def _over(value: float | None, threshold: int | None, *, at_least: bool) -> bool | None:
    """Whether the whole is at or over the threshold; a part that is below it tells nothing."""
    if value is None or threshold is None:
        return None
    return True if value >= threshold else None if at_least else False


def _elsewhere(book: Rulebook, bought: Procurement, *, ours: bool) -> Iterator[str]:
    if not ours:
        why = book.nations.get(bought.nation, "No rulebook for it is loaded.")
        yield f"{book.name}'s thresholds are not those of {bought.nation}. {why}"
