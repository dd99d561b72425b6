"""Whom the words of a shortlist may name besides the providers on it.

The title of a past contract may name each of its winners.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.service.results import Answer
from matcher.core.types import Provider
from matcher.register.current_snapshot import current_name
from matcher.register.register import Register
from matcher.register.unfinished import Removal


@dataclass(frozen=True, slots=True)
class _AwardId:
    """As much of an award as is read to find the contracts that an answer shows."""

    id: str


def named_in(answer: Answer, register: Register) -> Mapping[str, Sequence[Provider]]:
    """The records of those on a list, and of the winners of the contracts that it shows, by id.

    `register` is as it was when the answer was computed.  None is read as long as it is in force
    and nobody is being removed from it: then it has nobody who was removed.
    """
    path, snapshot = register.folder.parent, register.folder.name
    if current_name(path) == snapshot and Removal.of(path).snapshot != snapshot:
        return {}
    listed = {row for one in answer.suggestions if (row := register.row(one.id)) is not None}
    shown = {past.id for one in answer.suggestions for past in one.past}
    ids = register.awards.read_as(_AwardId)
    won = {number for row in listed for number in register.won.of(row).tolist()}
    beside = {
        row
        for number in won
        if ids[number].id in shown
        for row in register.winners.of(number).tolist()
    }
    organisations = (register.organisations[row] for row in sorted(listed | beside))
    return {each.provider.id: each.records for each in organisations}
