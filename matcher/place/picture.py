"""The picture of a place: where the money goes, who is here, what is siloed, and what comes up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.core.errors import BadInput
from matcher.core.formatting import count, long_date, month_name, pounds
from matcher.geo.councils import Area, AreaKind
from matcher.market.assessment import Basis
from matcher.place.classes import SIZES, UNKNOWN, VCSE, PlaceView
from matcher.place.ledger import AWARDS, PAYMENTS, Ledger, ledger
from matcher.place.money import Money, Spending, money
from matcher.place.services import (
    ServiceFinder,
    ServiceHere,
    bought_elsewhere,
    services_here,
)
from matcher.place.together import SharedNeed, shared_kinds, shared_needs
from matcher.place.upcoming import Upcoming, upcoming
from matcher.ranking.matcher import Matcher
from matcher.register.register import Register

DEFINITIONS = {
    "local": "The organisation has a known address in the area.",
    "near": "It has none there, and one in an area that borders it.",
    "elsewhere": "All its known addresses are further away.",
    "unknown": "It is in no register that was read, or its address or size is not known. Unknown "
    "is never counted as anything else.",
    "micro, small, medium, large": "By yearly income: under £100,000, under £1 million, under £10 "
    "million, and £10 million or more. One that reports 250 or more staff is large, and so is one "
    "that three or more buyers do not call an SME, if nothing else is known of its size.",
    "VCSE": "A charity, community interest company, co-operative or community group of any size.",
    "HHI": "How concentrated spending is: the sum of the squares of the payees' shares in per "
    "cent. 10,000 is one payee; under 1,000 is spread widely.",
    "local share": "Local pounds as a share of the pounds whose place is known. It is left out "
    "where the place of less than 60% of the pounds is known.",
}
"""What the words of a picture mean."""


@dataclass(frozen=True, slots=True)
class Here:
    """The organisations with an address in the area."""

    organisations: int
    vcse: int
    small: int
    size_unknown: int
    with_work: int
    """with a public contract or payment that is known"""


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of one place on one day."""

    code: str
    name: str
    on: date
    money: Money
    neighbours: tuple[Spending, ...]
    """the same for councils next to it whose payments are known, each seen from its own area"""
    here: Here
    services: tuple[ServiceHere, ...]
    elsewhere: tuple[ServiceHere, ...]
    """services bought elsewhere although three or more local providers are known"""
    together: tuple[SharedNeed, ...]
    upcoming: tuple[Upcoming, ...]
    basis: Basis
    notes: tuple[str, ...]
    definitions: dict[str, str]
    kinds: tuple[SharedNeed, ...] = ()
    """kinds of service that several departments or councils buy in different words"""

    @property
    def thin(self) -> tuple[ServiceHere, ...]:
        """The services with fewer than three local providers."""
        return tuple(service for service in self.services if service.thin)


def picture_of(
    matcher: Matcher,
    area: Area,
    on: date,
    *,
    beside: Sequence[Area] | None = None,
    read_markets: bool = False,
) -> Picture:
    """The picture of an area on a day.

    `beside` are the areas to compare it with; by default the councils next to it whose payments
    the register has.  `read_markets` also reads the market of each contract that ends, and
    proposes a split of it, which takes about a second each.
    Raises BadInput for an area that is no council's.
    """
    if area.kind not in (AreaKind.COUNCIL, AreaKind.COUNTY):
        raise BadInput(f"area {area.name!r} is a {area.kind.value}: name a council or county")
    register = matcher.register
    view = PlaceView(register, area)
    book = ledger(register, area)
    spent = money(view, book, area.name)
    others = list(_beside(matcher, view, book) if beside is None else beside)
    books = [(other.name, ledger(register, other)) for other in others]
    own = [(area.name, book), *books]
    background = matcher.bundle.knowledge.background
    services = services_here(view, book, spent.by_service, background)
    finder = ServiceFinder.of(view, background)
    return Picture(
        code=area.code,
        name=area.name,
        on=on,
        money=spent,
        neighbours=tuple(
            money(PlaceView(register, other), theirs, other.name).total
            for other, (_, theirs) in zip(others, books, strict=True)
            if len(theirs.row)
        ),
        here=_here(view),
        services=services,
        elsewhere=bought_elsewhere(services),
        together=shared_needs(register, own),
        upcoming=upcoming(matcher, finder, on, read_markets=read_markets),
        basis=Basis(register.version, matcher.bundle.version, matcher.rulebook.name, (), ()),
        notes=tuple(_notes(spent, services)),
        definitions=DEFINITIONS,
        kinds=shared_kinds(register, own, _by_awards(register, view, own)),
    )


def _beside(matcher: Matcher, view: PlaceView, book: Ledger) -> list[Area]:
    """The councils around a place whose payments are known, if its own are."""
    payments, councils = matcher.register.payments, matcher.register.councils
    if payments is None or book.basis != PAYMENTS:
        return []
    found = {
        body.code: area
        for body in payments.bodies
        if (area := councils.areas.get(body.code)) is not None
        and area.code != view.area.code
        and not area.kind.wide
        and not view.near.isdisjoint(area.councils)
    }
    return sorted(found.values(), key=lambda area: area.name)


def _by_awards(
    register: Register, view: PlaceView, books: Sequence[tuple[str, Ledger]]
) -> list[tuple[str, Ledger]]:
    """The awards of the councils around a place whose payments are not among the books."""
    known = {name for name, _ in books}
    areas = (register.councils.areas[code] for code in sorted(view.near))
    return [
        (area.name, found)
        for area in areas
        if area.name not in known and (found := ledger(register, area)).basis == AWARDS
    ]


def _here(view: PlaceView) -> Here:
    rows = view.here()
    sizes = view.sizes(rows)
    return Here(
        organisations=len(rows),
        vcse=int(view.vcse(rows).sum()),
        small=int(view.small(rows).sum()),
        size_unknown=int((sizes == SIZES.index(UNKNOWN)).sum()),
        with_work=int(view.with_public_work(rows).sum()),
    )


def _notes(spent: Money, services: Sequence[ServiceHere]) -> list[str]:
    total = spent.total
    notes = []
    if not spent.by_year:
        notes.append(
            "The register has no payments and no awards of this council. Add what it publishes: "
            "matcher build --spend FILE."
        )
    elif spent.basis != PAYMENTS:
        notes.append(
            "The register has no payments of this council, so this shows the value of contracts "
            "that it announced. Many contracts are never announced, and values are of whole "
            "contracts, not of what was paid."
        )
    if spent.by_year and not total.sure:
        notes.append(
            f"The place of only {total.placed:.0%} of the pounds is known, so no shares of places "
            "are claimed. Add registers of organisations, such as Companies House, to know more."
        )
    if services and not any(service.providers for service in services):
        notes.append("No local providers are known for any service: the register may be thin here.")
    return notes


def changes(then: Picture, now: Picture) -> tuple[str, ...]:
    """What changed from an earlier picture to a later one, in sentences.

    Raises BadInput where they are of two places.
    """
    if then.code != now.code:
        raise BadInput(f"the earlier picture is of {then.name}, and this one of {now.name}")
    return tuple(_changes(then, now))


def _changes(then: Picture, now: Picture) -> Iterator[str]:
    since = long_date(then.on)
    if then.basis.register == now.basis.register and then.on == now.on:
        yield f"Nothing: the register is the same as on {since}."
        return
    if now.money.last != then.money.last and now.money.last:
        yield (
            f"Payments now reach to {month_name(now.money.last)}"
            + (
                f"; on {since} they reached to {month_name(then.money.last)}."
                if then.money.last
                else "."
            )
        )
    yield _of_year(then, now)
    yield _count(
        "Organisations with an address here", then.here.organisations, now.here.organisations
    )
    yield _count("Of them with public work", then.here.with_work, now.here.with_work)
    was, is_ = {s.name for s in then.thin}, {s.name for s in now.thin}
    if is_ - was:
        yield f"Newly thin: {', '.join(sorted(is_ - was))}."
    if gone := (was - is_) & {s.name for s in now.services}:
        yield f"No longer thin: {', '.join(sorted(gone))}."
    old, new = {c.id for c in then.upcoming}, {c.id for c in now.upcoming}
    if new - old:
        more = count(len(new - old), "more contract ends or is", "more contracts end or are")
        yield f"{more} announced for the next 24 months."


def _of_year(then: Picture, now: Picture) -> str:
    """The newest year of each picture, which may be the same year with more months in it."""
    if not then.money.by_year or not now.money.by_year:
        return "One of the two pictures has no money in it."
    old, new = then.money.by_year[0], now.money.by_year[0]
    return (
        f"Spent in {new.name}: {pounds(round(new.pence / 100))} (in {old.name} of the earlier "
        f"picture: {pounds(round(old.pence / 100))}). Local share of known places: {_share(new)} "
        f"(before: {_share(old)}). VCSE share: {new.size_shares[VCSE]:.1%} (before: "
        f"{old.size_shares[VCSE]:.1%})."
    )


def _share(of: Spending) -> str:
    share = of.local_share
    return "not known" if share is None else f"{share:.1%}"


def _count(what: str, then: int, now: int) -> str:
    return f"{what}: {now:,} ({now - then:+,})."
