"""Why lots got no list, as an officer reads it above the form of the lots."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from api.pages.drafts import LotRefusal
from api.pages.labels import PURPOSES
from matcher.core.formatting import series
from matcher.ranking.batch import Refusal

_ASK_FOR = re.compile(r"(?<!\s)\s*Ask for [^.]{0,300}\.?$")
"""The last sentence of a refusal, which names what is offered instead."""
_PURPOSE = re.compile(r"\bpurpose (engagement|invite|reserved)\b")


def lot_refusals(refused: Mapping[int, Refusal], total: int) -> Iterator[LotRefusal]:
    """The refusals of lots by their index, with equal ones told once."""
    groups: dict[str, list[int]] = {}
    for index, refusal in refused.items():
        groups.setdefault(_in_one_sentence(refusal), []).append(index)
    for message, indexes in groups.items():
        numbers = series(str(index + 1) for index in indexes)
        one = len(indexes) == 1
        which = f"Lot {numbers}: " if one else f"Lots {numbers}: "
        field = f"lot-{indexes[0]}" if one else "purpose"
        yield LotRefusal(field, message if len(indexes) == total else f"{which}{message}")


def with_vat_added(refusal: Refusal, vat: float) -> Refusal:
    """A refusal that says that VAT was added to what the form does not mark as including it."""
    added = f"(with {vat:.0%} VAT added where “This includes VAT” is not ticked)"
    told = refusal.message.replace(f"(with {vat:.0%} VAT added)", added)
    return replace(refusal, message=told.replace("(including VAT)", added))


def _in_one_sentence(refusal: Refusal) -> str:
    """A refusal as one sentence, with the way out first."""
    why = _ASK_FOR.sub("", refusal.message).rstrip(".")
    why = _PURPOSE.sub(lambda found: f"“{PURPOSES[found[1]]}”", why)
    cited = f"{why} ({refusal.rule})" if refusal.rule else why
    if refusal.offer in PURPOSES:
        return f"Choose “{PURPOSES[refusal.offer]}”, because {cited}"
    if refusal.offer:
        return f"Ask for {refusal.offer}, because {cited}"
    return cited[:1].upper() + cited[1:]
