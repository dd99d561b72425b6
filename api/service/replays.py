"""What differs where a kept shortlist is asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from api.records.entry import Entry, digest
from api.service.entries import encode
from api.service.results import Answer, Difference, ReplayResult
from matcher.ranking.batch import Refusal


def compared(id_: str, entry: Entry, then: Answer, now: Answer | Refusal) -> ReplayResult:
    """The answer kept under `id_` as `entry`, compared with the one of now byte for byte."""
    if isinstance(now, Refusal):
        return ReplayResult(id_, False, (Difference("answer", "a shortlist", now.message),))
    if then.procurement is None:
        now = replace(now, procurement=None, cpv_suggestions=())
        same = encode(now) == encode(then) and _is_intact(entry)
    else:
        same = encode(now) == entry.body
    return ReplayResult.of(id_, same, _differences(entry, then, now))


def _is_intact(entry: Entry) -> bool:
    """Whether the kept body is as it was written."""
    return entry.body is not None and digest(entry.body) == entry.digest


def _differences(entry: Entry, then: Answer, now: Answer) -> Iterator[Difference]:
    """What differs, causes before effects."""
    if entry.body is not None and not _is_intact(entry):
        yield Difference("record", "as written", "an organisation's fields were removed since")
    yield from Difference.between(_causes(then), _causes(now))
    then_ids, now_ids = (" ".join(s.id for s in answer.suggestions) for answer in (then, now))
    if then_ids != now_ids:
        yield Difference("suggestions", then_ids, now_ids)
    elif encode(then.suggestions) != encode(now.suggestions):
        yield Difference(
            "suggestions", "the same, in the same order", "with other reasons or scores"
        )


def _causes(answer: Answer) -> dict[str, str]:
    return {
        "register": answer.register,
        "model": answer.model,
        "rulebook": answer.rulebook,
        "procedure": answer.procedure.digest if answer.procedure else "",
    }
