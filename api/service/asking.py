"""Asks the matcher for a shortlist for each lot of a request."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from api.service import entries
from api.service.context import ServiceContext
from api.service.results import Answer
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.identifiers import id_in_notice
from matcher.core.types import Lot
from matcher.law.procedure_rules import ProcedureRules
from matcher.law.types import Purpose
from matcher.ranking.batch import (
    Refusal,
    Task,
    queries,
    refusal,
    with_whole_value,
    with_whole_values,
)
from matcher.ranking.matcher import Matcher
from matcher.ranking.procedure_check import check
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from matcher.ranking.sharing import shared_requests
from matcher.sources.notices.lots import LotCheck, lots_from_input, most_lots_of_one_supplier
from matcher.sources.notices.whole_value import NoticeLots


@dataclass(frozen=True, slots=True)
class UnusableLot:
    """A lot that was sent with what no JSON has, such as NaN, and what is wrong with it."""

    why: str


def read_lots(key: str, content: object, check: LotCheck) -> list[Lot] | Refusal:
    """The lots in a text, in one lot's fields or in an OCDS notice; or why there is none.

    A `Lot` is one that was read before: it is returned as it is.
    """
    if isinstance(content, Lot):
        return [content]
    if isinstance(content, UnusableLot):
        return Refusal(key, "", content.why)
    try:
        lots, _ = lots_from_input(content, key, check)
    except BadLot as error:
        return Refusal(key, "", str(error))
    return lots


def left_out(key: str, lots: object) -> Iterator[tuple[str, Refusal]]:
    """The lots of a notice that get no answer, each with a key below that of the notice."""
    for where, why in lots.left_out.items() if isinstance(lots, NoticeLots) else ():
        place = id_in_notice(where) if "#" in where else where
        yield f"{key}/{place}", Refusal(where, "", why)


def check_lot_count(field: str, lots: int, most: int | None) -> None:
    """Raise BadInput for more than `most` lots, the lots of notices counted one by one."""
    if most is not None and lots > most:
        raise BadInput(
            f"{field}: {lots:,} lots are more than {most:,}, the lots of notices counted one by "
            "one; ask in several requests"
        )


MOST_SUGGESTIONS = 5_000
"""in one answer, about 40 MB; each is explained, encoded and kept"""
MOST_IN_LINES = 20_000
"""in one request whose shortlists are kept and sent one after another"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """How the lots of one request belong together, and how many there can be.

    `procedure` names the contract procedure rules to check lists against.  `as_one` says whether
    all lots belong to one procurement, so that their values are added up.  Each provider is on at
    most `most_lists` lists; without it, on as many of a notice as the notice allows.
    """

    procedure: str = ""
    as_one: bool | None = None
    most_lots: int | None = None
    most_lists: int | None = None
    most_suggestions: int = MOST_SUGGESTIONS


def answers(
    context: ServiceContext,
    lots: Mapping[str, object],
    request: Request,
    batch: Batch,
    matcher: Matcher,
) -> Iterator[tuple[str, Answer | Refusal]]:
    """The answer for each lot under its key, or why there is none.

    Raises BadInput for unknown procedure rules, too many lots, or where `as_one` is needed.
    """
    rules = context.procedure(batch.procedure)
    if batch.as_one is None and request.purpose is not Purpose.ENGAGEMENT and len(lots) > 1:
        raise BadInput(
            f"as_one: is missing; for purpose {request.purpose.value} with {len(lots)} lots, "
            "give true where they are lots of one procurement (their total value is compared "
            "with the threshold), or false where each is a procurement of its own"
        )
    read = {key: read_lots(key, content, matcher.place_check) for key, content in lots.items()}
    readable = NoticeLots.joined(one for one in read.values() if isinstance(one, list))
    check_lot_count("lots", len(readable), batch.most_lots)
    _check_size(len(readable), request.limit, batch.most_suggestions)
    if batch.as_one:
        request = with_whole_value(matcher, readable, request, readable.wholes)
    own = {
        key: [
            (lot, _dated(context, lot, each))
            for lot, each in with_whole_values(matcher, one, request)
        ]
        for key, one in read.items()
        if not isinstance(one, Refusal)
    }
    own = _shared(matcher, own, lots, batch.most_lists)
    each_answer = answer_each(context, matcher, chain.from_iterable(own.values()), rules)
    for key, result in read.items():
        if isinstance(result, Refusal):
            yield key, result
            continue
        for lot, _ in own[key]:
            yield _lot_key(key, lot, result, lots), next(each_answer)
        yield from left_out(key, result)


def _dated(context: ServiceContext, lot: Lot, request: Request) -> Request:
    return replace(request, on=None if lot.day else request.on or context.today())


def answer_each(
    context: ServiceContext, matcher: Matcher, tasks: Iterable[Task], rules: ProcedureRules | None
) -> Iterator[Answer | Refusal]:
    """The answer for each lot, in order."""
    dated = ((lot, _dated(context, lot, request)) for lot, request in tasks)
    for task, query in queries(dated, matcher.query):
        yield _answer(context, matcher, task, query, rules)


def _answer(
    context: ServiceContext,
    matcher: Matcher,
    task: Task,
    query: Query | Refusal,
    rules: ProcedureRules | None,
) -> Answer | Refusal:
    lot, request = task
    if isinstance(query, Refusal):
        return query
    try:
        shortlist = matcher.answer(query, request)
        procedure = check(matcher, lot, request, shortlist, rules) if rules else None
    except (NotLawful, BadLot) as error:
        return refusal(lot, error)
    rulebook = context.rulebook_digest
    id_ = entries.answer_id(
        lot,
        request,
        shortlist.register,
        shortlist.model,
        rulebook,
        rules.digest if rules else "",
    )
    return Answer.of(shortlist, id=id_, request=request, rulebook=rulebook, procedure=procedure)


def _shared(
    matcher: Matcher,
    own: Mapping[str, list[tuple[Lot, Request]]],
    contents: Mapping[str, object],
    most: int | None,
) -> dict[str, list[tuple[Lot, Request]]]:
    """The lots of each key with their requests, in which providers are shared out over lots.

    `most` concerns all lots; without it, what a notice says concerns its own.
    """
    if most is not None:
        groups = [(list(own), most)]
    else:
        said = {key: most_lots_of_one_supplier(contents[key]) for key in own}
        groups = [([key], limit) for key, limit in said.items() if limit is not None]
    shared = dict(own)
    for keys, limit in groups:
        pairs = [pair for key in keys for pair in own[key]]
        if len(pairs) > limit:
            requests = iter(shared_requests(matcher, pairs, limit))
            shared |= {key: [(lot, next(requests)) for lot, _ in own[key]] for key in keys}
    return shared


def _check_size(lots: int, limit: int, most: int) -> None:
    if lots * limit <= most:
        return
    ways = [f"ask for {most // limit:,} lots at a time"]
    if lots <= most:
        ways.append(f"with a limit of {most // lots:,}")
    if most < MOST_IN_LINES:
        ways.append(f"for up to {MOST_IN_LINES:,} in lines, with 'Accept: application/x-ndjson'")
    raise BadInput(
        f"lots: {lots:,} lots with limit {limit:,} are up to {lots * limit:,} suggestions, and "
        f"one answer can have {most:,}; {', or '.join(ways)}"
    )


def _lot_key(key: str, lot: Lot, lots: Sequence[Lot], keys: Container[str]) -> str:
    """The key of one of the lots sent under `key`: with several, `key/lot`."""
    if len(lots) == 1:
        return key
    own = f"{key}/{id_in_notice(lot.id)}"
    if own in keys:
        raise BadInput(
            f"lots: key {own!r} is also the key of lot {lot.id} of {key!r}; give another key"
        )
    return own
