"""Shortlists: asked for, kept, explained, decided on, exported and replayed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from msgspec import Raw

from api.records.entry import Entry, EntryKind, NewEntry, digest
from api.service import entries, exports
from api.service.context import ServiceContext
from api.service.decisions import checked
from api.service.entries import encode
from api.service.lots import check_lot_count, read_lots
from api.service.outcomes import checked_outcome
from api.service.register import provider_row
from api.service.results import (
    Answer,
    BatchAnswers,
    Decision,
    Difference,
    EncodedAnswers,
    Export,
    KeptShortlist,
    RecordedOutcome,
    ReplayResult,
    ShortlistSummary,
)
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
from matcher.ranking.why import Explanation, as_kept, why
from matcher.sources.notices.lots import most_lots_of_one_supplier
from matcher.sources.notices.whole_value import NoticeLots

MOST_SUGGESTIONS = 5_000
"""in one answer, about 40 MB; each is explained, encoded and kept"""
MOST_IN_LINES = 20_000
"""in one request whose shortlists are kept and sent one after another"""

_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """The most lots and suggestions of one request, and lists that one provider can be on."""

    lots: int | None
    suggestions: int
    lists: int | None = None


@dataclass(frozen=True, slots=True)
class ShortlistService:
    """Asks the matcher for shortlists, and keeps them and the decisions on them."""

    context: ServiceContext

    def ask(
        self,
        lots: Mapping[str, object],
        request: Request,
        *,
        procedure: str = "",
        as_one: bool | None = None,
    ) -> BatchAnswers:
        """A shortlist for each lot, under the lot's key; or why there is none.

        A lot is one lot's fields, an OCDS notice, plain text, or a `Lot`.  `procedure` names the
        contract procedure rules to check lists against.  `as_one` says whether all
        lots belong to one procurement, so that their values are added up.
        Shortlists are kept before this returns.
        Raises BadInput for unknown procedure rules, and where `as_one` is needed.
        """
        encoded = self.ask_encoded(lots, request, procedure=procedure, as_one=as_one)
        answers = {key: entries.decode_answer(body) for key, body in encoded.shortlists.items()}
        return BatchAnswers(answers, encoded.errors)

    def ask_encoded(
        self,
        lots: Mapping[str, object],
        request: Request,
        *,
        procedure: str = "",
        as_one: bool | None = None,
        most_lots: int | None = None,
        most_lists: int | None = None,
    ) -> EncodedAnswers:
        """As `ask`, with the bytes of each shortlist as it is kept.

        A batch is held in memory as bytes only: as objects it takes several times as much.
        Each provider is on the lists of at most `most_lists` lots; without it, of as many lots of
        a notice as the notice allows.
        Raises BadInput for more than `most_lots`, the lots of tenders counted one by one.
        """
        limits = Limits(most_lots, MOST_SUGGESTIONS, most_lists)
        results = self._results(lots, request, procedure, as_one, limits)
        new: dict[str, NewEntry] = {}
        errors: dict[str, Refusal] = {}
        for key, result in results:
            if isinstance(result, Refusal):
                errors[key] = result
            else:
                new[key] = entries.shortlist_entry(result)
        bodies = self.context.records.append(list(new.values()))
        return EncodedAnswers(dict(zip(new, map(Raw, bodies), strict=True)), errors)

    def ask_each(
        self,
        lots: Mapping[str, object],
        request: Request,
        *,
        procedure: str = "",
        as_one: bool | None = None,
        most_lots: int | None = None,
        most_lists: int | None = None,
    ) -> Iterator[tuple[str, Raw | Refusal]]:
        """As `ask_encoded`, lot after lot; each shortlist is kept before it is yielded."""
        limits = Limits(most_lots, MOST_IN_LINES, most_lists)
        results = self._results(lots, request, procedure, as_one, limits)
        for key, result in results:
            if isinstance(result, Refusal):
                yield key, result
            else:
                (body,) = self.context.records.append([entries.shortlist_entry(result)])
                yield key, Raw(body)

    def _results(
        self,
        lots: Mapping[str, object],
        request: Request,
        procedure: str,
        as_one: bool | None,
        limits: Limits,
    ) -> Iterator[tuple[str, Answer | Refusal]]:
        rules = self.context.procedure(procedure)
        if as_one is None and request.purpose is not Purpose.ENGAGEMENT and len(lots) > 1:
            raise BadInput(
                f"as_one: is missing; for purpose {request.purpose.value} with {len(lots)} lots, "
                "give true where they are lots of one procurement (their total value is compared "
                "with the threshold), or false where each is a procurement of its own"
            )
        matcher = self.context.matcher
        read = {key: read_lots(key, content, matcher.place_check) for key, content in lots.items()}
        readable = NoticeLots.joined(one for one in read.values() if isinstance(one, list))
        check_lot_count("lots", len(readable), limits.lots)
        _check_size(len(readable), request.limit, limits.suggestions)
        if as_one:
            request = with_whole_value(matcher, readable, request, readable.wholes)
        own = {
            key: [
                (lot, self._dated(lot, each))
                for lot, each in with_whole_values(matcher, one, request)
            ]
            for key, one in read.items()
            if not isinstance(one, Refusal)
        }
        own = _shared(matcher, own, lots, limits.lists)
        answers = self._answers(matcher, chain.from_iterable(own.values()), rules)
        for key, result in read.items():
            if isinstance(result, Refusal):
                yield key, result
                continue
            for lot, _ in own[key]:
                yield _lot_key(key, lot, result, lots), next(answers)

    def _dated(self, lot: Lot, request: Request) -> Request:
        return replace(request, on=None if lot.day else request.on or self.context.today())

    def _answers(
        self, matcher: Matcher, tasks: Iterable[Task], rules: ProcedureRules | None
    ) -> Iterator[Answer | Refusal]:
        """The answer for each lot, in order."""
        dated = ((lot, self._dated(lot, request)) for lot, request in tasks)
        for (lot, request), query in queries(matcher, dated):
            yield self._answer(matcher, lot, request, query, rules)

    def _answer(
        self,
        matcher: Matcher,
        lot: Lot,
        request: Request,
        query: Query | Refusal,
        rules: ProcedureRules | None,
    ) -> Answer | Refusal:
        if isinstance(query, Refusal):
            return query
        try:
            shortlist = matcher.answer(query, request)
            procedure = check(matcher, lot, request, shortlist, rules) if rules else None
        except (NotLawful, BadLot) as error:
            return refusal(lot, error)
        rulebook = self.context.rulebook_digest
        id_ = entries.answer_id(
            lot,
            request,
            shortlist.register,
            shortlist.model,
            rulebook,
            rules.digest if rules else "",
        )
        return Answer.of(shortlist, id=id_, request=request, rulebook=rulebook, procedure=procedure)

    def get(self, id_: str) -> KeptShortlist:
        """The shortlist kept under an id, with the decisions on it.

        Raises Missing where there is none.
        """
        return entries.kept_shortlist(id_, self.context.records.about(id_))

    def recent(
        self, limit: int = 50, *, before: int | None = None, containing: str = ""
    ) -> Sequence[ShortlistSummary]:
        """The kept shortlists, newest first; `before` is the entry number to continue from.

        `containing` keeps those whose lot's title contains this text, in any case.
        """
        records = self.context.records
        kept = list(islice(self._matching(before, containing.casefold()), limit))
        decisions = records.counted(EntryKind.DECISION, [entry.id for entry in kept])
        return [entries.summary(entry, decisions.get(entry.id, 0)) for entry in kept]

    def _matching(self, before: int | None, containing: str) -> Iterator[Entry]:
        """The kept shortlists that still have a body and whose title matches, newest first."""
        while page := self.context.records.newest(EntryKind.SHORTLIST, _PAGE_SIZE, before):
            yield from (
                entry
                for entry in page
                if entry.body is not None and containing in entries.title(entry).casefold()
            )
            before = page[-1].seq

    def replay(self, id_: str) -> ReplayResult:
        """Ask the same again, and compare the answers byte for byte."""
        about = self.context.records.about(id_)
        then = entries.kept_shortlist(id_, about).answer
        entry = entries.newest_body(about, EntryKind.SHORTLIST)
        rules = self.context.procedures.get(then.procedure.pack) if then.procedure else None
        (now,) = self._answers(self.context.matcher, [(then.lot, then.request)], rules)
        if isinstance(now, Refusal):
            return ReplayResult(id_, False, (Difference("answer", "a shortlist", now.message),))
        if then.procurement is None:
            now = replace(now, procurement=None, cpv_suggestions=())
            same = encode(now) == encode(then) and _is_intact(entry)
        else:
            same = entry is None or encode(now) == entry.body
        if entry is None or same:
            return ReplayResult(id_, True)
        return ReplayResult(id_, False, tuple(_differences(entry, then, now)))

    def why(self, id_: str, provider: str) -> Explanation:
        """Why a provider is on a kept shortlist, or why it is not.

        Where the register was built again since, a listed provider is explained from the kept
        list.  Any other provider is explained from today's register, and the answer says so.
        Raises Missing where the register lacks the provider.
        """
        answer, matcher = self.get(id_).answer, self.context.matcher
        if answer.register == matcher.register.version:
            return why(matcher, answer.lot, answer.request, provider_row(matcher, provider))
        listed = next((each for each in answer.suggestions if each.id == provider), None)
        if listed is not None:
            return as_kept(answer, listed)
        today = why(matcher, answer.lot, answer.request, provider_row(matcher, provider))
        since = (
            f"The register was built again since (then {answer.register}); this answer uses "
            "today's register."
        )
        return replace(today, because=f"{today.because} {since}")

    def decide(self, id_: str, decision: Decision) -> KeptShortlist:
        """Keep what a named person decided on a shortlist; earlier decisions stay.

        A signed-in person decides under their own name.
        Raises BadInput naming what the decision lacks.
        """
        kept = self.get(id_)
        decision = replace(decision, by=self.context.sender.person or decision.by)
        complete = checked(decision, kept, self.context.matcher.register)
        self.context.records.append([entries.decision_entry(kept, complete)])
        return self.get(id_)

    def record_outcome(self, id_: str, outcome: RecordedOutcome) -> KeptShortlist:
        """Keep what became of the providers of a shortlist; earlier outcomes stay.

        A signed-in person records it under their own name.
        Raises BadInput naming what the outcome lacks.
        """
        kept = self.get(id_)
        outcome = replace(outcome, by=self.context.sender.person or outcome.by)
        complete = checked_outcome(outcome, kept, self.context.matcher.register)
        self.context.records.append([entries.outcome_entry(kept, complete)])
        return self.get(id_)

    def export(self, id_: str, form: str) -> Export:
        """A kept shortlist as a file, 'csv' or 'xlsx', with the last decision.

        Raises Undecided for a list of providers to invite without a decision.
        """
        content = exports.WRITERS[form](self.get(id_))
        return Export(f"shortlist-{id_}.{form}", exports.MEDIA_TYPES[form], content)


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


def _is_intact(entry: Entry | None) -> bool:
    """Whether the kept body is as it was written."""
    return entry is None or (entry.body is not None and digest(entry.body) == entry.digest)


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
