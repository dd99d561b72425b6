"""What changed between two pictures of one place."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.core.errors import BadInput
from matcher.core.formatting import count, long_date, month_name, pounds
from matcher.place.classes import VCSE
from matcher.place.money import Spending
from matcher.place.picture import Picture


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
