"""What is known: providers, places, the register, the bundle, the rules, and exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from api.errors import Missing
from api.records.exposure import Exposure, ListFilter
from api.service import metadata
from api.service import transparency as transparency_record
from api.service.context import ServiceContext
from api.service.funnel import Funnel, funnel
from api.service.metadata import Models, RegisterInForce
from api.service.results import Suppressed
from api.service.rules import RulesInForce, rules_in_force
from api.service.suppression import suppress
from matcher.core.formatting import month_name, tidy_name
from matcher.core.types import Fact, Organisation
from matcher.ranking.matcher import Matcher
from matcher.ranking.shortlist import PastContract
from matcher.register.build import decisions
from matcher.register.build.decisions import MergeDecisions
from matcher.register.doubtful import DoubtfulPair, doubtful_pairs
from matcher.register.linkage.merge import facts
from matcher.register.linkage.told_pairs import pair_of
from matcher.register.place_search import Place, find_places
from matcher.register.register import Register
from matcher.register.search import NameHit, NameQuery, complete, look_up


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider: the best value of each field, each fact with its source, past contracts."""

    organisation: Organisation
    facts: tuple[Fact, ...]
    past: tuple[PastContract, ...]


@dataclass(frozen=True, slots=True)
class ExposurePage:
    """Providers, those listed most often first; give `next` as `page` to get the next page."""

    exposure: list[Exposure]
    next: str | None


@dataclass(frozen=True, slots=True)
class ExposureTotals:
    """Places on lists: of all providers, of the five listed most, of those without a contract."""

    providers: int
    places: int
    top_five: int
    without_contract: int


@dataclass(frozen=True, slots=True)
class RegisterService:
    """Looks up providers and places, describes what ranks, and suppresses organisations."""

    context: ServiceContext

    def provider(self, id_: str) -> Profile:
        """Everything known of one provider.  Raises Missing where the register lacks it."""
        matcher = self.context.matcher
        register = matcher.register
        row = provider_row(matcher, id_)
        organisation = register.organisations[row]
        awards = (register.awards[int(number)] for number in reversed(register.won.of(row)))
        past = tuple(
            PastContract(
                id=a.id,
                title=a.lot.title,
                buyer=tidy_name(a.lot.buyer),
                day=a.day,
                value=a.value,
                alike=(),
                category="",
                source=a.source,
            )
            for a in awards
        )
        return Profile(organisation, facts(organisation.records), past)

    def payments(self, id_: str) -> Sequence[PaidBy]:
        """What public bodies paid one provider.  Raises Missing where the register lacks it."""
        matcher = self.context.matcher
        return paid_to(matcher.register, provider_row(matcher, id_))

    def search(self, text: str, limit: int = 10) -> Sequence[NameHit]:
        """The providers with this name, misspelt or incomplete, or with this number."""
        return complete(self.context.matcher.register, text, limit)

    def match(self, query: NameQuery, limit: int = 10) -> Sequence[NameHit]:
        """The providers that may be the one described by name, numbers and postcode."""
        return look_up(self.context.matcher.register, query, limit)

    def places(self, text: str, limit: int = 5) -> Sequence[Place]:
        """The places with this name, code or postcode."""
        return find_places(self.context.matcher.register, text, limit)

    def describe(self) -> RegisterInForce:
        """The register in force: version, counts and sources."""
        return metadata.register(self.context.matcher)

    def models(self) -> Models:
        """The bundle that ranks, its features and their weights."""
        return metadata.models(self.context.matcher)

    def rules(self, on: date | None = None) -> RulesInForce:
        """The rulebook in force on a day (today), and the procedure rules that can be named."""
        rulebook, packs = self.context.matcher.rulebook, self.context.procedures
        return rules_in_force(rulebook, on or self.context.today(), packs)

    def transparency_record(self) -> str:
        """A draft of the algorithmic transparency record, as Markdown, of what runs today."""
        return transparency_record.draft(self.context.matcher, self.context.today())

    def exposure(
        self,
        lists: ListFilter = ListFilter(),  # noqa: B008 - it never changes
        *,
        limit: int = 100,
        skip: int = 0,
        up_to: int | None = None,
    ) -> Sequence[Exposure]:
        """How often each provider was suggested, invited and chosen, most often first.

        The first `skip` are left out.  `up_to` is the number of the last entry that counts.
        """
        counts = self.context.records.exposure(lists, limit=limit, skip=skip, up_to=up_to)
        return self._told(counts, lists)

    def exposure_totals(self, lists: ListFilter) -> ExposureTotals:
        """How many places on lists providers took, and how many went to a few or to new ones."""
        register = self.context.matcher.register
        came = self.context.records.journeys(lists)
        listed = Counter[str]()
        for each in came:
            listed[each.provider] += each.listed
        rows = {id_: register.row(id_) for id_ in listed}
        new = (
            id_ for id_, row in rows.items() if row is not None and not len(register.won.of(row))
        )
        return ExposureTotals(
            providers=len({each.provider for each in came}),
            places=listed.total(),
            top_five=sum(count for _, count in listed.most_common(5)),
            without_contract=sum(listed[id_] for id_ in new),
        )

    def _told(self, counts: Sequence[Exposure], lists: ListFilter) -> list[Exposure]:
        """The counts with names, and with how often each provider answered and was awarded."""
        register = self.context.matcher.register
        rows = [register.row(count.provider) for count in counts]
        names = ["" if r is None else register.organisations[r].provider.name for r in rows]
        came = self.context.records.journeys(lists, [count.provider for count in counts])
        answered, awarded = Counter[str](), Counter[str]()
        for each in came:
            answered[each.provider] += each.answered
            awarded[each.provider] += each.awarded
        return [
            replace(
                count,
                name=name,
                answered=answered[count.provider],
                awarded=awarded[count.provider],
            )
            for count, name in zip(counts, names, strict=True)
        ]

    def funnel(self, lists: ListFilter) -> Funnel:
        """How many listed providers were invited, answered and were awarded, by size and kind."""
        return funnel(self.context.records.journeys(lists), self.context.matcher.register)

    def exposure_of(self, id_: str) -> Exposure | None:
        """How often one provider was suggested, invited and chosen, under any of its ids.

        None where it never was.  Raises Missing where the register lacks it.
        """
        matcher = self.context.matcher
        provider = matcher.register.organisations[provider_row(matcher, id_)].provider
        counts = self.context.records.exposure(providers=(provider.id, *provider.ids))
        own = [count for count in counts if count.provider == provider.id]
        return next(iter(self._told((own or counts)[:1], ListFilter())), None)

    def exposure_page(self, page: str, lists: ListFilter, limit: int) -> ExposurePage:
        """A page of the exposure: the first for '', else the one that `next` of a page names.

        What is kept after the first page was read does not count on the later ones.
        """
        entries, _, skipped = page.partition(".")
        up_to = int(entries) if page else self.context.records.head()[0]
        skip = int(skipped or 0)
        counts = self.exposure(lists, limit=limit + 1, skip=skip, up_to=up_to)
        more = len(counts) > limit
        return ExposurePage(list(counts[:limit]), f"{up_to}.{skip + limit}" if more else None)

    def doubtful(self) -> list[DoubtfulPair]:
        """Pairs of alike records that nobody has answered, the most doubtful first."""
        register = self.context.matcher.register
        decided = MergeDecisions.open(register.folder.parent)
        known = decided.apart | decided.joined
        doubts = doubtful_pairs(register)
        return [d for d in doubts if pair_of(d.pair.kept, d.pair.merged) not in known]

    def merge_decisions(self) -> list[tuple[str, str, bool]]:
        """What people decided: two ids, and whether they are of one organisation; by id."""
        decided = MergeDecisions.open(self.context.matcher.register.folder.parent)
        said = [(*pair, True) for pair in decided.joined] + [(*p, False) for p in decided.apart]
        return sorted(said)

    def alike_names(self) -> dict[str, str]:
        """The name of each record, by its id, of which a person may be asked."""
        pairs = [doubt.pair for doubt in doubtful_pairs(self.context.matcher.register)]
        return {p.kept: p.kept_name for p in pairs} | {p.merged: p.merged_name for p in pairs}

    def decide_merge(self, id_a: str, id_b: str, *, same: bool) -> None:
        """Write whether two ids are of one organisation; the next build follows it."""
        decisions.decide(self.context.matcher.register.folder.parent, id_a, id_b, same=same)

    def undo_merge_decision(self, id_a: str, id_b: str) -> bool:
        """Forget what was decided about two ids; whether anything was."""
        return decisions.undo(self.context.matcher.register.folder.parent, id_a, id_b)

    def suppress(self, id_: str, *, by: str, why: str) -> Suppressed:
        """Remove an organisation at its own request from kept records, register and exports.

        The removal is recorded under a pseudonym.  An organisation that the register lacks is
        removed from the records and kept out of the register.
        Raises BadInput where `by` or `why` is empty.
        """
        register = self.context.matcher.register
        return suppress(self.context.records, register, id_, by=by, why=why)


def provider_row(matcher: Matcher, id_: str) -> int:
    """The row of a provider in the register.  Raises Missing where the register lacks it."""
    row = matcher.register.row(id_)
    if row is None:
        raise Missing(f"no provider {id_!r} is in this register; ids look like GB-CHC-1234567")
    return row


def others_who_won(register: Register, row: int, contract: PastContract) -> int:
    """How many other suppliers have the contract too, which a provider has won; 0 if unknown."""
    won = register.won.of(row)
    that_day = won[register.columns.award_day[won] == contract.day.toordinal()]
    numbers = (int(n) for n in that_day if register.awards[int(n)].id == contract.id)
    return max((len(register.winners.of(number)) - 1 for number in numbers), default=0)


_MOST_CATEGORIES = 3


@dataclass(frozen=True, slots=True)
class PaidBy:
    """What one public body paid: pounds in all, how often, the months, and the main purposes.

    `first` and `last` are months in words.  `purposes` are in the body's own words, the one that
    most was paid for first.
    """

    body: str
    pounds: float
    times: int
    first: str
    last: str
    purposes: tuple[str, ...]


def paid_to(register: Register, row: int) -> list[PaidBy]:
    """What each body paid the organisation in a row, the one that paid most first."""
    return sorted(_paid(register, row), key=lambda paid: (-paid.pounds, paid.body))


def _paid(register: Register, row: int) -> Iterator[PaidBy]:
    payments = register.payments
    if payments is None:
        return
    _, cells = payments.cells_of(np.array([row]))
    bodies, categories = payments.body_of(cells), payments.category_of(cells)
    for number in np.unique(bodies):
        own = cells[bodies == number]
        paid, kinds = payments.pence[own], categories[bodies == number]
        by_kind = {int(kind): int(paid[kinds == kind].sum()) for kind in np.unique(kinds)}
        largest = sorted((-pence, kind) for kind, pence in by_kind.items() if kind >= 0)
        months = payments.month[own]
        yield PaidBy(
            body=payments.bodies[int(number)].name,
            pounds=float(paid.sum()) / 100,
            times=int(payments.count[own].sum()),
            first=month_name(int(months.min())),
            last=month_name(int(months.max())),
            purposes=tuple(payments.categories[kind] for _, kind in largest[:_MOST_CATEGORIES]),
        )
