"""The desk: what can be asked of the service, as plain functions that know nothing of HTTP.

The API and the officer's pages both go through it, so that both give the same answers, keep
the same records and refuse in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import msgspec

from api.answer import (
    Answer,
    Answered,
    Brief,
    Change,
    Decided,
    Decision,
    Found,
    Replay,
    Saved,
)
from api.errors import Missing
from api.records import Entry, Exposed, Kind, New, Records, Shown, digest
from api.settings import Settings
from matcher.answers import Refusal, refusal, with_wholes
from matcher.errors import BadLot, NotLawful
from matcher.matcher import Matcher
from matcher.request import Request
from matcher.sources.lots import given_lots
from matcher.summary import facts
from matcher.types import Fact, Lot, Organisation
from matcher.why import Why, why

Today: TypeAlias = Callable[[], date]

_encode = msgspec.json.Encoder(order="deterministic").encode
_decode_answer = msgspec.json.Decoder(Answer).decode
_decode_decision = msgspec.json.Decoder(Decision).decode


@dataclass(frozen=True)
class Desk:
    """An open matcher with its records."""

    matcher: Matcher
    records: Records
    today: Today = date.today

    @classmethod
    def open(cls, settings: Settings) -> Desk:
        """The desk that the settings describe.

        Raises RegisterError, BundleError or RecordsError for what cannot be opened.
        """
        return cls(
            Matcher.open(settings.register, settings.bundle), Records.open(settings.records_url)
        )

    def close(self) -> None:
        """Let go of the records."""
        self.records.close()

    # --- asking ------------------------------------------------------------------------

    def lots(self, given: object, name: str = "text") -> Found:
        """The lots in a text, in the fields of one lot, or in an OCDS notice.

        Raises BadLot where none of it can be asked about.
        """
        lots, tally = given_lots(given, name)
        return Found(tuple(lots), dict(tally.set_aside))

    def ask(self, lots: Mapping[str, object], request: Request) -> Answered:
        """A shortlist for each lot given under a key, kept under its id; or why there is none.

        A lot is given as `lots` takes it.
        """
        answers: dict[str, Answer] = {}
        errors: dict[str, Refusal] = {}
        for key, one in self._each(lots, request):
            if isinstance(one, Refusal):
                errors[key] = one
            else:
                answers[key] = one
        self.records.append([_kept(answer) for answer in answers.values()])
        return Answered(answers, errors)

    def _each(
        self, lots: Mapping[str, object], request: Request
    ) -> Iterator[tuple[str, Answer | Refusal]]:
        for key, given in lots.items():
            try:
                found = self.lots(given, key).lots
            except BadLot as wrong:
                yield key, Refusal(key, "", str(wrong))
                continue
            for lot, asked in with_wholes(self.matcher, found, request):
                yield _key(key, lot, found), self._answer(lot, asked)

    def _answer(self, lot: Lot, request: Request) -> Answer | Refusal:
        asked = replace(request, on=None if lot.day else request.on or self.today())
        try:
            shortlist = self.matcher.shortlist(lot, asked)
        except (NotLawful, BadLot) as wrong:
            return refusal(lot, wrong)
        book = digest(_encode(self.matcher.rulebook))
        of = (lot, asked, shortlist.register, shortlist.model, book)
        return Answer.of(shortlist, id=digest(_encode(of))[:24], request=asked, rulebook=book)

    # --- what was kept -----------------------------------------------------------------

    def saved(self, id_: str) -> Saved:
        """The shortlist kept under an id, with what was decided on it.

        Raises Missing where there is none.
        """
        held = self.records.about(id_)
        first = next((entry for entry in held if entry.kind is Kind.SHORTLIST), None)
        if first is None:
            raise Missing(f"no shortlist {id_!r} is kept here; ids come with the answers")
        return Saved(
            id=id_,
            at=first.at,
            seq=first.seq,
            answer=_decode_answer(_body(first)),
            decisions=tuple(_decided(entry) for entry in held if entry.kind is Kind.DECISION),
            hash=first.hash,
        )

    def past(self, limit: int = 50, before: int | None = None) -> Sequence[Brief]:
        """The shortlists kept last, newest first; `before` is the number to go on from."""
        return [_brief(entry) for entry in self.records.newest(Kind.SHORTLIST, limit, before)]

    def replay(self, id_: str) -> Replay:
        """Ask again what was asked, and compare the answers byte for byte."""
        saved = self.saved(id_)
        was = saved.answer
        now = self._answer(was.lot, was.request)
        if isinstance(now, Refusal):
            return Replay(id_, False, (Change("answer", "a shortlist", now.message),))
        if _encode(now) == _encode(was):
            return Replay(id_, True)
        return Replay(id_, False, tuple(_changes(was, now)))

    def why(self, id_: str, provider: str) -> Why:
        """Why a provider is on a kept shortlist, or why it is not.

        Raises Missing where the register does not know the provider.
        """
        answer = self.saved(id_).answer
        return why(self.matcher, answer.lot, answer.request, self._row(provider))

    def decide(self, id_: str, decision: Decision) -> Saved:
        """Keep what a named person decided on a shortlist; earlier decisions stay."""
        saved = self.saved(id_)
        number = len(saved.decisions) + 1
        shown = [
            Shown(c.provider, c.outcome, None, saved.answer.purpose, self.today().isoformat())
            for c in decision.choices
            if c.outcome in {"invited", "chosen"}
        ]
        entry = New(Kind.DECISION, f"{id_}.{number}", id_, _encode(decision), tuple(shown))
        self.records.append([entry])
        return self.saved(id_)

    def exposure(
        self, *, since: date | None = None, until: date | None = None, purpose: str = ""
    ) -> Sequence[Exposed]:
        """Who was suggested, invited and chosen how often, most often first."""
        return self.records.exposure(
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
            purpose=purpose,
        )

    # --- providers ---------------------------------------------------------------------

    def provider(self, id_: str) -> tuple[Organisation, Sequence[Fact]]:
        """One provider with everything known of it, each fact with its source and date.

        Raises Missing where the register does not know it.
        """
        one = self.matcher.register.organisations[self._row(id_)]
        return one, facts(one.records)

    def _row(self, id_: str) -> int:
        row = self.matcher.register.row(id_)
        if row is None:
            raise Missing(f"no provider {id_!r} in this register; ids look like GB-CHC-1234567")
        return row


def _key(key: str, lot: Lot, found: Sequence[Lot]) -> str:
    return key if len(found) == 1 else f"{key}/{lot.id.partition('#')[2] or lot.id}"


def _kept(answer: Answer) -> New:
    shown = tuple(
        Shown(one.id, "suggested", one.rank, answer.purpose, answer.on.isoformat())
        for one in answer.suggestions
    )
    return New(Kind.SHORTLIST, answer.id, answer.id, _encode(answer), shown)


def _body(entry: Entry) -> bytes:
    if entry.body is None:
        raise Missing(f"shortlist {entry.id!r} was removed once its time to be kept had passed")
    return entry.body


def _decided(entry: Entry) -> Decided:
    return Decided(entry.id, entry.at, _decode_decision(_body(entry)))


def _brief(entry: Entry) -> Brief:
    answer = _decode_answer(_body(entry))
    return Brief(
        entry.id,
        entry.seq,
        entry.at,
        answer.lot.title,
        answer.purpose,
        len(answer.suggestions),
        0,
    )


def _changes(was: Answer, now: Answer) -> Iterator[Change]:
    for what in ("register", "model", "rulebook"):
        then, today = getattr(was, what), getattr(now, what)
        if then != today:
            yield Change(what, then, today)
    then_ids, now_ids = (" ".join(s.id for s in one.suggestions) for one in (was, now))
    if then_ids != now_ids:
        yield Change("suggestions", then_ids, now_ids)
