"""The desk: what can be asked of the service, as plain functions that know nothing of HTTP.

The API and the officer's pages both go through it, so that both give the same answers, keep
the same records and refuse in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import islice
from threading import Lock
from typing import TypeAlias

from api.errors import Missing
from api.records.records import (
    Entry,
    EntryKind,
    Exposure,
    Records,
    digest,
)
from api.service import (
    entries,
    exports,
    metadata,
)
from api.service import (
    transparency as atrs,
)
from api.service.decisions import checked
from api.service.entries import encode
from api.service.results import (
    Answer,
    Answered,
    Decision,
    Difference,
    Export,
    LotsRead,
    ReplayResult,
    Saved,
    ShortlistSummary,
    Suppressed,
)
from api.service.suppression import suppress
from api.settings import Settings
from matcher.core.errors import BadInput, BadLot, NotLawful
from matcher.core.types import (
    Fact,
    Json,
    Lot,
    Organisation,
)
from matcher.law.procedure_rules import ProcedureRules, load_packs
from matcher.law.rulebook import Rulebook
from matcher.law.types import Purpose
from matcher.ranking.batch import (
    Refusal,
    refusal,
    with_whole_value,
    with_whole_values,
)
from matcher.ranking.matcher import Matcher
from matcher.ranking.procedure_check import check
from matcher.ranking.request import Request
from matcher.ranking.shortlist import PastContract
from matcher.ranking.why import Explanation, as_kept, why
from matcher.register.linkage.merge import facts
from matcher.register.place_search import Place, places_called
from matcher.register.search import (
    NameHit,
    NameQuery,
    beginning_with,
    look_up,
)
from matcher.sources.notices.lots import given_lots

Today: TypeAlias = Callable[[], date]

MOST_SUGGESTIONS = 20_000
"""In one request; each is explained, encoded and kept."""

_A_PAGE = 200


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider: the best of each field, each fact with its source, its past contracts."""

    organisation: Organisation
    facts: tuple[Fact, ...]
    past: tuple[PastContract, ...]


@dataclass
class ShortlistService:
    """An open matcher with its records, and the rule packs that can be named."""

    _matcher: Matcher
    records: Records
    packs: Mapping[str, ProcedureRules] = field(default_factory=dict)
    today: Today = date.today
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, settings: Settings) -> ShortlistService:
        """The desk that the settings describe.

        Raises RegisterError, BundleError, RecordsError or BadInput for what cannot be opened.
        """
        return cls(
            Matcher.open(settings.register, settings.bundle),
            Records.open(settings.records_url),
            load_packs(settings.procedures),
        )

    def close(self) -> None:
        """Let go of the records."""
        self.records.close()

    @property
    def matcher(self) -> Matcher:
        """The matcher over the register in force; a register built anew is taken up at once."""
        with self._lock:
            self._matcher = self._matcher.renewed()
            return self._matcher

    @cached_property
    def _rulebook(self) -> str:
        """The digest of the rulebook, which no renewal of the register changes."""
        return digest(encode(self._matcher.rulebook))

    # --- asking ------------------------------------------------------------------------

    def lots(self, given: object, name: str = "text") -> LotsRead:
        """The lots in a text, in the fields of one lot, or in an OCDS notice.

        Raises BadLot where none of it can be asked about.
        """
        lots, tally = given_lots(given, name)
        return LotsRead(tuple(lots), dict(tally.set_aside))

    def ask(
        self,
        lots: Mapping[str, object],
        request: Request,
        *,
        procedure: str = "",
        as_one: bool | None = None,
    ) -> Answered:
        """A shortlist for each lot given under a key, kept under its id; or why there is none.

        A lot is given as `lots` takes it.  `procedure` names the rule pack to check lists
        against.  `as_one` says whether all lots are of one procurement, and so valued together.
        Raises BadInput for a pack that there is not, and where `as_one` must be said.
        """
        given = dict(self._answers(lots, request, procedure, as_one))
        answers = {key: one for key, one in given.items() if isinstance(one, Answer)}
        self.records.append([entries.of_answer(answer) for answer in answers.values()])
        errors = {key: one for key, one in given.items() if isinstance(one, Refusal)}
        return Answered(answers, errors)

    def each(
        self,
        lots: Mapping[str, object],
        request: Request,
        *,
        procedure: str = "",
        as_one: bool | None = None,
    ) -> Iterator[tuple[str, Answer | Refusal]]:
        """As `ask`, one after another: each is kept before it is given out."""
        for key, one in self._answers(lots, request, procedure, as_one):
            if isinstance(one, Answer):
                self.records.append([entries.of_answer(one)])
            yield key, one

    def _answers(
        self,
        lots: Mapping[str, object],
        request: Request,
        procedure: str,
        as_one: bool | None,
    ) -> Iterator[tuple[str, Answer | Refusal]]:
        pack = self._pack(procedure)
        if as_one is None and request.purpose is not Purpose.ENGAGEMENT and len(lots) > 1:
            raise BadInput(
                f"as_one: is not said; for purpose {request.purpose.value} with {len(lots)} lots, "
                "say true where they are lots of one procurement (their values together are "
                "compared with the threshold), or false where each stands for itself"
            )
        matcher = self.matcher
        read = {key: self._read(key, given) for key, given in lots.items()}
        every = [lot for found in read.values() if isinstance(found, list) for lot in found]
        _check_size(len(every), request.limit)
        if as_one:
            request = with_whole_value(matcher, every, request)
        for key, found in read.items():
            if isinstance(found, Refusal):
                yield key, found
                continue
            for lot, whole in with_whole_values(matcher, found, request):
                yield _key(key, lot, found, lots), self._answer(matcher, lot, whole, pack)

    def _pack(self, procedure: str) -> ProcedureRules | None:
        if procedure and procedure not in self.packs:
            raise BadInput(
                f"procedure {procedure!r} is not known: give one of {', '.join(self.packs)}"
            )
        return self.packs.get(procedure)

    def _read(self, key: str, given: object) -> list[Lot] | Refusal:
        try:
            return list(self.lots(given, key).lots)
        except BadLot as wrong:
            return Refusal(key, "", str(wrong))

    def _answer(
        self, matcher: Matcher, lot: Lot, request: Request, pack: ProcedureRules | None
    ) -> Answer | Refusal:
        asked = replace(request, on=None if lot.day else request.on or self.today())
        try:
            shortlist = matcher.shortlist(lot, asked)
            done = check(matcher, lot, asked, shortlist, pack) if pack else None
        except (NotLawful, BadLot) as wrong:
            return refusal(lot, wrong)
        book, rules = self._rulebook, pack.digest if pack else ""
        of = (lot, asked, shortlist.register, shortlist.model, book, rules)
        id_ = digest(encode(of))[:24]
        return Answer.of(shortlist, id=id_, request=asked, rulebook=book, procedure=done)

    # --- what was kept -----------------------------------------------------------------

    def saved(self, id_: str) -> Saved:
        """The shortlist kept under an id, with what was decided on it.

        Raises Missing where there is none.
        """
        return entries.saved(id_, self.records.about(id_))

    def past(
        self, limit: int = 50, *, before: int | None = None, containing: str = ""
    ) -> Sequence[ShortlistSummary]:
        """The shortlists kept last, newest first; `before` is the number to go on from.

        `containing` keeps those whose lot's title has these letters.
        """
        kept = list(islice(self._kept(before, containing.casefold()), limit))
        decided = self.records.counted(EntryKind.DECISION, [entry.id for entry in kept])
        return [entries.brief(entry, decided.get(entry.id, 0)) for entry in kept]

    def _kept(self, before: int | None, containing: str) -> Iterator[Entry]:
        """The shortlists kept, newest first, whose body is there and whose title fits."""
        while page := self.records.newest(EntryKind.SHORTLIST, _A_PAGE, before):
            yield from (
                entry
                for entry in page
                if entry.body is not None and containing in entries.title(entry).casefold()
            )
            before = page[-1].seq

    def replay(self, id_: str) -> ReplayResult:
        """Ask again what was asked, and compare the answers byte for byte."""
        held = self.records.about(id_)
        was = entries.saved(id_, held).answer
        entry = next(entry for entry in held if entry.kind is EntryKind.SHORTLIST)
        pack = self.packs.get(was.procedure.pack) if was.procedure else None
        now = self._answer(self.matcher, was.lot, was.request, pack)
        if isinstance(now, Refusal):
            return ReplayResult(id_, False, (Difference("answer", "a shortlist", now.message),))
        if encode(now) == entry.body:
            return ReplayResult(id_, True)
        return ReplayResult(id_, False, tuple(_changes(entry, was, now)))

    def why(self, id_: str, provider: str) -> Explanation:
        """Why a provider is on a kept shortlist, or why it is not.

        Where the register was built anew since, whoever is on the list is told of it as it was
        kept, and whoever is not as things stand today, and the answer says so.
        Raises Missing where the register does not know the provider.
        """
        answer, matcher = self.saved(id_).answer, self.matcher
        if answer.register == matcher.register.version:
            return why(matcher, answer.lot, answer.request, _row(matcher, provider))
        kept = next((one for one in answer.suggestions if one.id == provider), None)
        if kept is not None:
            return as_kept(answer, kept)
        found = why(matcher, answer.lot, answer.request, _row(matcher, provider))
        since = f"The register was built anew since ({answer.register} then); this is of today."
        return replace(found, because=f"{found.because} {since}")

    def decide(self, id_: str, decision: Decision) -> Saved:
        """Keep what a named person decided on a shortlist; earlier decisions stay.

        Raises BadInput naming what the decision lacks.
        """
        saved = self.saved(id_)
        kept = checked(decision, saved, self.matcher.register)
        self.records.append([entries.of_decision(saved, kept, self.today().isoformat())])
        return self.saved(id_)

    def export(self, id_: str, form: str) -> Export:
        """A kept shortlist as a file, 'csv' or 'xlsx', with what was decided.

        Raises Undecided for a list of whom to invite that nobody decided on.
        """
        content = exports.WRITERS[form](self.saved(id_))
        return Export(f"shortlist-{id_}.{form}", exports.MEDIA_TYPES[form], content)

    def exposure(
        self,
        *,
        since: date | None = None,
        until: date | None = None,
        purpose: str = "",
        limit: int = 100,
    ) -> Sequence[Exposure]:
        """Who was suggested, invited and chosen how often, most often first."""
        found = self.records.exposure(
            since=since.isoformat() if since else "",
            until=until.isoformat() if until else "",
            purpose=purpose,
            limit=limit,
        )
        register = self.matcher.register
        rows = [register.row(one.provider) for one in found]
        names = ["" if r is None else register.organisations[r].provider.name for r in rows]
        return [replace(one, name=name) for one, name in zip(found, names, strict=True)]

    def suppress(self, id_: str, *, by: str, why: str) -> Suppressed:
        """Take an organisation out at its own request: of kept records, register and exports.

        That it was done is recorded, under a pseudonym.  An organisation that the register
        does not know is taken out of the records and kept out of the register.
        Raises BadInput where `by` or `why` is not said.
        """
        register = self.matcher.register
        return suppress(self.records, register, id_, by=by, why=why)

    # --- what is known -----------------------------------------------------------------

    def provider(self, id_: str) -> Profile:
        """One provider with everything known of it.

        Raises Missing where the register does not know it.
        """
        matcher = self.matcher
        row = _row(matcher, id_)
        one, register = matcher.register.organisations[row], matcher.register
        won = (register.awards[int(number)] for number in reversed(register.won.of(row)))
        past = tuple(
            PastContract(a.id, a.lot.title, a.lot.buyer, a.day, a.value, (), "", a.source)
            for a in won
        )
        return Profile(one, facts(one.records), past)

    def providers(self, said: str, limit: int = 10) -> Sequence[NameHit]:
        """The providers that go by a name, also misspelt or begun, or by a number."""
        return beginning_with(self.matcher.register, said, limit)

    def matches(self, sought: NameQuery, limit: int = 10) -> Sequence[NameHit]:
        """The providers that may be the one sought, by name, numbers and postcode."""
        return look_up(self.matcher.register, sought, limit)

    def places(self, said: str, limit: int = 5) -> Sequence[Place]:
        """The places that go by a name, a code or a postcode."""
        return places_called(self.matcher.register, said, limit)

    def register(self) -> dict[str, Json]:
        """The register in force: version, counts and sources."""
        return metadata.register(self.matcher)

    def models(self) -> dict[str, Json]:
        """The bundle that ranks, its features and their weights."""
        return metadata.models(self.matcher)

    def transparency(self) -> str:
        """A draft of the algorithmic transparency record, as Markdown, of what runs today."""
        return atrs.draft(self.matcher, self.today())

    def rules(self, on: date | None = None) -> dict[str, Json]:
        """The rulebook in force on a day, and the rule packs that can be named."""
        book: Rulebook = self.matcher.rulebook
        return {**book.describe(on or self.today()), "procedures": metadata.procedures(self.packs)}


def _row(matcher: Matcher, id_: str) -> int:
    row = matcher.register.row(id_)
    if row is None:
        raise Missing(f"no provider {id_!r} is in this register; ids look like GB-CHC-1234567")
    return row


def _check_size(lots: int, limit: int) -> None:
    if lots * limit > MOST_SUGGESTIONS:
        raise BadInput(
            f"lots: {lots:,} lots with limit {limit:,} are up to {lots * limit:,} suggestions, and "
            f"{MOST_SUGGESTIONS:,} can be asked for at once; ask for fewer lots or a lower limit"
        )


def _key(key: str, lot: Lot, found: Sequence[Lot], keys: Container[str]) -> str:
    """The key of one of the lots found under `key`."""
    if len(found) == 1:
        return key
    own = f"{key}/{lot.id.partition('#')[2] or lot.id}"
    if own in keys:
        raise BadInput(f"lots: {own!r} is also how lot {lot.id} of {key!r} is called; rename it")
    return own


def _changes(entry: Entry, was: Answer, now: Answer) -> Iterator[Difference]:
    """What is no longer the same, the causes before the effects."""
    if entry.body is not None and digest(entry.body) != entry.digest:
        yield Difference("record", "as written", "an organisation's fields were removed since")
    yield from Difference.between(_causes(was), _causes(now))
    then_ids, now_ids = (" ".join(s.id for s in one.suggestions) for one in (was, now))
    if then_ids != now_ids:
        yield Difference("suggestions", then_ids, now_ids)
    elif encode(was.suggestions) != encode(now.suggestions):
        yield Difference(
            "suggestions", "the same, in the same order", "with other reasons or scores"
        )


def _causes(one: Answer) -> dict[str, str]:
    pack = one.procedure.digest if one.procedure else ""
    causes = {"register": one.register, "model": one.model, "rulebook": one.rulebook}
    return {**causes, "procedure": pack}
