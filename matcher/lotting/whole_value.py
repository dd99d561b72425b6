"""The value of all lots of a need together, compared with the threshold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from matcher.core.types import Lot
from matcher.law.procurement import Procurement, ProcurementFacts
from matcher.law.rulebook import Rulebook
from matcher.lotting.lot_reader import LotReader
from matcher.lotting.types import ANTI_AVOIDANCE, THRESHOLDS, WholeContract


def whole_contract(reader: LotReader, need: Lot) -> WholeContract:
    """The value of the need including VAT, and the threshold on its day."""
    matcher, request = reader.matcher, reader.request
    book, place, value = matcher.rulebook, matcher.place(need), request.whole_value
    on = need.day or request.on or date.today()  # noqa: DTZ011 - the officer's own today
    facts = ProcurementFacts(
        need,
        on,
        place.nation,
        contract=request.contract,
        whole_value=value,
        vat_added=request.vat_added,
    )
    procurement = Procurement.of(book, facts)
    applies = book.applies_in(procurement.nation)
    threshold = procurement.threshold.amount if procurement.threshold and applies else None
    return WholeContract(
        value=value,
        threshold=threshold,
        over=_over(value, threshold, at_least=reader.at_least),
        contract=procurement.contract.value,
        buyer=procurement.buyer.value,
        on=on,
        rule=THRESHOLDS if applies else "",
        anti_avoidance=ANTI_AVOIDANCE if applies else "",
        source=book.rule(ANTI_AVOIDANCE).source if applies else "",
        warnings=(),
        assumed=(*procurement.assumptions, *_elsewhere(book, procurement, applies=applies)),
        at_least=reader.at_least,
        nation="" if applies else procurement.nation,
    )


def _over(value: float | None, threshold: int | None, *, at_least: bool) -> bool | None:
    """Whether the whole is at or over the threshold; None where that is not known."""
    if value is None or threshold is None:
        return None
    return True if value >= threshold else None if at_least else False


def _elsewhere(book: Rulebook, procurement: Procurement, *, applies: bool) -> Iterator[str]:
    if not applies:
        why = book.why_not_in(procurement.nation)
        yield f"{book.name}'s thresholds do not apply in {procurement.nation}. {why}"
