"""Shortlists: asked for, kept, explained, decided on, exported and replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from msgspec import Raw

from api.records.entry import Entry, EntryKind, NewEntry, digest
from api.service import asking, entries, exports
from api.service.asking import MOST_IN_LINES, Batch
from api.service.context import ServiceContext
from api.service.decisions import checked, checked_outcome
from api.service.entries import encode
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
from matcher.ranking.batch import Refusal
from matcher.ranking.request import Request
from matcher.ranking.why import Explanation, as_kept, why_each

_PAGE_SIZE = 200


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

        A lot is one lot's fields, an OCDS notice, plain text, or a `Lot`.  `procedure` and `as_one`
        are as in `Batch`.  Shortlists are kept before this returns.
        Raises BadInput for unknown procedure rules, and where `as_one` is needed.
        """
        batch = Batch(procedure=procedure, as_one=as_one)
        encoded = self.ask_encoded(lots, request, batch)
        answers = {key: entries.decode_answer(body) for key, body in encoded.shortlists.items()}
        return BatchAnswers(answers, encoded.errors)

    def ask_encoded(
        self, lots: Mapping[str, object], request: Request, batch: Batch
    ) -> EncodedAnswers:
        """As `ask`, with the bytes of each shortlist as it is kept.

        A batch is held in memory as bytes only: as objects it takes several times as much.
        Raises BadInput for too many lots, the lots of tenders counted one by one.
        """
        new: dict[str, NewEntry] = {}
        errors: dict[str, Refusal] = {}
        for key, result in self._entries(lots, request, batch):
            if isinstance(result, Refusal):
                errors[key] = result
            else:
                new[key] = result
        bodies = self.context.records.append(list(new.values()))
        return EncodedAnswers(dict(zip(new, map(Raw, bodies), strict=True)), errors)

    def ask_each(
        self,
        lots: Mapping[str, object],
        request: Request,
        batch: Batch = Batch(),  # noqa: B008 - it never changes
    ) -> Iterator[tuple[str, Raw | Refusal]]:
        """As `ask_encoded`, lot after lot; each shortlist is kept before it is yielded."""
        batch = replace(batch, most_suggestions=MOST_IN_LINES)
        for key, result in self._entries(lots, request, batch):
            if isinstance(result, Refusal):
                yield key, result
            else:
                (body,) = self.context.records.append([result])
                yield key, Raw(body)

    def _entries(
        self, lots: Mapping[str, object], request: Request, batch: Batch
    ) -> Iterator[tuple[str, NewEntry | Refusal]]:
        """Each lot's key with its shortlist, ready to be kept, or why there is none."""
        matcher = self.context.matcher
        for key, result in asking.answers(self.context, lots, request, batch, matcher):
            if isinstance(result, Refusal):
                yield key, result
            else:
                yield key, entries.shortlist_entry(result, matcher.register)

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
        entry = entries.shortlist_in(self.context.records.about(id_), id_)
        then = entries.kept_answer(entry)
        rules = self.context.procedures.get(then.procedure.pack) if then.procedure else None
        (now,) = asking.answer_each(
            self.context, self.context.matcher, [(then.lot, then.request)], rules
        )
        return compared(id_, entry, then, now)

    def why(self, id_: str, provider: str) -> Explanation:
        """Why a provider is on a kept shortlist, or why it is not.

        Where the register was built again since, a listed provider is explained from the kept
        list.  Any other provider is explained from today's register, and the answer says so.
        Raises Missing where the register lacks the provider.
        """
        return self.why_each(id_, [provider])[0]

    def why_each(self, id_: str, providers: Sequence[str]) -> list[Explanation]:
        """As `why`, for each of several providers; the lot is asked once for all."""
        answer, matcher = self.get(id_).answer, self.context.matcher
        is_same = answer.register == matcher.register.version
        kept = {} if is_same else {listed.id: listed for listed in answer.suggestions}
        asked = [id_ for id_ in providers if id_ not in kept]
        rows = [provider_row(matcher, id_) for id_ in asked]
        found = dict(zip(asked, why_each(matcher, answer.lot, answer.request, rows), strict=True))
        since = (
            f" The register was built again since (then {answer.register}); this answer uses "
            "today's register."
        )
        if not is_same:
            found = {id_: replace(x, because=f"{x.because}{since}") for id_, x in found.items()}
        return [found[id_] if id_ in found else as_kept(answer, kept[id_]) for id_ in providers]

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


def compared(id_: str, entry: Entry, then: Answer, now: Answer | Refusal) -> ReplayResult:
    """The answer kept under `id_` as `entry`, compared with the one of now byte for byte."""
    if isinstance(now, Refusal):
        return ReplayResult(id_, False, (Difference("answer", "a shortlist", now.message),))
    if then.procurement is None:
        now = replace(now, procurement=None, cpv_suggestions=())
    now = entries.as_then(now, then)
    same = encode(now) == encode(then) and _is_intact(entry)
    return ReplayResult.of(id_, same, _differences(entry, then, now))


def _is_intact(entry: Entry) -> bool:
    """Whether the kept body is as it was written."""
    return entry.body is not None and digest(entry.body) == entry.digest


def _differences(entry: Entry, then: Answer, now: Answer) -> Iterator[Difference]:
    """What differs, causes before effects; where neither tells, the fields that differ."""
    told = [*_told(entry, then, now)]
    yield from told or Difference.of_fields(then, now)


def _told(entry: Entry, then: Answer, now: Answer) -> Iterator[Difference]:
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
