"""Lots as a client sends them: read, or refused one by one, and counted."""

from __future__ import annotations

from matcher.core.errors import BadInput, BadLot
from matcher.core.types import Lot
from matcher.ranking.batch import Refusal
from matcher.sources.notices.lots import LotCheck, lots_from_input


def read_lots(key: str, content: object, check: LotCheck) -> list[Lot] | Refusal:
    """The lots in a text, in one lot's fields or in an OCDS notice; or why there is none.

    A `Lot` is one that was read before: it is returned as it is.
    """
    if isinstance(content, Lot):
        return [content]
    try:
        lots, _ = lots_from_input(content, key, check)
    except BadLot as error:
        return Refusal(key, "", str(error))
    return lots


def check_lot_count(field: str, lots: int, most: int | None) -> None:
    """Raise BadInput for more than `most` lots, the lots of notices counted one by one."""
    if most is not None and lots > most:
        raise BadInput(
            f"{field}: {lots:,} lots are more than {most:,}, the lots of notices counted one by "
            "one; ask in several requests"
        )
